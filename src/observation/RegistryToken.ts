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
import { type DeclarationOrigin, finalWithout } from "./DeclarationOrigin.ts"

type Token = Option.Option<Redacted.Redacted>

/** What a registry is shown. Metadata is asked for it once, and once more where the registry refuses what it gave. */
export interface RegistryToken {
  /** `none` for all registries but Google's, and for a VM without a service account. */
  readonly shown: Effect.Effect<Token, MetadataError | OperationTimeout>
  /**
   * Asks a registry. A token expires while a run waits for its turn or a pull goes on: where the registry refuses one from
   * metadata, it is asked once more with a fresh one. A token from the settings stays what it is.
   */
  readonly show: <A, E, R>(
    ask: (token: Token) => Effect.Effect<A, E | DockerError, R>
  ) => Effect.Effect<A, E | DockerError | MetadataError | OperationTimeout, R>
}

/**
 * What each image's registry is shown. For images that Google hosts it is the token of the settings, else the VM's own, which
 * they share; for all others none, whatever the settings hold. A VM that has no token can still pull what is public.
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
    attempt("TOKEN", "read the service account's token from metadata", finalWithout(source))
  )
  const first = read.pipe(
    // A declaration from a file may be tried where there is no metadata server at all.
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
  // Shared by all questions for digests and all pulls, so that what one of them has renewed serves the others.
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
      // Where metadata has no other, what it gave before is still the best that there is.
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
                // Why the registry said no is what the operator needs, not that metadata is away as well.
                Effect.mapError(fresh(used), () => refusal),
                ask
              )
        )
      )
    })
  }
  return token
})

/** The registry does not take the token, or what it stands for may not read the image: it answers both alike. */
const isRefusal = (error: unknown): error is DockerError =>
  Predicate.isTagged(error, "DockerError") && (error as DockerError).reason._tag === "ImageAccessDenied"
