import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { credentialsFor, type DockerConfig } from "../workload/DockerConfig.ts"
import { type ImageReference, isGoogleHosted } from "../workload/ImageReference.ts"
import { type RegistryCredentials, withToken } from "../workload/RegistryCredentials.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { MetadataError } from "../vm/metadata/MetadataError.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { type OperationTimeout } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { tell } from "../progress/Progress.ts"
import { type DeclarationOrigin, isFinalFor } from "./DeclarationOrigin.ts"

/** What can keep a registry's credentials from being known. */
export type AccessError = MetadataError | OperationTimeout | PullSecretInvalid

/** A secret of `imagePullSecrets` from Secret Manager that is no Docker configuration. */
export class PullSecretInvalid extends Schema.TaggedError<PullSecretInvalid>()("PullSecretInvalid", {
  /** As declared. */
  secret: Schema.String,
  /** In words that follow its name; nothing of the value is in it. */
  detail: Schema.String
}) {
  get advice() {
    return 'Its value must be a Docker configuration, as in {"auths": {"registry.example": {"auth": "<base64 of user:password>"}}}.'
  }
  override get message() {
    return `the secret ${this.secret} of imagePullSecrets ${this.detail}`
  }
}

/** How an image's registry is asked. */
export interface RegistryAccess {
  /** Waits until it is known what the registry will be shown. */
  readonly ready: Effect.Effect<void, AccessError>
  /**
   * Asks the registry, with credentials if there are some for it. A token can expire while a run waits or pulls: if the
   * registry refuses one from metadata, a fresh one is fetched and the registry asked again. A token from the settings is
   * not replaced.
   */
  readonly ask: <A, E, R>(
    ask: (credentials: Option.Option<RegistryCredentials>) => Effect.Effect<A, E | DockerError, R>
  ) => Effect.Effect<A, E | DockerError | AccessError, R>
}

/**
 * How each image's registry is asked. What `imagePullSecrets` have for it comes first, as kubelet has it. Images that
 * Google hosts share the token of the settings, else the VM's own; all others get none, whatever the settings say.
 * Without a token public images can still be pulled.
 */
export const makeRegistryAccess = Effect.fnUntraced(function* (
  images: ReadonlyArray<ImageReference>,
  settings: { readonly token: Option.Option<Redacted.Redacted> },
  source: DeclarationOrigin,
  pullSecrets: Effect.Effect<DockerConfig, AccessError>
) {
  const ofGoogle = images.find(isGoogleHosted)
  const shared =
    ofGoogle === undefined
      ? anonymous
      : Option.isSome(settings.token)
        ? fixed(Option.some(withToken(settings.token.value)))
        : yield* makeVmAccess(ofGoogle.domain, source)
  return (image: ImageReference): RegistryAccess =>
    withPullSecrets(
      Effect.map(pullSecrets, (config) => credentialsFor(config, image)),
      isGoogleHosted(image) ? shared : undefined
    )
})

/** Each of the credentials is tried until one is not refused, then what there is besides. */
const withPullSecrets = (
  credentials: Effect.Effect<ReadonlyArray<RegistryCredentials>, AccessError>,
  besides: RegistryAccess | undefined
): RegistryAccess => ({
  ready: Effect.all([credentials, besides?.ready ?? Effect.void], { concurrency: 2, discard: true }),
  ask: (ask) =>
    Effect.flatMap(credentials, ([first, ...others]) => {
      if (first === undefined) return (besides ?? anonymous).ask(ask)
      const tried = others.reduce(
        (asked, next) => Effect.catchIf(asked, isRefusedByRegistry, () => ask(Option.some(next))),
        ask(Option.some(first))
      )
      return besides === undefined ? tried : Effect.catchIf(tried, isRefusedByRegistry, () => besides.ask(ask))
    })
})

const fixed = (credentials: Option.Option<RegistryCredentials>): RegistryAccess => ({
  ready: Effect.void,
  ask: (ask) => ask(credentials)
})
const anonymous = fixed(Option.none())

/** With the VM's own token. */
const makeVmAccess = Effect.fnUntraced(function* (domain: string, source: DeclarationOrigin) {
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

  const access: RegistryAccess = {
    ready: Effect.suspend(() => Effect.asVoid(current)),
    ask: Effect.fnUntraced(function* (ask) {
      const used = current
      const shown = yield* used
      const askWith = (token: typeof shown) => ask(Option.map(token, withToken))
      return yield* askWith(shown).pipe(
        Effect.catchIf(isRefusal, (refusal) =>
          Option.isNone(shown)
            ? Effect.fail(refusal)
            : Effect.flatMap(
                // The operator needs the registry's reason, not that metadata is away as well.
                Effect.mapError(fresh(used), () => refusal),
                askWith
              )
        )
      )
    })
  }
  return access
})

/** The registry has no such image, or none that may be read with these credentials; others may read it. */
export const isRefusedByRegistry = (error: unknown): error is DockerError =>
  isRefusal(error) ||
  (Predicate.isTagged(error, "DockerError") && (error as DockerError).reason._tag === "ImageNotFound")

/** The registry refuses the token, or its account may not read the image: the answer is the same. */
const isRefusal = (error: unknown): error is DockerError =>
  Predicate.isTagged(error, "DockerError") && (error as DockerError).reason._tag === "ImageAccessDenied"
