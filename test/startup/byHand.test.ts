import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readHistory } from "../../src/record/History.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { app, changes, dead, declare, other, refused, started, startedPod, test } from "./SimulatedBoot.ts"

/** Why the last run did what it did, by the kinds of its steps; and what it had found. */
const explained = Effect.map(readHistory, (history) => {
  const last = history.at(-1)!
  const steps = last.plans.flatMap(({ steps }) => steps)
  return {
    found: last.found,
    causeOf: (kind: string) => steps.filter((step) => step.kind === kind).map(({ cause }) => cause)
  }
})

const pod = JSON.stringify({
  spec: { hostNetwork: false, containers: ["one", "two"].map((name) => ({ name, image: app.reference })) }
})

describe("what was done to a container by hand", () => {
  test("it was removed: status and cause say so", {}, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare())
      assert.deepStrictEqual((yield* explained).causeOf("Create"), ["there is no such container yet"])
      const docker = yield* DockerClient
      yield* docker.stopContainer(name, Duration.zero)
      yield* docker.removeContainer(name)
      const said = `${name}, which the last run left, was removed`
      assert.deepStrictEqual((yield* statusNow).reasons, [said])
      yield* started(declare())
      assert.deepStrictEqual((yield* explained).causeOf("Create"), [said])
    })
  )

  test("one of a Pod was removed: only what is gone is said to be", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(pod)
      const vm = yield* SimulatedVm
      const two = vm.engine.containers.find(({ name }) => name.startsWith("klt-two-"))!
      yield* vm.engine.client.removeContainer(two.id)
      yield* startedPod(pod)
      assert.deepStrictEqual((yield* explained).causeOf("Create"), [
        `${two.name}, which the last run left, was removed`
      ])
    })
  )

  test("it was stopped: status, cause and what was found say so", {}, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare())
      yield* Effect.flatMap(DockerClient, (docker) => docker.stopContainer(name, Duration.seconds(10)))
      const { reasons } = yield* statusNow
      assert.lengthOf(reasons, 1)
      assert.match(reasons[0]!, new RegExp(`^${name} was stopped, with exit code \\d+$`))
      yield* started(declare())
      const { causeOf, found } = yield* explained
      assert.match(causeOf("Stop").concat(causeOf("SetAside")).join(), /it was stopped, with exit code \d+/)
      assert.match(found[0]!, /which was stopped, with exit code \d+$/)
    })
  )

  test("one that its policy lets end, or that was never there, was neither", { images: [app, dead] }, () =>
    Effect.gen(function* () {
      yield* refused(declare({ image: dead.reference }, { restartPolicy: "Never" }))
      const [reason = ""] = (yield* statusNow).reasons
      assert.notMatch(reason, /was stopped|was removed/)
      const vm = yield* SimulatedVm
      yield* vm.reboot
      yield* started(declare())
      assert.notInclude((yield* explained).causeOf("Create").join(), "was removed")
    })
  )
})

