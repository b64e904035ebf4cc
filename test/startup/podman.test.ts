import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmDescription } from "../../src/simulation/VmDescription.ts"
import { makeContainerChanges } from "../../src/apply/containerChanges.ts"
import { engineLimits } from "../../src/observation/engineLimits.ts"
import { type ProgressEvent, Progress } from "../../src/progress/Progress.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
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

  const looping: VmDescription = {
    engine: "Podman",
    images: [
      { reference: "registry.example/loop", local: true, behaviour: { _tag: "Exits", afterMillis: 5000, exitCode: 1 } }
    ],
    containers: [{ name: "loop", image: "registry.example/loop", restartPolicy: "always" }]
  }

  test("one that was seen between two starts does not run on when it is set aside", looping, () =>
    Effect.gen(function* () {
      const docker = yield* DockerClient
      const { container } = yield* SimulatedVm
      const changes = yield* makeContainerChanges
      yield* Effect.sleep(Duration.millis(5050))
      const seen = Option.getOrThrow(yield* docker.inspectContainer("loop"))
      assert.strictEqual(seen.status, "exited")
      yield* Effect.sleep(Duration.millis(100))
      assert.strictEqual(Option.getOrThrow(yield* docker.inspectContainer("loop")).status, "running")
      yield* changes.setAside(seen, "klt-aside-loop")
      const after = Option.getOrThrow(yield* docker.inspectContainer("klt-aside-loop"))
      assert.deepStrictEqual([after.status, after.restartPolicy.name], ["exited", "no"])
      assert.lengthOf(container("klt-aside-loop")?.starts ?? [], 2)
    })
  )
})
