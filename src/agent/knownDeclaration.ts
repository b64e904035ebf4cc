import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Declared, isSameText, readDeclaration, rereadDeclaration } from "../startup/readDeclaration.ts"
import type { DeclarationReading } from "../startup/Reading.ts"
import { Deadlines } from "../timing/Deadlines.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import { followsTags, isOfEngine, type Occasion } from "./Occasion.ts"

/** What is declared in metadata, as far as an agent knows it without asking again. */
export interface KnownDeclaration {
  /** Whoever watches metadata was told this. Gives whether that is news: it is not known to have been told last. */
  readonly told: (declaration: Option.Option<DeclarationText>) => boolean
  /** The last that was told; undefined where nothing was, or nothing is declared. */
  readonly lastTold: () => DeclarationText | undefined
  /** Whether the last look had the last good declaration, as metadata did not tell the present one. */
  readonly hasLastGood: () => boolean
  /**
   * Why to look, as the watch was told another declaration than before; undefined where the last look has been at that
   * already.
   */
  readonly occasionOfChange: () => Occasion | undefined
  /** Whether a look has read it, be it none. */
  readonly hasRead: () => boolean
  /**
   * Reads the declaration for a look; what is known is used instead once `hurries` ends, as a container that is to run
   * again waits for nothing that it does not need.
   */
  readonly readingFor: (occasion: Occasion, hurries: Effect.Effect<void>) => DeclarationReading
}

/** Knows what a look has read since, or else what was told last, or what a look has had last, be it the last good one. */
export const makeKnownDeclaration = (): KnownDeclaration => {
  let told = Option.none<DeclarationText>()
  let toldBefore = Option.none<DeclarationText>()
  /** What a look has read that the watch has not been told. */
  let untold = Option.none<Declared>()
  /** Whether a look has read something else since. Which of both is newer, nobody says: what runs by now stays. */
  let isContradicted = false
  /** What the last look had; none where it could read nothing. */
  let read = Option.none<Declared>()
  let hasRead = false
  /** Whether a look that had it followed its tags. */
  let hasFollowed = false
  /** What the last look had that could read something, and whether that was another than the look before had. */
  let had = Option.none<Declared>()
  let isNew = false
  const isOther = (declared: Option.Option<Declared>): boolean => Option.isSome(declared) && !areSame(had, declared)
  const have = (declared: Option.Option<Declared>, occasion: Occasion) =>
    Effect.sync(() => {
      isNew = isOther(declared)
      hasFollowed = isNew || followsTags(occasion) || (areSame(read, declared) && hasFollowed)
      had = declared
      read = declared
    })
  const known = Effect.sync(() => {
    const fromWatch = Option.map(told, (declaration): Declared => ({ ...declaration, source: "metadata" }))
    return Option.firstSomeOf(isContradicted ? [untold, read, fromWatch] : [untold, fromWatch, read])
  })
  const forget = Effect.sync(() => {
    told = Option.none()
    read = Option.none()
    untold = Option.none()
  })
  /**
   * A server that is asked twice may answer a look with what was before. What the watch has not been told is newer: it may
   * wait for an answer that does not come.
   */
  const isTold = (declared: Declared) => [told, toldBefore].some((known) => areSame(known, Option.some(declared)))
  const remember = (declared: Option.Option<Declared>) =>
    Effect.sync(() => {
      hasRead = true
      untold = Option.filter(declared, (one) => !isTold(one))
      isContradicted = Option.isSome(declared) && !areSame(told, declared)
      if (!Option.exists(declared, ({ source }) => source === "metadata")) told = Option.none()
    })
  return {
    told: (declaration) => {
      // Told again, it is no newer than what a look has read since: a server may answer polls later than reads.
      if (areSame(told, declaration)) return false
      toldBefore = told
      told = declaration
      isContradicted = false
      untold = Option.none()
      return Option.isSome(declaration)
    },
    lastTold: () => Option.getOrUndefined(told),
    hasLastGood: () => Option.exists(had, ({ source }) => source === "last good"),
    occasionOfChange: () => {
      if (!areSame(read, told)) return { _tag: "DeclarationChanged" }
      // The tags of what is declared are followed once, and that the last good one is that is known by now.
      const isOfMetadata = Option.exists(read, ({ source }) => source === "metadata")
      return isOfMetadata && hasFollowed ? undefined : { _tag: "TagsDue" }
    },
    hasRead: () => hasRead,
    readingFor: (occasion, hurries) => ({
      isNew: () => isNew,
      reread: Effect.fnUntraced(function* (declared, settings) {
        const again = yield* rereadDeclaration(declared, settings)
        if (Option.isNone(settings.declaration)) yield* remember(again)
        yield* have(again, occasion)
        return again
      }),
      read: Effect.fnUntraced(
        function* (settings) {
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
        },
        Effect.tap((one) => have(one, occasion))
      )
    })
  }
}

/** Whether both are there, and say the same. */
const areSame = (one: Option.Option<DeclarationText>, other: Option.Option<DeclarationText>): boolean =>
  Option.exists(one, (text) => Option.exists(other, (another) => isSameText(text, another)))
