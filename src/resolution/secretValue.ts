import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { SecretSource } from "../workload/ValueSource.ts"
import type { FileContent } from "../workload/VolumeFile.ts"
import { describeSecretVersion } from "../workload/SecretVersion.ts"
import type { FoundSecret, SecretError } from "./findSecrets.ts"
import { SecretUnusable } from "./ResolutionError.ts"
import type { ResolvedValue } from "./resolveWorkload.ts"

/** The value of a variable from a secret; undefined where there is none and there need be none. */
export const secretValue = (
  source: SecretSource,
  found: FoundSecret
): Result.Result<ResolvedValue | undefined, SecretError | SecretUnusable> =>
  fromSecret(source, found, {
    read: ({ data, name }) =>
      Result.mapBoth(textOf(Redacted.value(data)), {
        onSuccess: (value): ResolvedValue => ({ value, identity: name }),
        onFailure: (detail) => new SecretUnusable({ secret: describeSecretVersion(source.secret), detail })
      }),
    unread: ({ name, error }) => ({ value: "", identity: name, unread: error.message })
  })

/** The content of a file from a secret, likewise: whatever bytes it has. */
export const secretContent = (
  source: SecretSource,
  found: FoundSecret
): Result.Result<FileContent | undefined, SecretError> =>
  fromSecret(source, found, {
    read: ({ data, name }) => Result.succeed<FileContent>({ data, isSecret: true, identity: name }),
    unread: ({ name, error }) => ({ data: nothing, isSecret: true, identity: name, unread: error.message })
  })

type Found<Tag extends FoundSecret["_tag"]> = Extract<FoundSecret, { readonly _tag: Tag }>

/** What a secret is to whoever takes it: read, or not read although a version of it is known. */
const fromSecret = <A, E>(
  { isOptional }: SecretSource,
  found: FoundSecret,
  take: {
    readonly read: (found: Found<"Read">) => Result.Result<A, E>
    readonly unread: (found: Found<"Unread">) => A
  }
): Result.Result<A | undefined, SecretError | E> => {
  switch (found._tag) {
    case "Read":
      return take.read(found)
    case "Absent":
      return isOptional ? Result.succeed(undefined) : Result.fail(found.error)
    case "Unread":
      return Result.succeed(take.unread(found))
    case "Failed":
      return Result.fail(found.error)
  }
}

const nothing = Redacted.make(new Uint8Array())

/** An environment has texts, and each ends at its first NUL. The failure follows the secret's name. */
const textOf = (bytes: Uint8Array): Result.Result<string, string> =>
  Result.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () => "is not a text in UTF-8"
  }).pipe(
    Result.filterOrFail(
      (text) => !text.includes("\0"),
      () => "has a NUL in it"
    )
  )
