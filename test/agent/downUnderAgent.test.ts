import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Looked } from "../../src/agent/Looked.ts"
import { readHistory } from "../../src/record/History.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { Caller, type Process } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { startup } from "../../src/startup/startup.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { app, changes, dead, declare, other, running, slow, test } from "../startup/SimulatedBoot.ts"
import { imagesUp, living, resultsOf } from "./LivingAgent.ts"

const pod = JSON.stringify({
  spec: { hostNetwork: false, containers: ["one", "two"].map((name) => ({ name, image: app.reference })) }
})

const ids = Effect.map(SimulatedVm, ({ engine }) => engine.containers.map(({ id }) => id).toSorted())

/** An agent whose pod has been stopped by hand, and an hour of it. */
const stoppedByHand = Effect.fnUntraced(function* (remove = false) {
  const asked = yield* Queue.unbounded<void>()
  const { looks, fiber, vm } = yield* living(pod, {
    asked: Stream.fromQueue(asked),
    followTagsEvery: Duration.minutes(10)
  })
  yield* Effect.sleep("1 minute")
  const before = yield* ids
  yield* down({ ...defaultDownSettings, remove })
  const since = vm.transcript.length
  yield* Effect.sleep("1 hour")
  assert.deepStrictEqual(yield* running, [])
  assert.deepStrictEqual(yield* changes(since), [])
  return { vm, asked, fiber, looks, before }
})

const last = (looks: ReadonlyArray<Looked>): string | undefined => resultsOf(looks).at(-1)

