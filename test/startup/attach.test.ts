import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import type { Behaviour, VmDescription } from "../../src/simulation/VmDescription.ts"
import { attach } from "../../src/startup/attach.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"

const engines = ["Docker", "Podman"] as const

const vm = (
  behaviour: Behaviour,
  restartPolicy: "no" | "always" | "on-failure",
  engine: (typeof engines)[number] = "Docker"
): VmDescription => ({
  engine,
  images: [{ reference: "registry.example/job", local: true, behaviour }],
  containers: [{ name: "job", image: "registry.example/job", restartPolicy }]
})

/** What is written by then, and how it is collected. */
const output = () => {
  const chunks: Array<string> = []
  return {
    chunks,
    write: ({ bytes }: { readonly bytes: Uint8Array }) =>
      Effect.sync(() => void chunks.push(new TextDecoder().decode(bytes)))
  }
}

describe("attach", () => {
  it.effect("passes on what was written before, and gives the exit code", () =>
    Effect.gen(function* () {
      const { chunks, write } = output()
      yield* Effect.sleep("1 second")
      assert.strictEqual(yield* attach("job", write), 3)
      assert.strictEqual(chunks.join(""), "one\ntwo\n")
    }).pipe(
      Effect.provide(
        SimulatedVm.layer(vm({ _tag: "Exits", afterMillis: 5000, exitCode: 3, log: ["one", "two"] }, "no"))
      ),
      runInVirtualTime
    )
  )

  it.effect("one that has ended long ago is passed on just so", () =>
    Effect.gen(function* () {
      const { chunks, write } = output()
      yield* Effect.sleep("1 hour")
      assert.strictEqual(yield* attach("job", write), 0)
      assert.strictEqual(chunks.join(""), "done\n")
    }).pipe(
      Effect.provide(SimulatedVm.layer(vm({ _tag: "Exits", afterMillis: 5000, exitCode: 0, log: ["done"] }, "no"))),
      runInVirtualTime
    )
  )

  for (const engine of engines) {
    it.effect(`stays with one that ${engine} starts again: each output once, until it is removed`, () =>
      Effect.gen(function* () {
        const { chunks, write } = output()
        const docker = yield* DockerClient
        const { container } = yield* SimulatedVm
        const attached = yield* Effect.forkChild(attach("job", write))
        yield* Effect.sleep("10 seconds")
        const starts = container("job")?.starts.length ?? 0
        assert.isAbove(starts, 2)
        assert.isUndefined(attached.pollUnsafe())
        // Whatever it is named by then.
        while (container("job")?.isUp !== true) yield* Effect.sleep("100 millis")
        yield* docker.renameContainer("job", "mine")
        yield* Effect.sleep("10 seconds")
        assert.isUndefined(attached.pollUnsafe())
        const all = container("mine")?.starts.length ?? 0
        assert.isAbove(all, starts)
        yield* docker.removeContainer("mine")
        assert.strictEqual(yield* Fiber.join(attached), 137)
        assert.strictEqual(chunks.join(""), "again\n".repeat(all))
      }).pipe(
        Effect.provide(
          SimulatedVm.layer(vm({ _tag: "Exits", afterMillis: 1000, exitCode: 1, log: ["again"] }, "always", engine))
        ),
        runInVirtualTime
      )
    )

    it.effect(`ends with one that is stopped by hand on ${engine}`, () =>
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const attached = yield* Effect.forkChild(attach("job", () => Effect.void))
        yield* Effect.sleep("1 minute")
        yield* docker.stopContainer("job", Duration.seconds(10))
        assert.strictEqual(yield* Fiber.join(attached), 143)
      }).pipe(Effect.provide(SimulatedVm.layer(vm({ _tag: "Runs", log: ["up"] }, "always", engine))), runInVirtualTime)
    )
  }
})