describe("a container that was renamed by hand", () => {
  const rename = (from: string, to: string) =>
    Effect.flatMap(SimulatedVm, ({ engine }) =>
      engine.client.renameContainer(engine.containers.find(({ name }) => name === from)!.id, to)
    )
  const found = Effect.map(SimulatedVm, ({ engine }) =>
    engine.containers.map(({ id, name, startedAt, isUp }) => ({ id, name, startedAt, isUp }))
  )

  test("has its name again, and runs on meanwhile; then nothing is to be done", {}, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare())
      const before = yield* found
      yield* rename(name, "mine")
      assert.deepStrictEqual((yield* statusNow).reasons, [`${name} is named mine now`])
      const report = yield* started(declare())
      assert.deepStrictEqual([report.name, report.kept, report.status], [name, true, "running"])
      assert.deepStrictEqual(yield* found, before)
      const { causeOf } = yield* explained
      assert.deepStrictEqual(causeOf("Adjust"), ["somebody has renamed it"])
      assert.lengthOf(report.steps, 1)
      assert.strictEqual((yield* statusNow).verdict, "as declared")
      assert.lengthOf((yield* started(declare())).steps, 0)
    })
  )

  test("keeps its new name where the old one is another's by now, and runs on", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const { id } = (yield* found)[0]!
      yield* rename(name, "mine")
      vm.setFaults(({ name }) => (name === "docker rename" ? { says: "no space left on device" } : undefined))
      yield* started(declare())
      vm.setFaults(undefined)
      assert.deepStrictEqual(
        (yield* found).map((one) => [one.id, one.name, one.isUp]),
        [[id, "mine", true]]
      )
    })
  )

  test("of a Pod, be it what holds its network: none is stopped", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(pod)
      const before = yield* found
      for (const [index, { name }] of before.entries()) yield* rename(name, `mine-${index}`)
      const since = (yield* SimulatedVm).transcript.length
      yield* startedPod(pod)
      assert.deepStrictEqual(yield* found, before)
      assert.deepStrictEqual([...new Set(yield* changes(since))], ["docker rename"])
    })
  )

  test("is replaced where it is of an earlier boot, or declared otherwise by now", { images: [app, other] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      yield* rename(name, "mine")
      const report = yield* started(declare({ image: other.reference }))
      assert.isFalse(report.kept)
      yield* rename(report.name, "mine")
      yield* vm.reboot
      const next = yield* started(declare({ image: other.reference }))
      assert.isFalse(next.kept)
      assert.deepStrictEqual(
        (yield* found).map(({ name }) => name),
        [next.name]
      )
    })
  )

  test("and whose restart policy was changed has that again", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name, containers } = yield* started(declare())
      const before = yield* found
      const id = containers[0].found.pipe(Option.getOrThrow).id
      yield* vm.engine.client.updateRestartPolicy(id, { name: "no", maximumRetryCount: 0 })
      yield* started(declare())
      assert.deepStrictEqual(yield* found, before)
      assert.strictEqual(vm.container(name)?.restartPolicy.name, "always")
      assert.deepStrictEqual((yield* explained).causeOf("Adjust"), [`its restart policy is "no", not as declared`])
    })
  )
})

describe("a container that was paused by hand", () => {
  const found = Effect.map(SimulatedVm, ({ engine }) =>
    engine.containers.map(({ id, status, startedAt }) => ({ id, status, startedAt }))
  )

  test("goes on where it was; then nothing is to be done", {}, () =>
    Effect.gen(function* () {
      const { engine } = yield* SimulatedVm
      const { name } = yield* started(declare())
      const before = yield* found
      yield* engine.pause(name)
      assert.deepStrictEqual((yield* statusNow).reasons, [`${name} is paused`])
      const report = yield* started(declare())
      assert.deepStrictEqual([report.kept, report.status], [true, "running"])
      assert.deepStrictEqual(yield* found, before)
      assert.deepStrictEqual((yield* explained).causeOf("Adjust"), ["somebody has paused it"])
      assert.strictEqual((yield* statusNow).verdict, "as declared")
      assert.lengthOf((yield* started(declare())).steps, 0)
    })
  )

  test("of a Pod, be it what holds its network: none is stopped", {}, () =>
    Effect.gen(function* () {
      const { engine, transcript } = yield* SimulatedVm
      yield* startedPod(pod)
      const before = yield* found
      for (const { id } of before) yield* engine.pause(id)
      const since = transcript.length
      yield* startedPod(pod)
      assert.deepStrictEqual(yield* found, before)
      assert.deepStrictEqual([...new Set(yield* changes(since))], ["docker unpause"])
    })
  )

  test("is stopped for what is declared otherwise by now", {}, () =>
    Effect.gen(function* () {
      const { engine } = yield* SimulatedVm
      const { name } = yield* started(declare())
      yield* engine.pause(name)
      const report = yield* started(declare({ image: other.reference }))
      assert.isFalse(report.kept)
      assert.lengthOf(engine.containers, 1)
    })
  )
})
