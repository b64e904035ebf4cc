import * as Duration from "effect/Duration"
import * as Runtime from "effect/Runtime"
import type { NextTry } from "../progress/Aftermath.ts"
import { backOff, jittered, spread } from "../timing/backOff.ts"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import type { Occasion } from "./Occasion.ts"

interface TimedLook {
  readonly after: Duration.Duration
  readonly occasion: Occasion
}

/** When the agent looks next if nothing happens before. */
export type NextLook = TimedLook | "when something changes"

/** What a look came to, as far as it matters for the next one. */
export type Ending =
  | {
      readonly _tag: "Matched"
      /**
       * How many looks in a row have read another declaration than whoever watches was told of: a server may tell two at
       * one time, and which is the newer one shows by what it says next.
       */
      readonly outdated?: number
    }
  /** It gave way to a `down`, which may be given up before it has stopped anything. */
  | { readonly _tag: "GaveWay" }
  | {
      readonly _tag: "Failed"
      readonly error: unknown
      /** How many looks in a row have failed by now. */
      readonly failures: number
      /** When what was rolled back may be tried again; undefined where nothing holds it back. */
      readonly nextTry: NextTry | undefined
      /** What is declared by now may be another declaration than the one that it read. */
      readonly isOutdated?: boolean
    }

/** Time between two looks at a VM on which nothing happens. */
const period = Duration.minutes(5)

/** A retry that was to come, after so long has passed; undefined where there was none. */
export const stillNext = (next: NextLook, passed: Duration.Duration): TimedLook | undefined =>
  next === "when something changes" || next.occasion._tag !== "Retried"
    ? undefined
    : { ...next, after: Duration.subtract(next.after, passed) }

/**
 * What cannot work waits for a change, unless that has come and could not be read yet. What failed is tried again after
 * a back-off, later by up to a fifth, never earlier: a start that is tried too early is held back. `random` is between 0
 * and 1; `tagsDue` is how long it is until the registries are to be asked, if they are at all; `still` is a retry that
 * is not to be put off.
 */
export const nextLook = (
  ending: Ending,
  random: number,
  { tagsDue, still }: { readonly tagsDue?: Duration.Duration | undefined; readonly still?: TimedLook | undefined } = {}
): NextLook => {
  // What it was about is still to be done then, its tags included.
  if (ending._tag === "GaveWay") return { after: jittered(backOff(1), random), occasion: { _tag: "TagsDue" } }
  if (ending._tag === "Matched") {
    const { outdated = 0 } = ending
    const after = jittered(outdated > 0 ? backOff(outdated) : period, random)
    return tagsDue !== undefined && Duration.isLessThanOrEqualTo(tagsDue, after)
      ? { after: tagsDue, occasion: { _tag: "TagsDue" } }
      : { after, occasion: { _tag: "TimePassed" } }
  }
  const { error, failures, nextTry, isOutdated = false } = ending
  const isFinal = nextTry === "next boot" || finalCodes.has(Runtime.getErrorExitCode(error))
  if (isFinal && !isOutdated) return "when something changes"
  const least = nextTry === undefined || nextTry === "next boot" ? backOff(failures) : nextTry
  const after = Duration.times(least, 1 + spread * random)
  return still !== undefined && Duration.isLessThan(still.after, after)
    ? still
    : { after, occasion: { _tag: "Retried" } }
}

/**
 * The next look, given what has come up while the last one went on: `waiting` is looked at at once, and what has happened
 * to containers after `stirredAfter`, if anything has.
 */
export const soonest = (
  next: NextLook,
  waiting: Occasion | undefined,
  stirredAfter: Duration.Duration | undefined
): NextLook => {
  if (next === "when something changes") return next
  if (waiting !== undefined) return { after: Duration.zero, occasion: waiting }
  return stirredAfter !== undefined && Duration.isLessThan(stirredAfter, next.after)
    ? { after: stirredAfter, occasion: { _tag: "EngineChanged" } }
    : next
}

const finalCodes: ReadonlySet<number> = new Set(Object.values(finalExitCodes))
