import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { awaitTurn, defaultStart, runSideBySide } from "../../src/simulation/host/VirtualTime.ts"

/** Where the runs meet: what they did there, and when. */
const meeting = () => {
  const seen: Array<string> = []
  const meet = (who: string) =>
    Effect.map(
      Effect.andThen(awaitTurn, Clock.currentTimeMillis),
      (now) => void seen.push(`${who} ${now - defaultStart}`)
    )
  return { seen, meet }
}

describe("runs side by side", () => {
  it.effect("meet in the order of time, whichever began first", () =>
    Effect.gen(function* () {
      const { seen, meet } = meeting()
      const every = (who: string, millis: number, times: number) =>
        Effect.forEach(Array.from({ length: times }), () => Effect.andThen(Effect.sleep(millis), meet(who)), {
          discard: true
        })
      yield* runSideBySide([every("slow", 50, 3), every("fast", 20, 4), every("once", 70, 1)])
      assert.deepStrictEqual(seen, [
        "fast 20",
        "fast 40",
        "slow 50",
        "fast 60",
        "once 70",
        "fast 80",
        "slow 100",
        "slow 150"
      ])
    })
  )

  it.effect("go on alone up to there: fibers of one share its time, and one that gives up does not come", () =>
    Effect.gen(function* () {
      const { seen, meet } = meeting()
      const both = Effect.gen(function* () {
        const late = yield* Effect.forkChild(Effect.andThen(Effect.sleep(30), meet("late")))
        yield* Effect.all(
          [Effect.andThen(Effect.sleep(10), meet("left")), Effect.andThen(Effect.sleep(10), meet("right"))],
          {
            concurrency: "unbounded"
          }
        )
        yield* Fiber.interrupt(late)
        yield* meet("after")
      })
      yield* runSideBySide([both, Effect.andThen(Effect.sleep(10), meet("other"))])
      assert.deepStrictEqual(seen, ["left 10", "other 10", "right 10", "after 10"])
    })
  )

  it.effect("end with the first that fails", () =>
    Effect.gen(function* () {
      const { seen, meet } = meeting()
      const exit = yield* Effect.exit(
        runSideBySide([
          Effect.andThen(Effect.sleep(30), meet("one")),
          Effect.andThen(Effect.sleep(20), Effect.andThen(awaitTurn, Effect.fail("broken")))
        ])
      )
      assert.deepStrictEqual(exit, Exit.fail("broken"))
      assert.deepStrictEqual(seen, [])
    })
  )

  it.effect("end where one waits for what never comes", () =>
    Effect.gen(function* () {
      assert.isTrue(Exit.hasDies(yield* Effect.exit(runSideBySide([Effect.never]))))
    })
  )
})
