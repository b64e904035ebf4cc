import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import type { Fault } from "../../src/simulation/Calls.ts"
import type { SimulatedContainer } from "../../src/simulation/engine/SimulatedContainer.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { backOff } from "../../src/timing/backOff.ts"
import { app, boot, isOneOfAKind, other, secret, startedPod, strikable, test, token } from "./SimulatedBoot.ts"

/** It has something to do for a while, and succeeds. */
const setup = {
  reference: "registry.example/setup:1",
  behaviour: { _tag: "Exits", afterMillis: 2_000, exitCode: 0 }
} as const

/** An init container, a sidecar and two containers; of the other version all but one container differ. */
const pod = (version: "first" | "second", network: Record<string, unknown>): string => {
  const [image, args] = version === "first" ? [app.reference, ["--first"]] : [other.reference, ["--second"]]
  const ports = "hostNetwork" in network ? { ports: [{ containerPort: 80, hostPort: 8080 }] } : {}
  return JSON.stringify({
    spec: {
      ...network,
      initContainers: [
        { name: "proxy", image, restartPolicy: "Always" },
        { name: "migrate", image: setup.reference, args }
      ],
      containers: [
        { name: "web", image, env: [{ name: "PASSWORD", value: secret }], ...ports },
        { name: "worker", image: app.reference }
      ]
    }
  })
}

interface Scene {
  readonly before: string
  readonly declaration: string
  readonly names: ReadonlyArray<string>
}
const names = ["proxy", "migrate", "web", "worker"]
const own = { hostNetwork: false }
const shared = { shareProcessNamespace: true }
const scenes: Readonly<Record<string, Scene>> = {
  "another version on the host's network": { before: pod("first", {}), declaration: pod("second", {}), names },
  "another version on a network of its own": {
    before: pod("first", own),
    declaration: pod("second", own),
    names: ["pod.sandbox", ...names]
  },
  "another version of containers that share their processes": {
    before: pod("first", shared),
    declaration: pod("second", shared),
    names: ["pod.sandbox", ...names]
  }
}

const description = { images: [app, other, setup], token }

const containerOf = ({ spec }: SimulatedContainer): string => spec.labels["slipway.container"] ?? spec.name

/** Which of ours run, by their names in the declaration. */
const up = Effect.map(SimulatedVm, ({ engine }) => engine.containers.filter(({ isUp }) => isUp).map(containerOf))

/** The calls at which the run is to go wrong, by their number in one that does not. */
const callsOf = ({ before, declaration }: Scene) =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    yield* startedPod(before)
    const from = vm.transcript.length
    yield* startedPod(declaration)
    return strikable(vm.transcript, from)
  }).pipe(Effect.provide(SimulatedVm.layer(description)), runInVirtualTime)

/** What goes wrong with the calls of one run, counted from its first. */
type Faults = (call: number) => Fault | undefined

/** Some runs go wrong; the next comes to the declared Pod. In between never two of one container run. */
const recovers = ({ before, declaration, names }: Scene, what: string, wrong: ReadonlyArray<Faults>) =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    yield* startedPod(before)
    const where = () => `${what}; the last call was ${vm.transcript.at(-1)?.name}`
    const holds = () => {
      const running = vm.engine.containers.filter(({ isUp }) => isUp).map(containerOf)
      assert.deepStrictEqual(running, [...new Set(running)], where())
    }
    const runs = (faults: Faults) =>
      Effect.gen(function* () {
        const from = vm.transcript.length
        vm.setFaults((_, index) => {
          holds()
          return faults(index - from)
        })
        const exit = yield* Effect.exit(boot(declaration))
        if (Exit.isSuccess(exit)) {
          assert.includeMembers(
            [...(yield* up)],
            names.filter((name) => name !== "migrate"),
            where()
          )
        }
        vm.setFaults(undefined)
        vm.restartAgent()
        holds()
        return exit
      })
    for (const faults of wrong) yield* runs(faults)
    // What has cost containers that run, and failed, is not tried again at once.
    yield* Effect.sleep(backOff(wrong.length))

    const last = yield* runs(() => undefined)
    assert.isTrue(Exit.isSuccess(last), `${where()}: ${JSON.stringify(last)}`)
    assert.sameMembers(vm.engine.containers.map(containerOf), [...names], where())
    for (const container of vm.engine.containers) {
      const state = containerOf(container) === "migrate" ? ["exited", 0] : ["running", 0]
      assert.deepStrictEqual([container.status, container.exitCode], state, where())
      assert.isFalse(container.isCutOff, where())
    }
    const again = yield* startedPod(declaration)
    assert.isTrue(
      again.containers.every(({ kept }) => kept),
      where()
    )
  }).pipe(Effect.provide(SimulatedVm.layer(description)), runInVirtualTime)

describe("whatever one call does, the next run comes to the declared Pod", () => {
  for (const [name, scene] of Object.entries(scenes)) {
    for (const fault of ["crash", "crash after", "lose", "late", "lag"] as const) {
      test(`${name}: ${fault}, at each call`, {}, () =>
        Effect.gen(function* () {
          const calls = (yield* callsOf(scene)).filter((call) => isOneOfAKind(fault, call))
          assert.isAbove(calls.length, 10)
          for (const { at } of calls) {
            yield* recovers(scene, `${fault} at call ${at}`, [(call) => (call === at ? fault : undefined)])
          }
        })
      )
    }
  }

  test("a run killed in the midst of an init container begins it again", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "docker wait" ? "crash" : undefined))
      const declaration = pod("first", {})
      yield* Effect.exit(boot(declaration))
      vm.setFaults(undefined)
      vm.restartAgent()
      const migrations = () => vm.engine.containers.filter((one) => containerOf(one) === "migrate")
      assert.lengthOf(migrations(), 1)
      const [first] = migrations()
      assert.isFalse(vm.engine.containers.some((one) => containerOf(one) === "web" && one.isUp))
      yield* startedPod(declaration)
      const [second] = migrations()
      assert.deepStrictEqual([second!.status, second!.exitCode], ["exited", 0])
      assert.notStrictEqual(second!.id, first!.id)
      assert.sameMembers([...(yield* up)], ["proxy", "web", "worker"])
    })
  )
})
