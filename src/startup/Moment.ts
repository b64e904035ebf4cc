import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../timing/stopwatch.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"

/** A moment, by both of the host's clocks. */
export interface Moment {
  readonly boot: string
  /** Counts from the boot. */
  readonly monotonicMillis: number
  /** For people. */
  readonly wallMillis: number
}

export const present = Effect.gen(function* () {
  const { seed } = yield* HostRandom
  const moment: Moment = {
    boot: seed,
    monotonicMillis: yield* monotonicMillis,
    wallMillis: DateTime.toEpochMillis(yield* DateTime.now)
  }
  return moment
})
