import { assert, describe } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { agentUntil } from "../../src/agent/agent.ts"
import type { AgentOptions } from "../../src/agent/AgentOptions.ts"
import { Progress } from "../../src/progress/Progress.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { layerNotify } from "../../src/vm/systemd/Notify.ts"
import { app, dead, declare, other, secret, startedPod, test } from "../startup/SimulatedBoot.ts"

/** As systemd has it in a unit with `WatchdogSec=5min`. */
const environment = { NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "300000000" }

const listening = (env: Readonly<Record<string, string>> = environment) =>
  layerNotify.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))))

/** An agent in a unit, and how it is told to end. */
const living = Effect.fnUntraced(function* (
  declaration: string | undefined,
  options: AgentOptions = {},
  env?: Readonly<Record<string, string>>
) {
  const vm = yield* SimulatedVm
  vm.setDeclaration(declaration)
  const terminated = yield* Deferred.make<void>()
  const fiber = yield* agentUntil(Deferred.await(terminated), defaultSettings, options).pipe(
    Effect.provide(listening(env)),
    Effect.forkChild
  )
  const end = Effect.andThen(Deferred.succeed(terminated, undefined), Fiber.join(fiber))
  return { vm, end, host: vm.host }
})

const changesOf = ({ notices }: SimulatedVm["Service"]["host"]) => notices.filter((one) => one !== "WATCHDOG=1")
const feedings = ({ notices }: SimulatedVm["Service"]["host"]) => notices.filter((one) => one === "WATCHDOG=1").length

describe("what systemd is told of the agent", () => {
  test("it is ready once all is up, what runs, and that it stops", {}, () =>
    Effect.gen(function* () {
      const { host, end } = yield* living(declare())
      yield* Effect.sleep("100 millis")
      assert.deepStrictEqual(changesOf(host), [])
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(changesOf(host), ["READY=1"])
      assert.match(host.statuses.at(-1) ?? "", /^as declared: klt-web-[a-z]{4} runs, from registry\.example\/app:1$/)
      assert.deepStrictEqual(yield* end, { _tag: "Terminated" })
      assert.deepStrictEqual(changesOf(host), ["READY=1", "STOPPING=1"])
      assert.notInclude(host.statuses.join(), secret)
    })
  )

  test("what runs by now is told also where the status file can neither be written anew nor removed", {}, () =>
    Effect.gen(function* () {
      const { host, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name, subject }) =>
        (name === "run mv" || name === "run rm") && subject.endsWith("/status.json") ? "fail" : undefined
      )
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      assert.match(host.statuses.at(-1) ?? "", /^as declared: klt-web-[a-z]{4} runs, from registry\.example\/app:2$/)
    })
  )

  test("it is not ready while nothing runs, and says why; it is when something does", {}, () =>
    Effect.gen(function* () {
      const { host, vm } = yield* living(declare({ image: dead.reference }))
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(changesOf(host), [])
      assert.match(
        host.statuses.at(-1) ?? "",
        /^klt-web-[a-z]{4} is restarting; declared is web, from registry\.example\/broken:1: .*exit code 3/
      )
      vm.setDeclaration("spec: {}")
      yield* Effect.sleep("1 minute")
      assert.match(
        host.statuses.at(-1) ?? "",
        /^klt-web-[a-z]{4} is restarting; declared is metadata:gce-container-declaration, which cannot be used: .*; this is not tried again until the declaration changes$/
      )
      vm.setDeclaration(declare())
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(changesOf(host), ["READY=1"])
    })
  )

  test("it is ready, too, if what is declared does not come up, but what ran before runs", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(declare())
      const { host } = yield* living(declare({ image: dead.reference }))
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual(changesOf(host), ["READY=1"])
      assert.match(
        host.statuses.at(-1) ?? "",
        /^klt-web-[a-z]{4} runs, from registry\.example\/app:1; declared is web, from registry\.example\/broken:1: /
      )
    })
  )

  test("where nothing is declared it is ready", {}, () =>
    Effect.gen(function* () {
      const { host } = yield* living(undefined)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(changesOf(host), ["READY=1"])
      assert.strictEqual(host.statuses.at(-1), "nothing is declared")
    })
  )

  test("that the engine is away, and that it is back", {}, () =>
    Effect.gen(function* () {
      const { host, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      yield* vm.engine.halt
      yield* Effect.sleep("1 minute")
      assert.match(
        host.statuses.at(-1) ?? "",
        /^the engine has been away since \S+, and what runs is not known; before: as declared: klt-web-/
      )
      yield* vm.engine.resume
      yield* Effect.sleep("15 seconds")
      assert.match(host.statuses.at(-1) ?? "", /^as declared: klt-web-/)
    })
  )

  test("a reload is over when its look is, whatever that comes to", {}, () =>
    Effect.gen(function* () {
      const asked = yield* Queue.unbounded<void>()
      const { host, vm } = yield* living(declare(), { asked: Stream.fromQueue(asked) })
      yield* Effect.sleep("1 minute")
      yield* Queue.offer(asked, undefined)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(changesOf(host), ["READY=1", "RELOADING=1", "READY=1"])
      vm.withdraw(app.reference)
      vm.setFaults(({ name }) => (name === "docker list" ? "fail" : undefined))
      yield* Queue.offer(asked, undefined)
      yield* Effect.sleep("5 minutes")
      assert.deepStrictEqual(changesOf(host).slice(3), ["RELOADING=1", "READY=1"])
    })
  )

  test("of looks that change nothing there is nothing to tell", {}, () =>
    Effect.gen(function* () {
      const { host } = yield* living(declare())
      yield* Effect.sleep("1 hour")
      const told = host.statuses.length
      yield* Effect.sleep("3 hours")
      assert.strictEqual(host.statuses.length, told)
      assert.deepStrictEqual(changesOf(host), ["READY=1"])
    })
  )

  test("nothing fails because of it", {}, () =>
    Effect.gen(function* () {
      const { vm, end } = yield* living(declare())
      vm.setFaults(({ name }) => (name === "run systemd-notify" ? "hang" : undefined))
      yield* Effect.sleep("1 hour")
      assert.lengthOf(
        vm.engine.containers.filter(({ isUp }) => isUp),
        1
      )
      assert.deepStrictEqual(yield* end, { _tag: "Terminated" })
    })
  )
})

