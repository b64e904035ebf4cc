import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { readHistory } from "../../src/record/History.ts"
import { statusNow } from "../../src/record/StatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { app, dead, declare, refused, started, startedPod, test } from "./SimulatedBoot.ts"

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
