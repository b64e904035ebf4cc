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
  { secret, isOptional }: SecretSource,
  found: FoundSecret
): Result.Result<ResolvedValue | undefined, SecretError | SecretUnusable> => {
  switch (found._tag) {
    case "Read":
      return Result.mapBoth(textOf(Redacted.value(found.data)), {
        onSuccess: (value): ResolvedValue => ({ value, identity: found.name }),
        onFailure: (detail) => new SecretUnusable({ secret: describeSecretVersion(secret), detail })
      })
    case "Absent":
      return isOptional ? Result.succeed(undefined) : Result.fail(found.error)
    case "Unread":
      return Result.succeed({ value: "", identity: found.name, unread: found.error.message })
    case "Failed":
      return Result.fail(found.error)
  }
}

/** The content of a file from a secret, likewise: whatever bytes it has. */
export const secretContent = (
  { isOptional }: SecretSource,
  found: FoundSecret
): Result.Result<FileContent | undefined, SecretError> => {
  switch (found._tag) {
    case "Read":
      return Result.succeed({ data: found.data, isSecret: true, identity: found.name })
    case "Absent":
      return isOptional ? Result.succeed(undefined) : Result.fail(found.error)
    case "Unread":
      return Result.succeed({ data: nothing, isSecret: true, identity: found.name, unread: found.error.message })
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