describe("the watchdog", () => {
  test("is fed twice as often as it has to be, be there something to do or not", {}, () =>
    Effect.gen(function* () {
      const { host, vm } = yield* living(declare())
      yield* Effect.sleep("2 hours")
      assert.approximately(feedings(host), (2 * 60) / 2.5, 2)
      // It waits for a change, for as long as it takes.
      vm.setDeclaration("spec: {}")
      yield* Effect.sleep("24 hours")
      assert.approximately(feedings(host), (26 * 60) / 2.5, 4)
    })
  )

  test(
    "is fed while an image is pulled, however long that takes",
    { images: [app, { ...other, sizeBytes: 3_000_000_000, layers: 100 }], bytesPerSecond: 1_000_000 },
    () =>
      Effect.gen(function* () {
        const { host } = yield* living(declare({ image: other.reference }))
        yield* Effect.sleep("45 minutes")
        assert.deepStrictEqual(changesOf(host), [])
        assert.approximately(feedings(host), 45 / 2.5, 1)
        yield* Effect.sleep("15 minutes")
        assert.deepStrictEqual(changesOf(host), ["READY=1"])
      })
  )

  test("is not fed by a loop that does not go on after a look", {}, () =>
    Effect.gen(function* () {
      const { host } = yield* living(declare(), { onLooked: () => Effect.never })
      yield* Effect.sleep("3 hours")
      const fed = feedings(host)
      yield* Effect.sleep("24 hours")
      assert.strictEqual(feedings(host), fed)
    })
  )

  test("is not fed by a look that hangs", {}, () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      yield* living(declare()).pipe(
        Effect.flatMap(({ host }) =>
          Effect.gen(function* () {
            yield* Effect.sleep("2 hours")
            const fed = feedings(host)
            assert.isAbove(fed, 20)
            yield* Effect.sleep("24 hours")
            assert.strictEqual(feedings(host), fed)
          })
        ),
        Effect.provideService(Progress, (event) => {
          if (event._tag === "Warning") told.push(event.text)
          return event._tag === "StepStarted" ? Effect.never : Effect.void
        })
      )
      assert.include(told.join(), "the agent has not moved for 1h 10m: systemd is left to start it again")
    })
  )

  test("that is another process's, or none, is not fed", {}, () =>
    Effect.gen(function* () {
      const { host } = yield* living(declare(), {}, { ...environment, WATCHDOG_PID: "1" })
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(host.notices, ["READY=1"])
    })
  )
})
