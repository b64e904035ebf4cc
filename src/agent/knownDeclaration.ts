import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Declared, readDeclaration } from "../startup/readDeclaration.ts"
import { Deadlines } from "../timing/Deadlines.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import { isOfEngine, type Occasion } from "./Occasion.ts"

/** What is declared in metadata, as far as an agent knows it without asking again. */
export interface KnownDeclaration {
  /** Whoever watches metadata was told this. */
  readonly told: (declaration: Option.Option<DeclarationText>) => void
  /** The last that was told; undefined where nothing was, or nothing is declared. */
  readonly lastTold: () => DeclarationText | undefined
  /**
   * Reads the declaration for a look; what is known is used instead once `hurries` ends, as a container that is to run
   * again waits for nothing that it does not need.
   */
  readonly readingFor: (occasion: Occasion, hurries: Effect.Effect<void>) => typeof readDeclaration
}

/** Knows what was told last, or else what a look has read last, be it the last good one. */
export const makeKnownDeclaration = (): KnownDeclaration => {
  let told = Option.none<DeclarationText>()
  let read = Option.none<Declared>()
  const known = Effect.sync(() =>
    Option.orElse(
      Option.map(told, (declaration): Declared => ({ ...declaration, source: "metadata" })),
      () => read
    )
  )
  const forget = Effect.sync(() => {
    told = Option.none()
    read = Option.none()
  })
  /** A server that is asked twice may answer differently; the watch has the newer answer. */
  const remember = (declared: Option.Option<Declared>) =>
    Effect.sync(() => {
      read = declared
      if (!Option.exists(declared, ({ source }) => source === "metadata")) told = Option.none()
    })
  return {
    told: (declaration) => {
      told = declaration
    },
    lastTold: () => Option.getOrUndefined(told),
    readingFor: (occasion, hurries) =>
      Effect.fnUntraced(function* (settings) {
        if (Option.isSome(settings.declaration)) return yield* readDeclaration(settings)
        const before = yield* known
        if (isOfEngine(occasion) && Option.isSome(before)) return before
        const asked = readDeclaration(settings).pipe(
          Effect.tap(remember),
          Effect.tapError(() => forget)
        )
        if (Option.isNone(before)) return yield* asked
        const { METADATA: oneAnswer } = yield* Deadlines
        const hurry = occasion._tag === "Retried" ? Effect.asVoid(Effect.timeoutOption(hurries, oneAnswer)) : hurries
        return yield* Effect.raceFirst(asked, Effect.as(hurry, before))
      })
  }
}
