import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { boot, declare, disk, onDisk, other, running, slow, started, test } from "./SimulatedBoot.ts"

/** Boots, and interrupts it as soon as a call of this name has come. */
const interruptedAt = Effect.fnUntraced(function* (call: string, declaration: string) {
  const vm = yield* SimulatedVm
  const before = vm.transcript.length
  const run = yield* Effect.forkChild(boot(declaration))
  while (!vm.transcript.slice(before).some(({ name }) => name === call)) yield* Effect.sleep(Duration.millis(1))
  yield* Fiber.interrupt(run)
})

describe("a run that is interrupted", () => {
  const blank = { disks: [disk({ _tag: "Blank" })] }

  for (const call of ["docker pull", "docker stop", "docker create", "docker start", "docker events"]) {
    test(`at ${call}: the container that ran before runs, and nothing else of ours is there`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        const { id } = vm.container(name)!
        yield* interruptedAt(call, declare({ image: other.reference }))
        assert.deepStrictEqual(yield* running, [name])
        assert.deepStrictEqual(
          vm.engine.containers.map((container) => [container.id, container.name, container.restartPolicy.name]),
          [[id, name, "always"]]
        )
      })
    )
  }

  for (const call of ["docker rename", "docker update", "docker stop", "run umount", "docker create", "docker start"]) {
    test(`at ${call}: the old container runs on, or again when it has taken its time to stop`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const cache = {
          volumeMounts: [{ name: "cache", mountPath: "/cache" }],
          pod: { volumes: [{ name: "cache", emptyDir: { medium: "Memory" } }] }
        }
        const { volumeMounts, pod } = cache
        const { name } = yield* started(declare({ image: slow.reference, volumeMounts }, pod))
        const { id } = vm.container(name)!
        yield* interruptedAt(call, declare({ image: other.reference, volumeMounts }, pod))
        assert.deepStrictEqual(yield* running, [name])
        // Nothing that was asked of the engine is still to come.
        yield* Effect.sleep(Duration.minutes(5))
        assert.deepStrictEqual(
          vm.engine.containers.map((container) => [container.id, container.name, container.status]),
          [[id, name, "running"]]
        )
        assert.deepStrictEqual(vm.container(name)!.restartPolicy.name, "always")
      })
    )
  }

  test("while it formats: the disk is formatted whole, and not left mounted", blank, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* interruptedAt("run mkfs.ext4", onDisk())
      assert.strictEqual(vm.disk("data").content._tag, "Ext4")
      assert.deepStrictEqual(vm.host.files.mounts, [])
      yield* started(onDisk())
      assert.strictEqual(vm.disk("data").formatted, 1)
    })
  )
})
