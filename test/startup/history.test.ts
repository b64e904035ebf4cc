import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { renderRun } from "../../src/cli/output/renderRun.ts"
import { readHistory } from "../../src/record/History.ts"
import { readStatus } from "../../src/record/readStatus.ts"
import { runOf } from "../../src/record/runOf.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { StateFolder } from "../../src/vm/host/StateFolder.ts"
import { app, boot, dead, declare, other, refused, secret, started, test, token } from "./SimulatedBoot.ts"

const kept = Effect.gen(function* () {
  const text = Option.getOrElse(yield* (yield* StateFolder).read("history"), () => "")
  assert.notInclude(text, secret)
  assert.notInclude(text, token)
  return yield* readHistory
})

describe("the runs that are kept", () => {
  test("have what was declared, found, planned and done, and why", {}, () =>
    Effect.gen(function* () {
      const report = yield* started(declare())
      const [first, ...none] = yield* kept
      assert.lengthOf(none, 0)
      assert.deepStrictEqual(
        [first?.number, first?.result, first?.declared?.containers],
        [1, "done", [{ name: "web", image: app.reference }]]
      )
      assert.match(
        first!.found.join("\n"),
        /^no container of ours\nregistry\.example\/app:1: the engine does not hold it; wanted is sha256:[0-9a-f]{64}$/
      )
      const steps = first!.plans.flatMap(({ steps }) => steps)
      assert.sameMembers(
        steps.map(({ id }) => id),
        report.steps.map(({ step }) => step.id)
      )
      for (const step of steps) {
        assert.strictEqual(step.outcome, "done")
        assert.isAtLeast(step.beganMillis!, 0)
        assert.isAtMost(step.beganMillis! + step.tookMillis!, first!.tookMillis + 1)
        assert.notStrictEqual(step.cause, "")
      }
      assert.deepStrictEqual(
        first!.running?.map(({ name }) => name),
        [report.name]
      )
    })
  )

  test(
    "a failure is kept with its step, its error, its log, and what runs in its place; it is not pushed out",
    {},
    () =>
      Effect.gen(function* () {
        yield* started(declare())
        yield* refused(declare({ image: dead.reference }))
        // Held back, over and over.
        for (let run = 0; run < 12; run++) yield* refused(declare({ image: dead.reference }))
        const runs = yield* kept
        assert.deepStrictEqual(
          runs.map(({ number, result }) => [number, result]),
          [
            [1, "done"],
            [2, "failed"],
            [3, "held back"]
          ]
        )
        const failed = Result.getOrThrow(runOf(runs, 2))
        assert.strictEqual(failed.error?.tag, "ContainerFailed")
        assert.include(failed.lastLogLines, "no database")
        assert.deepStrictEqual(
          failed.running?.map(({ image }) => image),
          [app.reference]
        )
        const steps = failed.plans.flatMap(({ steps }) => steps)
        assert.lengthOf(
          steps.filter(({ outcome }) => outcome === "failed"),
          1
        )
        assert.isTrue(steps.some(({ kind, undone }) => kind === "Stop" && undone))
        assert.isTrue(steps.some(({ kind, outcome }) => kind === "Remove" && outcome === "not begun"))
        // It is held back for that failure, which is what explains it.
        assert.strictEqual(Result.getOrThrow(runOf(runs)), failed)
        const held = Result.getOrThrow(runOf(runs, 3))
        assert.match(held.error!.message, /failed to start once/)
        assert.isNotNull(held.nextTry)
      })
  )

  test("what leaves down what `down` has stopped is explained by that `down`", {}, () =>
    Effect.gen(function* () {
      yield* started(declare())
      yield* down(defaultDownSettings)
      assert.strictEqual((yield* boot(declare(), { endsDown: false }))._tag, "LeftDown")
      const runs = yield* kept
      assert.deepStrictEqual(
        runs.map(({ result }) => result),
        ["done", "down", "left down"]
      )
      const explained = Result.getOrThrow(runOf(runs))
      assert.strictEqual(explained, runs[1])
      assert.match(
        renderRun(explained, { last: runs[2]!, status: yield* readStatus }),
        /\nSince then:\n {2}another run has left it so and done nothing, the last at /
      )
      assert.strictEqual(Result.getOrThrow(runOf(runs, 3)), runs[2])
    })
  )

  test("what finds everything as declared writes nothing to the disk", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const text = yield* (yield* StateFolder).read("history")
      const before = vm.transcript.length
      for (let run = 0; run < 3; run++) yield* started(declare())
      const written = vm.transcript
        .slice(before)
        .filter(({ name, subject }) => /^run (dd|install|mv|tee|sync)/.test(name) && subject.startsWith("/var/"))
      assert.deepStrictEqual(written, [])
      assert.deepStrictEqual(yield* (yield* StateFolder).read("history"), text)
      yield* started(declare({ image: other.reference }))
      assert.lengthOf(yield* kept, 2)
    })
  )

  test("outlive a reboot", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* vm.reboot
      yield* started(declare())
      const [one, two] = yield* kept
      assert.notStrictEqual(one?.boot, two?.boot)
    })
  )

  test(
    "what is there and cannot be read is not replaced; the run comes up all the same",
    {
      links: { "/var/lib/slipway/history": "/etc/passwd" }
    },
    () =>
      Effect.gen(function* () {
        yield* started(declare())
        const failure = yield* Effect.flip(readHistory)
        assert.match(failure.message, /^the kept runs cannot be read: .*symbolic link/)
      })
  )

  test("where the declaration cannot be used: nothing was planned", {}, () =>
    Effect.gen(function* () {
      yield* boot(undefined)
      yield* refused(declare({}, { restartPolicy: "sometimes" }))
      const runs = yield* kept
      assert.deepStrictEqual(
        runs.map(({ result, plans }) => [result, plans.length]),
        [
          ["nothing declared", 0],
          ["failed", 0]
        ]
      )
    })
  )
})
