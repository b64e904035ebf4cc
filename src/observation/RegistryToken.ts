import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Redacted from "effect/Redacted"
import { type ImageReference, isGoogleHosted } from "../workload/ImageReference.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { MetadataError } from "../vm/metadata/MetadataError.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { type OperationTimeout } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { tell } from "../progress/Progress.ts"
import { type DeclarationOrigin, isFinalFor } from "./DeclarationOrigin.ts"

type Token = Option.Option<Redacted.Redacted>

/** The token for a registry. Metadata is asked once, and again if the registry refuses its token. */
export interface RegistryToken {
  /** `none` for all registries but Google's, and for a VM without a service account. */
  readonly shown: Effect.Effect<Token, MetadataError | OperationTimeout>
  /**
   * Asks a registry. A token can expire while a run waits or pulls: if the registry refuses one from metadata, it is
   * asked again with a fresh one. A token from the settings is not replaced.
   */
  readonly show: <A, E, R>(
    ask: (token: Token) => Effect.Effect<A, E | DockerError, R>
  ) => Effect.Effect<A, E | DockerError | MetadataError | OperationTimeout, R>
}

/**
 * The token for each image's registry. Images that Google hosts share the token of the settings, else the VM's own; all
 * others get none, whatever the settings say. Without a token public images can still be pulled.
 */
export const makeRegistryTokens = Effect.fnUntraced(function* (
  images: ReadonlyArray<ImageReference>,
  settings: { readonly token: Token },
  source: DeclarationOrigin
) {
  const ofGoogle = images.find(isGoogleHosted)
  const shared =
    ofGoogle === undefined
      ? fixedToken(Option.none())
      : Option.isSome(settings.token)
        ? fixedToken(settings.token)
        : yield* makeVmToken(ofGoogle.domain, source)
  return (image: ImageReference): RegistryToken => (isGoogleHosted(image) ? shared : fixedToken(Option.none()))
})

const fixedToken = (token: Token): RegistryToken => ({ shown: Effect.succeed(token), show: (ask) => ask(token) })

/** The VM's own token. */
const makeVmToken = Effect.fnUntraced(function* (domain: string, source: DeclarationOrigin) {
  const metadata = yield* MetadataProvider
  const none = Option.none<Redacted.Redacted>()
  const read = metadata.token.pipe(
    attempt("TOKEN", "read the service account's token from metadata", isFinalFor(source))
  )
  const first = read.pipe(
    // A declaration from a file may be tried where there is no metadata server.
    (token) =>
      source === "metadata"
        ? token
        : source === "settings"
          ? Effect.catchReason(token, "MetadataError", "MetadataUnreachable", () => Effect.succeed(none))
          : Effect.orElseSucceed(token, () => none),
    Effect.tap((token) =>
      Option.isSome(token)
        ? Effect.void
        : tell({
            _tag: "Warning",
            text: `no service account to show to ${domain}: only what is public can be pulled`
          })
    )
  )
  // Shared by all digest look-ups and pulls, so that a renewed token serves them all.
  let current = yield* Effect.cached(first)
  const fresh = (refused: typeof current) =>
    Effect.gen(function* () {
      const renewed = yield* Effect.cached(read)
      if (current === refused) {
        current = renewed
        yield* tell({
          _tag: "Warning",
          text: `${domain} refused the VM's token, which may have expired: trying once more with a fresh one`
        })
      }
      const asked = current
      // If metadata has no other, the old token is still the best one.
      return yield* Effect.tapError(asked, () =>
        Effect.sync(() => {
          if (current === asked) current = refused
        })
      )
    })

  const token: RegistryToken = {
    shown: Effect.suspend(() => current),
    show: Effect.fnUntraced(function* (ask) {
      const used = current
      const shown = yield* used
      return yield* ask(shown).pipe(
        Effect.catchIf(isRefusal, (refusal) =>
          Option.isNone(shown)
            ? Effect.fail(refusal)
            : Effect.flatMap(
                // The operator needs the registry's reason, not that metadata is away as well.
                Effect.mapError(fresh(used), () => refusal),
                ask
              )
        )
      )
    })
  }
  return token
})

/** The registry refuses the token, or its account may not read the image: the answer is the same. */
const isRefusal = (error: unknown): error is DockerError =>
  Predicate.isTagged(error, "DockerError") && (error as DockerError).reason._tag === "ImageAccessDenied"
