import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Call, Fault } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import {
  app,
  boot,
  declare,
  disk,
  on,
  other,
  slow,
  started,
  startedPod,
  test,
  token,
  withFiles
} from "./SimulatedBoot.ts"

const cache = { name: "cache", emptyDir: { medium: "Memory" } }
const data = { name: "data", gcePersistentDisk: { pdName: "data" } }
const cacheMount = { name: "cache", mountPath: "/cache" }
const dataMount = { name: "data", mountPath: "/data" }

/** It takes its whole grace to stop, and what it is mounted on is unmounted for its successor. */
const before = declare({ image: slow.reference, volumeMounts: [dataMount, cacheMount] }, { volumes: [data, cache] })
const after = declare({ image: other.reference, volumeMounts: [cacheMount] }, { volumes: [cache] })
const description = { images: [app, other, slow], token, disks: [disk(withFiles)] }

/** How the run after the dead one ends before it can put anything in the container's place. */
const endings: Readonly<
  Record<string, { readonly declaration: string | undefined; readonly faults?: (call: Call) => Fault | undefined }>
> = {
  "its declaration is invalid": { declaration: declare({ image: "UPPER" }) },
  "its image is missing": { declaration: declare({ image: "registry.example/missing:1" }) },
  "metadata is away": {
    declaration: after,
    faults: ({ name }) => (name.startsWith("metadata") ? "fail" : undefined)
  },
  "nothing is declared any more": { declaration: undefined }
}

const countCalls = Effect.gen(function* () {
  const vm = yield* SimulatedVm
  yield* started(before)
  const since = vm.transcript.length
  yield* started(after)
  return vm.transcript.length - since
}).pipe(Effect.provide(SimulatedVm.layer(description)), runInVirtualTime)

/** What runs has its restart policy and lies on its mounts, and goes on: nothing is to come that ends it. */
const oneRuns = Effect.fnUntraced(function* (where: string) {
  const vm = yield* SimulatedVm
  yield* Effect.sleep(Duration.minutes(5))
  const up = vm.engine.containers.filter(({ isUp }) => isUp)
  assert.lengthOf(up, 1, where)
  assert.strictEqual(up[0]!.restartPolicy.name, "always", where)
  for (const { target } of up[0]!.spec.mounts) {
    assert.notInclude(["root", "an empty directory", undefined], on(up[0]!.seen, target), where)
  }
})

describe("a run that died while it put another container in the place of one that is slow to stop", () => {
  for (const [how, { declaration, faults }] of Object.entries(endings)) {
    for (const fault of ["crash after", "crash half"] as const) {
      test(
        `${fault}, at each call; then ${how}: a container runs, and the next good run leaves its own alone`,
        {},
        () =>
          Effect.gen(function* () {
            const count = yield* countCalls
            assert.isAbove(count, 20)
            for (let at = 0; at < count; at++) {
              yield* Effect.gen(function* () {
                const vm = yield* SimulatedVm
                yield* started(before)
                const since = vm.transcript.length
                vm.setFaults((_, index) => (index === since + at ? fault : undefined))
                const died = yield* Effect.exit(boot(after))
                const where = `${fault} at call ${at}, ${vm.transcript.at(-1)?.name}`
                vm.restartAgent()
                vm.setFaults(faults)
                const next = yield* Effect.exit(boot(declaration, { lastGood: false }))
                if (declaration !== undefined) assert.isTrue(Exit.isFailure(next), where)
                vm.setFaults(undefined)
                if (Exit.isFailure(died)) yield* oneRuns(where)
                const { name } = yield* started(after)
                yield* oneRuns(where)
                assert.deepStrictEqual(
                  vm.engine.containers.map((container) => container.name),
                  [name],
                  where
                )
                assert.isTrue((yield* started(after)).kept, where)
              }).pipe(Effect.provide(SimulatedVm.layer(description)), runInVirtualTime)
            }
          })
      )
    }
  }
})

describe("a run that was killed while it stopped what it had set aside", () => {
  const two = (image: string) =>
    JSON.stringify({ spec: { containers: ["one", "two"].map((name) => ({ name, image })) } })

  test("the next waits for no container that nobody has asked the engine to stop", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(two(slow.reference))
      const before = vm.engine.containers.map(({ id }) => id)
      vm.setFaults(({ name }) => (name === "docker stop" ? "crash after" : undefined))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(two(other.reference)))))
      vm.restartAgent()
      vm.setFaults(undefined)
      assert.deepStrictEqual(vm.engine.containers.map(({ isUp }) => isUp).toSorted(), [false, true])
      const began = yield* vm.now
      yield* startedPod(two(slow.reference))
      assert.isBelow((yield* vm.now) - began, 10_000)
      for (const { id, name, isUp, restartPolicy } of vm.engine.containers) {
        assert.include(before, id)
        assert.match(name, /^klt-(one|two)-/)
        assert.deepStrictEqual([isUp, restartPolicy.name], [true, "always"])
      }
    })
  )

  const hooked = declare({
    image: slow.reference,
    lifecycle: { preStop: { exec: { command: ["/drain"] } } },
    terminationGracePeriodSeconds: undefined
  })

  for (const [what, from, least, most] of [
    ["that nobody has asked to stop goes on within seconds", declare({ image: slow.reference }), 0, 10_000],
    ["whose preStop hook may have begun is given the time to end by itself", hooked, 40_000, 50_000]
  ] as const) {
    test(`one with restart policy \`no\` ${what}`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(from)
        const { id } = vm.engine.containers[0]!
        vm.setFaults(({ name }) => (name === "docker stop" ? "crash" : undefined))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(declare({ image: other.reference })))))
        assert.strictEqual(vm.engine.containers.find((container) => container.id === id)?.restartPolicy.name, "no")
        vm.restartAgent()
        vm.setFaults(undefined)
        const began = yield* vm.now
        yield* started(from)
        const took = (yield* vm.now) - began
        assert.isTrue(took >= least && took < most, String(took))
        const [first, ...others] = vm.engine.containers
        assert.deepStrictEqual(others, [])
        assert.deepStrictEqual([first!.id, first!.isUp, first!.restartPolicy.name], [id, true, "always"])
        assert.deepStrictEqual(first!.ends, [])
      })
    )
  }
})
