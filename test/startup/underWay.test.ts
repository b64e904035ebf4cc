import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { readHistory } from "../../src/record/History.ts"
import { readStatus } from "../../src/record/readStatus.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { Caller, type Process } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { sha256 } from "../../src/vm/host/sha256.ts"
import { app, boot, declare, other, secret, slow, started, test } from "./SimulatedBoot.ts"

const hanging = { reference: "registry.example/setup:1", behaviour: { _tag: "Runs" } } as const

const pod = JSON.stringify({
  spec: {
    initContainers: [{ name: "setup", image: hanging.reference }],
    containers: [{ name: "web", image: app.reference, env: [{ name: "PASSWORD", value: secret }] }]
  }
})

const underWay = Effect.map(readStatus, (status) => Option.getOrThrow(status).underWay)
const writes = Effect.map(
  SimulatedVm,
  ({ transcript }) =>
    transcript.filter(({ name, subject }) => name === "run mv" && subject.endsWith("status.json")).length
)

/** A process of its own, which can be killed. */
const process = () => {
  const self: Process = { isDead: false }
  const alone = <A, E, R>(run: Effect.Effect<A, E, R>) => Effect.provideService(run, Caller, self)
  return { self, alone }
}

describe("the status while a run is under way", () => {
  test("says what it waits for, since when, and for what declaration", { images: [app, hanging] }, () =>
    Effect.gen(function* () {
      const { alone } = process()
      const run = yield* Effect.forkChild(alone(boot(pod)))
      yield* Effect.sleep("30 seconds")
      const now = yield* statusNow
      assert.deepStrictEqual([now.verdict, now.run], ["unknown", "under way"])
      assert.deepStrictEqual(now.reasons, ["no run has ended in this boot: the first is under way"])
      const { declared, doing = [], waitsFor } = (yield* underWay)!
      assert.strictEqual(declared?.sha256, sha256(pod))
      assert.deepStrictEqual(
        declared?.containers.map(({ name }) => name),
        ["setup", "web"]
      )
      assert.lengthOf(doing, 1)
      const [{ text, container, since }] = doing as [(typeof doing)[number]]
      assert.match(text, /^run the init container klt-setup-[a-z]{4} to its end$/)
      assert.match(container ?? "", /^klt-setup-/)
      assert.isBelow(DateTime.toEpochMillis(since), DateTime.toEpochMillis(yield* DateTime.now) - 25_000)
      assert.isNull(waitsFor)
      // Nothing is written while it goes on as before.
      const before = yield* writes
      yield* Effect.sleep("20 seconds")
      assert.strictEqual(yield* writes, before)
      yield* Effect.sleep("15 seconds")
      assert.match((yield* underWay)?.waitsFor ?? "", /^the init container klt-setup-.* has not ended after 1m/)
      yield* Fiber.interrupt(run)
      assert.isNull(yield* underWay)
    })
  )

  test(
    "follows it from step to step, and says that it rolls back",
    { images: [slow, other], bytesPerSecond: 1_000_000 },
    () =>
      Effect.gen(function* () {
        yield* started(declare({ image: slow.reference }))
        const run = yield* Effect.forkChild(boot(declare({ image: other.reference })))
        yield* Effect.sleep("10 seconds")
        const texts = Effect.map(underWay, (one) =>
          (one?.doing ?? []).map(({ text }) => text.replace(/-[a-z]{4}\b/, ""))
        )
        assert.match((yield* texts).join(), /^pull registry\.example\/app:2/)
        const meanwhile = yield* statusNow
        assert.strictEqual(meanwhile.verdict, "not as declared")
        assert.deepStrictEqual(meanwhile.reasons, ["another declaration has been read: the run for it is under way"])
        const seen = new Set<string>()
        for (let count = 0; count < 240 && run.pollUnsafe() === undefined; count++) {
          yield* Effect.sleep("500 millis")
          for (const text of yield* texts) seen.add(text)
        }
        assert.isTrue([...seen].some((text) => text.startsWith("stop klt-web, with a grace period")))
        assert.isTrue([...seen].some((text) => text.startsWith("see that klt-web stays up")))
        yield* Fiber.join(run)
        const vm = yield* SimulatedVm
        vm.setFaults(({ name }) => (name === "docker create" ? "fail" : name === "docker start" ? "late" : undefined))
        const failing = yield* Effect.forkChild(Effect.exit(boot(declare({ image: slow.reference }))))
        yield* Effect.sleep("25 seconds")
        assert.deepStrictEqual(yield* texts, ["roll back what was begun"])
        yield* Fiber.join(failing)
      })
  )

  test("is as before once one is interrupted that has read and done nothing", {}, () =>
    Effect.gen(function* () {
      yield* started(declare())
      const before = yield* statusNow
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name.startsWith("metadata ") ? "hang" : undefined))
      const run = yield* Effect.forkChild(boot(declare()))
      yield* Effect.sleep("4 seconds")
      assert.strictEqual((yield* statusNow).run, "under way")
      yield* Fiber.interrupt(run)
      const { verdict, run: state, status } = yield* statusNow
      assert.deepStrictEqual([verdict, state], ["as declared", null])
      assert.deepStrictEqual(status?.lastRun, before.status?.lastRun)
      assert.lengthOf(yield* readHistory, 1)
    })
  )

  test("says that it has died, and the next run says what it does", { images: [app, hanging] }, () =>
    Effect.gen(function* () {
      const { self, alone } = process()
      const run = yield* Effect.forkChild(alone(boot(pod)))
      yield* Effect.sleep("10 seconds")
      self.isDead = true
      yield* Fiber.interrupt(run)
      const dead = yield* statusNow
      assert.strictEqual(dead.run, "dead")
      assert.deepStrictEqual(dead.reasons, ["no run has ended in this boot: the first has died"])
      assert.match(dead.status?.underWay?.doing?.[0]?.text ?? "", /^run the init container/)
      const next = yield* Effect.forkChild(process().alone(boot(pod)))
      yield* Effect.sleep("10 seconds")
      assert.strictEqual((yield* statusNow).run, "under way")
      yield* Fiber.interrupt(next)
      assert.isNull((yield* statusNow).run)
    })
  )

  test("is of the run that acts, not of one that waits for it", { images: [app, other, hanging] }, () =>
    Effect.gen(function* () {
      const first = process()
      const acting = yield* Effect.forkChild(first.alone(boot(pod)))
      yield* Effect.sleep("10 seconds")
      const second = process()
      const waiting = yield* Effect.forkChild(second.alone(boot(pod)))
      yield* Effect.sleep("10 seconds")
      assert.match((yield* underWay)?.doing?.[0]?.text ?? "", /^run the init container/)
      // One that gives up leaves what is said of the other.
      yield* Fiber.interrupt(waiting)
      const { status, run } = yield* statusNow
      assert.strictEqual(run, "under way")
      assert.match(status?.underWay?.doing?.[0]?.text ?? "", /^run the init container/)
      yield* Fiber.interrupt(acting)
    })
  )

  test("goes on being told where clocks are finer than the file", { images: [app] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const clock = yield* Clock.Clock
      const nanos = () => (clock.monotonicTimeNanosUnsafe() * 1_000_003n) / 1_000_000n
      const finer: Clock.Clock = Object.assign(Object.create(clock), {
        monotonicTimeNanosUnsafe: nanos,
        monotonicTimeNanos: Effect.sync(nanos)
      })
      vm.setFaults(({ name }) => (name.startsWith("metadata ") ? "fail" : undefined))
      const failing = Effect.provideService(Effect.exit(boot(declare())), Clock.Clock, finer)
      const run = yield* Effect.forkChild(failing)
      const tries = Effect.map(underWay, (one) => /: try (\d+) failed/.exec(one?.waitsFor ?? "")?.[1])
      yield* Effect.sleep("10 seconds")
      const first = yield* tries
      yield* Effect.sleep("20 seconds")
      assert.notStrictEqual(yield* tries, first)
      yield* Fiber.interrupt(run)
      assert.isNull(yield* underWay)
    })
  )

  test("says that it waits for metadata", { images: [app] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name.startsWith("metadata ") ? "fail" : undefined))
      const run = yield* Effect.forkChild(Effect.exit(boot(declare())))
      yield* Effect.sleep("30 seconds")
      const { doing, declared, waitsFor } = (yield* underWay)!
      assert.deepStrictEqual([doing?.[0]?.text, declared], ["read the declaration", null])
      assert.match(waitsFor ?? "", /metadata.*: try \d+ failed, the next is in/)
      yield* Fiber.interrupt(run)
    })
  )
})