describe("what `down` has stopped under an agent", () => {
  test("stays down, whatever the reason for a look that nobody asked for", {}, () =>
    Effect.gen(function* () {
      const { looks, vm, before } = yield* stoppedByHand()
      const results = resultsOf(looks).slice(1)
      assert.sameMembers([...new Set(results)], ["EngineChanged LeftDown", "TimePassed LeftDown", "TagsDue LeftDown"])
      vm.publish({ ...app, digest: `sha256:${"1".repeat(64)}` })
      yield* vm.restartEngine
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(yield* ids, before)
      assert.include(resultsOf(looks), "EngineReturned LeftDown")
    })
  )

  for (const [what, asks] of Object.entries({
    "an agent that begins": false,
    "a look that somebody has asked for": true
  })) {
    test(`stays down where ${what} before it is not answered by metadata until after it`, {}, () =>
      Effect.gen(function* () {
        const asked = yield* Queue.unbounded<void>()
        const options = { asked: Stream.fromQueue(asked) }
        const first = yield* living(pod, options)
        yield* Effect.sleep("1 minute")
        if (!asks) yield* Fiber.interrupt(first.fiber)
        first.vm.setFaults(({ name }) => (name.startsWith("metadata declaration") ? "hang" : undefined))
        if (asks) yield* Queue.offer(asked, undefined)
        else yield* living(pod, options)
        yield* Effect.sleep("5 seconds")
        yield* down(defaultDownSettings)
        yield* Effect.sleep("5 seconds")
        first.vm.setFaults(undefined)
        yield* Effect.sleep("10 minutes")
        assert.deepStrictEqual(yield* running, [])
        // Somebody asks after it.
        yield* Queue.offer(asked, undefined)
        yield* Effect.sleep("10 seconds")
        assert.isNotEmpty(yield* running)
      })
    )
  }

  test("runs again when somebody asks for it, and is looked after from then on", {}, () =>
    Effect.gen(function* () {
      const { looks, asked, before } = yield* stoppedByHand()
      yield* Queue.offer(asked, undefined)
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 3)
      assert.deepStrictEqual(yield* ids, before)
      assert.strictEqual(last(looks), "Asked Running")
      const [name = ""] = yield* running
      yield* Effect.flatMap(DockerClient, (docker) => docker.removeContainer(name))
      yield* Effect.sleep("20 seconds")
      assert.lengthOf(yield* running, 3)
    })
  )

  test("runs again where somebody has started it by hand: status, log and agent agree", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* living(declare())
      yield* Effect.sleep("1 minute")
      const before = yield* ids
      yield* down(defaultDownSettings)
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* running, [])
      yield* vm.engine.client.startContainer(before[0]!)
      const { reasons } = yield* statusNow
      assert.match(reasons.join("; "), /^klt-web-[a-z]{4} was started by hand after `slipway down`: an agent, or/)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* ids, before)
      const now = yield* statusNow
      assert.deepStrictEqual([now.verdict, now.status?.lastRun?.result], ["as declared", "done"])
      // As it was declared, and looked after.
      assert.deepStrictEqual(
        vm.engine.containers.map(({ isUp, restartPolicy }) => [isUp, restartPolicy.name]),
        [[true, "always"]]
      )
      yield* vm.engine.client.removeContainer(before[0]!)
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 1)
    })
  )

  test("of a Pod runs again as a whole where somebody has started a part of it", {}, () =>
    Effect.gen(function* () {
      const { vm, before } = yield* stoppedByHand()
      const sandbox = vm.engine.containers.find(({ name }) => name.includes("sandbox"))!
      yield* vm.engine.client.startContainer(sandbox.id)
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 3)
      assert.deepStrictEqual(yield* ids, before)
      assert.isTrue(vm.engine.containers.every(({ restartPolicy }) => restartPolicy.name === "always"))
    })
  )

  test("stays down where something of it could not be stopped", {}, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(pod)
      yield* Effect.sleep("1 minute")
      const [stuck] = vm.engine.containers.filter(({ name }) => name.startsWith("klt-one-")).map(({ id }) => id)
      vm.setFaults(({ name, subject }) => (name === "docker stop" && subject === stuck ? { says: "stuck" } : undefined))
      yield* Effect.flip(down(defaultDownSettings))
      vm.setFaults(undefined)
      const left = yield* running
      assert.lengthOf(left, 1)
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* running, left)
    })
  )

  test("runs when another is declared, also after `down --remove`", {}, () =>
    Effect.gen(function* () {
      const { vm } = yield* stoppedByHand(true)
      assert.deepStrictEqual(yield* ids, [])
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )

  test("runs after `up` by hand, and is looked after from then on", {}, () =>
    Effect.gen(function* () {
      yield* stoppedByHand()
      yield* startup(defaultSettings)
      assert.lengthOf(yield* running, 3)
      yield* Effect.sleep("1 minute")
      const [name = ""] = yield* running
      yield* Effect.flatMap(DockerClient, (docker) => docker.removeContainer(name))
      yield* Effect.sleep("20 seconds")
      assert.lengthOf(yield* running, 3)
    })
  )

  test("stays down when the agent is started anew, and runs after a boot", {}, () =>
    Effect.gen(function* () {
      const { fiber, vm } = yield* stoppedByHand()
      yield* Fiber.interrupt(fiber)
      const next = yield* living(pod)
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* running, [])
      yield* Fiber.interrupt(next.fiber)
      // Another was declared while no agent was alive.
      const after = yield* living(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      yield* down(defaultDownSettings)
      yield* Fiber.interrupt(after.fiber)
      yield* vm.reboot
      yield* living(pod)
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 3)
    })
  )

  test("is what status and history say, once", {}, () =>
    Effect.gen(function* () {
      yield* stoppedByHand()
      const { verdict, reasons, status, containers } = yield* statusNow
      assert.strictEqual(verdict, "not as declared")
      assert.deepStrictEqual(reasons, ["`slipway down` has stopped everything: `slipway up` starts it again"])
      assert.strictEqual(status?.lastRun?.result, "left down")
      assert.isAbove(status?.lastRun?.repeated ?? 0, 10)
      assert.deepStrictEqual(
        status?.declared?.containers.map(({ name }) => name),
        ["one", "two"]
      )
      assert.deepStrictEqual(
        containers.map(({ status }) => status),
        ["exited", "exited", "exited"]
      )
      const history = yield* readHistory
      assert.deepStrictEqual(
        history.map(({ result }) => result),
        ["done", "down", "left down"]
      )
      const steps = history[1]!.plans.flatMap(({ steps }) => steps.map(({ kind, outcome }) => `${kind} ${outcome}`))
      assert.sameMembers([...new Set(steps)], ["Disarm done", "Stop done"])
    })
  )

  test("is tried again where it was asked for, and failed", { images: [app, dead, other] }, () =>
    Effect.gen(function* () {
      const { vm, looks } = yield* stoppedByHand(true)
      vm.setDeclaration(declare({ image: dead.reference }))
      yield* Effect.sleep("10 minutes")
      assert.isTrue(looks.at(-1) !== undefined && Result.isFailure(looks.at(-1)!.result))
      vm.publish({ ...app, reference: dead.reference, digest: `sha256:${"3".repeat(64)}` })
      yield* Effect.sleep("7 minutes")
      assert.deepStrictEqual(yield* imagesUp, [dead.reference])
    })
  )

  test("stays down where a run that has died had read what is declared", { images: [app, other, slow] }, () =>
    Effect.gen(function* () {
      const first: Process = { isDead: false }
      const before = JSON.parse(declare())
      const { vm, fiber } = yield* living(declare()).pipe(Effect.provideService(Caller, first))
      yield* Effect.sleep("1 minute")
      const hangs = { name: "hangs", image: slow.reference }
      const changed = JSON.stringify({ spec: { ...before.spec, initContainers: [hangs] } })
      vm.setDeclaration(changed)
      yield* Effect.sleep("1 minute")
      first.isDead = true
      yield* Fiber.interrupt(fiber)
      yield* down(defaultDownSettings)
      const since = vm.transcript.length
      const { looks } = yield* living(changed)
      yield* Effect.sleep("20 minutes")
      assert.deepStrictEqual([...new Set(resultsOf(looks))], ["Began LeftDown", "TimePassed LeftDown"])
      assert.deepStrictEqual(yield* changes(since), [])
      // Declared anew.
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )
})
