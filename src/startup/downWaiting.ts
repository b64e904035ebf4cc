import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Interruption } from "../timing/Interruption.ts"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import type { SwitchState } from "./switchState.ts"

/**
 * A `down` that waits for the lock says so in this entry, and anew every few seconds: what a run finds unchanged is of a
 * `down` that has died.
 */
const entryName = "down-waits"
const saidEvery = Duration.seconds(5)
const lookedForEvery = Duration.seconds(1)
/** A `down` that has not said so for so long has ended, or died. */
const staleAfter = Duration.seconds(8)

/** Asks the run that holds the lock to give way, until it is interrupted. Where that cannot be written, nobody is asked. */
export const askToGiveWay = Effect.gen(function* () {
  const state = yield* StateFolder
  const say = Effect.flatMap(DateTime.now, (now) => state.write(entryName, DateTime.formatIso(now))).pipe(
    withDeadline("FILE", "say that `down` waits"),
    Effect.ignore
  )
  const takeBack = Effect.ignore(withDeadline("FILE", "take back that `down` waits")(state.remove(entryName)))
  return yield* Effect.ensuring(Effect.forever(Effect.andThen(say, Effect.sleep(saidEvery))), takeBack)
})

const said = Effect.flatMap(StateFolder, (state) =>
  state
    .read(entryName)
    .pipe(withDeadline("FILE", "read whether `down` waits"), Effect.orElseSucceed(Option.none<string>))
)

/** Whether a `down` has said of late, by the wall clock, that it waits for its turn. */
export const isDownWaiting = Effect.gen(function* () {
  const now = yield* DateTime.now
  const at = Option.flatMap(yield* said, DateTime.make)
  const isFresh = (one: DateTime.DateTime) =>
    Math.abs(DateTime.toEpochMillis(now) - DateTime.toEpochMillis(one)) < Duration.toMillis(staleAfter)
  return Option.exists(at, isFresh)
})

/** Comes to its end once a `down` waits for the run that holds the lock, and that may give way. Says so. */
export const downWaits = Effect.fnUntraced(function* (mayGiveWay: () => boolean) {
  yield* Effect.sleep(lookedForEvery)
  let before = Option.getOrUndefined(yield* said)
  let sinceSaid: Effect.Effect<Duration.Duration> = Effect.succeed(staleAfter)
  for (;;) {
    yield* Effect.sleep(lookedForEvery)
    const now = Option.getOrUndefined(yield* said)
    if (now === undefined) sinceSaid = Effect.succeed(staleAfter)
    else if (now !== before) sinceSaid = yield* stopwatch
    before = now
    if (mayGiveWay() && Duration.isLessThan(yield* sinceSaid, staleAfter)) break
  }
  yield* tell({ _tag: "Notice", text: "`slipway down` waits for this run, which gives way to it" })
})

/**
 * Does the run's work under the lock, unless a `down` waits for it and it may give way: it is interrupted then. `none` if
 * it was.
 */
export const givingWay = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>, run: SwitchState) {
  const interruption = yield* Interruption
  let hasGivenWay = false
  const asked = Effect.map(downWaits(run.mayGiveWay), () => {
    hasGivenWay = true
    return Option.none<A>()
  })
  return yield* Effect.raceFirst(
    work.pipe(
      Effect.asSome,
      Effect.provideService(Interruption, () => (hasGivenWay ? "superseded" : interruption()))
    ),
    asked
  )
})
