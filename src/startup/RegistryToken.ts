import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { type ImageReference, isGoogleHosted } from "../declaration/ImageReference.ts"
import { MetadataProvider } from "../vm/MetadataProvider.ts"
import { attempt } from "./Deadlines.ts"
import { tell } from "./Progress.ts"
import { type DeclarationOrigin, finalWithout } from "./readDeclaration.ts"
import type { Settings } from "./Settings.ts"

/**
 * What the registry is shown, asked for at most once: for images that Google hosts the token of the settings, else the
 * VM's own; for all others none, whatever the settings hold. A VM that has no token can still pull what is public.
 */
export const makeRegistryToken = Effect.fnUntraced(function* (
  image: ImageReference,
  settings: Pick<Settings, "token">,
  source: DeclarationOrigin
) {
  const metadata = yield* MetadataProvider
  const none = Option.none<Redacted.Redacted>()
  const asked = metadata.token.pipe(
    attempt("TOKEN", "read the service account's token from metadata", finalWithout(source)),
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
            text: `no service account to show to ${image.domain}: only what is public can be pulled`
          })
    )
  )
  const shown = !isGoogleHosted(image)
    ? Effect.succeed(none)
    : Option.isSome(settings.token)
      ? Effect.succeed(settings.token)
      : asked
  return yield* Effect.cached(shown)
})
