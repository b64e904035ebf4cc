import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { engineLimits } from "../../src/startup/engineLimits.ts"
import { type ProgressEvent, Progress } from "../../src/startup/Progress.ts"
import { declare, started, test } from "./SimulatedBoot.ts"

/** Runs it, and gives what it told. */
const noticesOf = Effect.fnUntraced(function* <A, E, R>(run: Effect.Effect<A, E, R>) {
  const notices: Array<string> = []
  yield* Effect.provideService(run, Progress, (event: ProgressEvent) =>
    Effect.sync(() => {
      if (event._tag === "Notice") notices.push(event.text)
    })
  )
  return notices
})

describe("on Podman", () => {
  test("what it cannot is said once in each run", { engine: "Podman" }, () =>
    Effect.gen(function* () {
      const notices = yield* noticesOf(started(declare()))
      assert.lengthOf(notices, 1)
      assert.match(notices[0]!, /^the engine is Podman: it cannot ask a registry/)
      const vm = yield* SimulatedVm
      assert.isTrue(vm.engine.containers[0]?.isUp)
    })
  )

  test("of Docker there is nothing to say", {}, () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* noticesOf(started(declare())), [])
    })
  )

  it("a Podman that is too old is named as that", () => {
    const older = Option.getOrThrow(engineLimits({ name: "Podman", version: "4.3.1" }))
    assert.include(older, "Podman 4.3.1")
    assert.include(older, "older than Podman 5")
    const newer = Option.getOrThrow(engineLimits({ name: "Podman", version: "5.8.6" }))
    assert.notInclude(newer, "older")
  })
})
