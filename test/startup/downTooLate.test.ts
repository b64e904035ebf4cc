import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { renderError } from "../../src/cli/output/renderError.ts"
import { readHistory } from "../../src/record/History.ts"
import { readStatusOf } from "../../src/record/readStatus.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { oneAtATime } from "../../src/startup/oneAtATime.ts"
import { HostRandom } from "../../src/vm/host/HostRandom.ts"
import { app, declare, running, slow, started, startedPod, test } from "./SimulatedBoot.ts"

const draining = {
  reference: "registry.example/draining:1",
  behaviour: { _tag: "Runs" },
  commands: { "/drain": { _tag: "Exits", afterMillis: 20_000, exitCode: 0 } }
} as const
const images = [{ ...app, local: true }, slow, draining]

const pod = JSON.stringify({
  spec: {
    initContainers: [{ name: "proxy", image: app.reference, restartPolicy: "Always" }],
    containers: [{ name: "web", image: slow.reference }]
  }
})

const tooLate = Effect.fnUntraced(function* (within: Duration.Input) {
  const limit = Option.some(Duration.fromInputUnsafe(within))
  const failure = yield* Effect.flip(down({ ...defaultDownSettings, within: limit }))
  if (failure._tag !== "DownTooLate") return assert.fail(failure.message)
  return failure
})

const lastStatus = Effect.flatMap(HostRandom, ({ seed }) => readStatusOf(seed)).pipe(Effect.map(Option.getOrThrow))

/** What is kept of the runs: how each ended. */
const kept = Effect.map(readHistory, (runs) => runs.map(({ result, error }) => [result, error?.tag]))

describe("a `down` that is too late", () => {
  test("is recorded, once, before it gives up, and the status has what still runs", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod)
      const failure = yield* tooLate("2 seconds")
      const expected = [
        ["done", undefined],
        ["failed", "DownTooLate"]
      ]
      assert.deepStrictEqual(yield* kept, expected)
      const { lastRun, running: left, declared } = yield* lastStatus
      assert.deepInclude(lastRun, { result: "failed" })
      assert.strictEqual(lastRun?.error?.message, failure.message)
      assert.deepStrictEqual(
        left?.map(({ status }) => status),
        ["running", "running"]
      )
      assert.isNotNull(declared)
      yield* Effect.sleep("10 minutes")
      assert.deepStrictEqual(yield* kept, expected)
    })
  )

  test("names what the engine was asked to stop, and what runs on", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod)
      const failure = yield* tooLate("2 seconds")
      assert.match(
        renderError(failure),
        /^not everything had come to its end after 2s\. The engine was asked to stop klt-web-[a-z]{4}, and stops it all the same\. klt-proxy-[a-z]{4} was not asked to stop, and runs on\nRun `slipway down` again/
      )
      yield* Effect.sleep("10 minutes")
      const left = yield* running
      assert.deepStrictEqual([...left], [...failure.runsOn])
      assert.lengthOf(left, 1)
      yield* down(defaultDownSettings)
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("a container whose preStop hook was not through has not been asked to stop", { images }, () =>
    Effect.gen(function* () {
      const container = { image: draining.reference, lifecycle: { preStop: { exec: { command: ["/drain"] } } } }
      const { name } = yield* started(declare(container))
      const failure = yield* tooLate("2 seconds")
      assert.deepStrictEqual([failure.stopping, failure.runsOn], [[], [name]])
      yield* Effect.sleep("10 minutes")
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("reports for programs what has become of each", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod)
      const { report, failures } = yield* tooLate("2 seconds")
      assert.deepStrictEqual(
        report.containers.map(({ container, status, isStopped }) => [container, status, isStopped]),
        [
          ["web", "running", true],
          ["proxy", "running", true]
        ]
      )
      assert.isTrue(report.steps.every(({ step }) => step.action._tag === "Disarm"))
      assert.deepStrictEqual(
        failures.map(({ step }) => step.action._tag),
        ["Stop", "Stop"]
      )
    })
  )

  test("that waited for another run is recorded, and has asked nothing to stop", { images }, () =>
    Effect.gen(function* () {
      yield* started(declare())
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* oneAtATime("starting web")
          const limit = Option.some(Duration.seconds(4))
          yield* Effect.flip(down({ ...defaultDownSettings, within: limit }))
        })
      )
      const last = (yield* kept).at(-1)
      assert.strictEqual(last?.[0], "failed")
      assert.include(["DownTooLate", "LockBusy"], last?.[1])
    })
  )

  test("says whether it waited for another run or for the engine", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* vm.engine.halt
      const away = yield* tooLate("4 seconds")
      assert.strictEqual(away.message, "nothing was stopped within 4s: the engine did not answer")
      assert.strictEqual(away.advice, "Run `slipway down` again once the engine answers.")
      yield* vm.engine.resume
      const busy = yield* Effect.scoped(Effect.andThen(oneAtATime("starting web"), tooLate("1 second")))
      assert.strictEqual(busy.message, "nothing was stopped within 1s: another run was under way")
      assert.match(busy.advice, /end that run/)
    })
  )

  test("with an engine that is silent once it has its turn says that nothing was stopped", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setFaults(({ name }) =>
        name === "docker list networks" || name === "docker inspect container" ? "hang" : undefined
      )
      const began = yield* vm.now
      const failure = yield* tooLate("5 seconds")
      assert.isAtMost((yield* vm.now) - began, 6_000)
      assert.match(failure.message, /^nothing was stopped within 5s: /)
      assert.deepStrictEqual((yield* kept).at(-1), ["failed", "DownTooLate"])
      vm.setFaults(undefined)
    })
  )

  test("one that ends just in time is recorded as what it came to", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const began = yield* vm.now
      yield* down(defaultDownSettings)
      const took = (yield* vm.now) - began
      yield* started(declare())
      // Each moment around its end: its record is one, and is what it says.
      for (let millis = Math.max(1, took - 40); millis < took + 20; millis += 5) {
        const before = (yield* readHistory).at(-1)?.number ?? 0
        const run = yield* Effect.forkChild(
          Effect.exit(down({ ...defaultDownSettings, within: Option.some(Duration.millis(millis)) }))
        )
        const exit = yield* Fiber.join(run)
        yield* Effect.sleep("1 minute")
        const runs = (yield* readHistory).filter(({ number }) => number > before)
        assert.deepStrictEqual(
          runs.map(({ result }) => result),
          [exit._tag === "Success" ? "down" : "failed"]
        )
        yield* started(declare())
      }
    })
  )
})
