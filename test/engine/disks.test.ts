import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import type { Report, ReportedContainer } from "../../src/startup/Report.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { devicePath } from "../../src/workload/devicePath.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, layerVm, onClearVm, reboot, startedAlone as started, Vm } from "./Vm.ts"

/** A container whose data is on a disk, which is declared with these keys. */
const on = (pdName: string, keys: Record<string, unknown> = {}, container: Record<string, unknown> = {}): string =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:1`,
          volumeMounts: [{ name: "data", mountPath: "/data" }],
          ...container
        }
      ],
      volumes: [{ name: "data", gcePersistentDisk: { pdName, ...keys } }]
    }
  })

type Running = Extract<Report, { readonly _tag: "Running" }> & ReportedContainer
const stepsOf = ({ steps }: Running) => steps.map(({ step }) => step.action._tag)

const attach = Effect.fnUntraced(function* (role: Parameters<HostFixture["Service"]["attach"]>[0], larger = 0) {
  const host = yield* HostFixture
  const { metadata } = yield* Vm
  const deviceName = yield* host.attach(role)
  for (let times = 0; times < larger; times++) yield* host.enlarge(deviceName)
  metadata.disks.push({ deviceName, mode: "READ_WRITE" })
  return deviceName
})

/** Runs a shell line in the container. */
const inside = Effect.fnUntraced(function* ({ name }: Running, line: string) {
  const vm = yield* Vm
  return yield* vm.docker("exec", name, "sh", "-c", line)
})

describe.skipIf(inject("bench") === undefined)("disks on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a blank disk becomes xfs, once, and keeps its data", () =>
      Effect.gen(function* () {
        const disk = yield* attach("blank", 3)
        const declaration = on(disk, { fsType: "xfs" })
        const first = yield* started(declaration)
        assert.include(stepsOf(first), "Format")
        yield* inside(first, "echo kept >/data/mine")
        yield* reboot
        const second = yield* started(declaration)
        assert.notInclude(stepsOf(second), "Format")
        assert.strictEqual(yield* inside(second, "cat /data/mine"), "kept\n")
        assert.match(yield* inside(second, "cat /proc/mounts"), / \/data xfs rw/)
        assert.deepStrictEqual(stepsOf(yield* started(declaration)), [])
      }))

    test("a disk is mounted as what it holds, or refused with its label where another filesystem is declared", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const disk = yield* attach("xfs")
        const first = yield* started(on(disk))
        assert.match(yield* inside(first, "cat /proc/mounts"), / \/data xfs rw/)
        const before = yield* vm.inspect(first.name)
        const failure = yield* Effect.flip(boot(on(disk, { fsType: "ext4" })))
        if (failure._tag !== "PlanRefused") return assert.fail(failure.message)
        assert.match(failure.message, /a filesystem of type xfs, labelled "shop data" \(UUID .*"fsType: xfs"/)
        assert.deepStrictEqual(yield* vm.inspect(first.name), before)
      }))

    test("what a killed mkfs.xfs of others has left is refused, and untouched", () =>
      Effect.gen(function* () {
        const runner = yield* CommandRunner
        const disk = yield* attach("xfsUnfinished")
        const sum = runner.run({ program: "sha256sum", args: [devicePath(disk, 0)] })
        const { stdout } = yield* sum
        assert.match((yield* Effect.flip(boot(on(disk, { fsType: "xfs" })))).message, /mkfs did not come to its end/)
        assert.strictEqual((yield* sum).stdout, stdout)
      }))

    test("a filesystem grows with its disk while the container runs on", () =>
      Effect.gen(function* () {
        const host = yield* HostFixture
        const vm = yield* Vm
        for (const role of ["xfs", "data"] as const) {
          vm.metadata.disks = []
          const disk = yield* attach(role)
          const first = yield* started(on(disk))
          const blocks = Effect.map(inside(first, "stat -f -c %b /data"), Number)
          const before = yield* blocks
          const { State } = yield* vm.inspect(first.name)
          yield* host.enlarge(disk)
          const second = yield* started(on(disk))
          assert.isTrue(second.kept)
          assert.strictEqual((yield* vm.inspect(second.name)).State.StartedAt, State.StartedAt)
          if (role === "xfs" || host.growsExt4) {
            assert.deepStrictEqual(stepsOf(second), ["Grow"])
            assert.isAbove(yield* blocks, 1.8 * before)
            assert.deepStrictEqual(stepsOf(yield* started(on(disk))), [])
          } else {
            // Without the right to, the container stays up, and the operator is told how.
            assert.match(
              second.warnings.join(),
              /could not be grown: .*Permission denied.*by hand: resize2fs \/dev\/loop/
            )
            assert.strictEqual(yield* blocks, before)
          }
        }
      }))

    test("a disk that is declared readOnly cannot be written, by whatever mount", () =>
      Effect.gen(function* () {
        const { metadata, docker } = yield* Vm
        const disk = yield* attach("data")
        metadata.attributes["slipway-declaration"] = on(disk, { readOnly: true })
        const report = yield* started(on(disk, { readOnly: true }))
        assert.notInclude(stepsOf(report), "Check")
        assert.strictEqual(yield* docker("exec", report.name, "cat", "/data/kept"), "data\n")
        assert.match(yield* inside(report, "cat /proc/mounts"), / \/data ext4 ro/)
        assert.strictEqual(yield* inside(report, "touch /data/new 2>/dev/null || echo refused"), "refused\n")
      }))
  })
})
