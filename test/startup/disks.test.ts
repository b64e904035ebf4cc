import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { DiskContentDescription } from "../../src/simulation/VmDescription.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import {
  app,
  boot,
  changes,
  declare,
  disk,
  onDisk,
  other,
  refused,
  root,
  running,
  started,
  test,
  token,
  withFiles
} from "./SimulatedBoot.ts"

/** A container whose data is on a disk, which is declared with these keys. */
const on = (keys: Record<string, unknown> = {}, container: Record<string, unknown> = {}): string =>
  declare(
    { volumeMounts: [{ name: "data", mountPath: "/data" }], ...container },
    { volumes: [{ name: "data", gcePersistentDisk: { pdName: "data", ...keys } }] }
  )
const xfs = on({ fsType: "xfs" })
const target = `${root}/gce-persistent-disks/data`
const record = "/var/lib/slipway/format-data-0"
const gibibyte = 1024 ** 3

const mounted = Effect.map(SimulatedVm, ({ host }) =>
  host.files.mounts.flatMap((mount) => (mount.target === target ? [[mount.type, mount.options[0]]] : []))
)

describe("a disk of xfs", () => {
  test("is made of a blank one, once, and keeps its data", { disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(xfs)
      vm.host.files.write(`${target}/mine`, "kept")
      assert.deepStrictEqual(yield* mounted, [["xfs", "rw"]])
      assert.isUndefined(vm.host.files.read(record))
      yield* vm.reboot
      yield* started(xfs)
      assert.strictEqual(vm.host.files.read(`${target}/mine`), "kept")
      const before = vm.transcript.length
      assert.isTrue((yield* started(xfs)).kept)
      assert.deepStrictEqual(yield* changes(before), [])
      assert.strictEqual(vm.disk("data").formatted, 1)
    })
  )

  test("is mounted as it is where nothing else is declared", { disks: [disk({ _tag: "Xfs" })] }, () =>
    Effect.gen(function* () {
      yield* started(on())
      assert.deepStrictEqual(yield* mounted, [["xfs", "rw"]])
    })
  )

  const labelled = { disks: [disk({ _tag: "Xfs", label: "archive" })] } as const
  test("is refused where ext4 is declared, with its label, and the container runs on", labelled, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const { content } = vm.disk("data")
      const failure = yield* refused(on({ fsType: "ext4" }))
      assert.match(failure.message, /holds a filesystem of type xfs, labelled "archive" \(UUID .*"fsType: xfs"/)
      assert.strictEqual(vm.disk("data").content, content)
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("ext4 is refused where xfs is declared", { disks: [disk({ _tag: "Ext4" })] }, () =>
    Effect.gen(function* () {
      const failure = yield* refused(xfs)
      assert.match(failure.message, /holds a filesystem of type ext4.*write "fsType: ext4"/)
    })
  )

  const without = { disks: [disk({ _tag: "Blank" })], xfsprogs: false }
  test("is not begun where the host cannot make it; nothing is stopped", without, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const failure = yield* refused(xfs)
      assert.match(failure.message, /has no mkfs\.xfs .*"fsType: ext4"/)
      assert.strictEqual(vm.disk("data").content._tag, "Blank")
      assert.isUndefined(vm.host.files.read(record))
      assert.strictEqual(vm.container(name)!.starts.length, 1)
    })
  )

  test("is mounted where the host has no program for it", { ...without, disks: [disk({ _tag: "Xfs" })] }, () =>
    Effect.asVoid(started(xfs))
  )

  const halfMade = ({ name, subject }: { readonly name: string; readonly subject: string }) =>
    name === "run mkfs.xfs" && subject !== "-V" ? ("crash half" as const) : undefined
  test("half made by a run that was killed, is begun again by its record", { disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(halfMade)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(xfs))))
      assert.deepInclude(vm.disk("data").content, { _tag: "Xfs", fault: "unfinished" })
      vm.restartAgent()
      vm.setFaults(undefined)
      yield* started(xfs)
      assert.deepInclude(vm.disk("data").content, { _tag: "Xfs", fault: undefined })
      assert.isUndefined(vm.host.files.read(record))
    })
  )

  test("half made by others, is left as it is", { disks: [disk({ _tag: "Xfs", fault: "unfinished" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      assert.match((yield* refused(xfs)).message, /xfs.*whose mkfs did not come to its end\. It was left untouched/)
      assert.strictEqual(vm.disk("data").formatted, 0)
    })
  )

  test("a record that is too old for it is taken away when it is mounted", { disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name, subject }) => (name === "run rm" && subject === record ? "crash" : undefined))
      yield* Effect.exit(boot(xfs))
      assert.isDefined(vm.host.files.read(record))
      vm.restartAgent()
      vm.setFaults(undefined)
      yield* started(xfs)
      assert.isUndefined(vm.host.files.read(record))
      assert.strictEqual(vm.disk("data").formatted, 1)
    })
  )

  const unreplayed = { disks: [{ ...disk({ _tag: "Xfs", fault: "unreplayed" }), mode: "READ_ONLY" }] } as const
  test("attached read-only and not unmounted cleanly, is mounted without its log", unreplayed, () =>
    Effect.gen(function* () {
      const reading = on({}, { volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true }] })
      const { warnings } = yield* started(reading)
      assert.match(warnings.join(), /norecovery/)
      assert.isTrue((yield* started(reading)).kept)
    })
  )
})

describe("a disk that is declared readOnly", () => {
  const slipway = { declarationKey: "slipway-declaration" } as const
  const reading = on({ readOnly: true })
  test(
    "is mounted so, unchecked, and what mounts it for writing cannot write",
    { ...slipway, declaration: reading, disks: [disk({ _tag: "Ext4", fault: "repairable" })] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(reading)
        assert.deepStrictEqual(yield* mounted, [["ext4", "ro"]])
        assert.deepStrictEqual(vm.container(name)!.spec.mounts, [{ source: target, target: "/data", readOnly: true }])
        assert.notInclude(
          vm.transcript.map(({ name }) => name),
          "run fsck.ext4"
        )
        // Then it may be written: the container is replaced, and the disk mounted anew.
        yield* started(on())
        assert.deepStrictEqual(yield* mounted, [["ext4", "rw"]])
      })
  )

  test("and is blank, is not formatted", { ...slipway, declaration: reading, disks: [disk({ _tag: "Blank" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      assert.match((yield* refused(reading)).message, /is declared readOnly, but it is blank/)
      assert.strictEqual(vm.disk("data").content._tag, "Blank")
    })
  )

  test("is mounted for writing under konlet's key, as ever", { disks: [disk({ _tag: "Ext4" })] }, () =>
    Effect.gen(function* () {
      yield* started(reading)
      assert.deepStrictEqual(yield* mounted, [["ext4", "rw"]])
    })
  )
})

describe("a disk that was made larger", () => {
  const contents: ReadonlyArray<readonly [string, DiskContentDescription, "run resize2fs" | "run xfs_growfs"]> = [
    ["ext4", { _tag: "Ext4", files: { kept: "data" } }, "run resize2fs"],
    ["xfs", { _tag: "Xfs", files: { kept: "data" } }, "run xfs_growfs"]
  ]
  const sizeOf = Effect.map(SimulatedVm, (vm) => {
    const { content } = vm.disk("data")
    return "sizeBytes" in content ? content.sizeBytes / gibibyte : undefined
  })

  for (const [type, content, grows] of contents) {
    test(`is grown (${type}) while the container runs on`, { disks: [disk(content)] }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(on())
        vm.disk("data").sizeBytes = 25 * gibibyte
        const before = vm.transcript.length
        const report = yield* started(on())
        assert.isTrue(report.kept)
        assert.deepStrictEqual(yield* changes(before), [grows])
        assert.strictEqual(yield* sizeOf, 25)
        assert.strictEqual(vm.container(name)!.starts.length, 1)
        const after = vm.transcript.length
        yield* started(on())
        assert.deepStrictEqual(yield* changes(after), [])
        assert.strictEqual(vm.host.files.read(`${target}/kept`), "data")
      })
    )

    test(
      `while the VM was off, is grown (${type}) before what writes to it starts`,
      {
        disks: [{ ...disk({ ...content, sizeBytes: 5 * gibibyte } as DiskContentDescription) }]
      },
      () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          yield* started(on())
          const calls = vm.transcript.map(({ name }) => name)
          assert.isAbove(calls.indexOf(grows), calls.lastIndexOf("run mount"))
          assert.isBelow(calls.indexOf(grows), calls.indexOf("docker start"))
          assert.strictEqual(yield* sizeOf, 10)
        })
    )

    test(
      `and cannot be grown (${type}), starts all the same, with the command to grow it`,
      {
        disks: [{ ...disk({ ...content, sizeBytes: 5 * gibibyte } as DiskContentDescription) }]
      },
      () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          vm.setFaults(({ name }) => (name === grows ? "fail" : undefined))
          const { warnings } = yield* started(on())
          assert.match(
            warnings.join(),
            /has 10 GiB, of which its filesystem uses 5 GiB: it could not be grown: .*a fault/
          )
          assert.match(warnings.join(), type === "xfs" ? /xfs_growfs \/mnt\/.*\/data$/ : /resize2fs \/dev\/sdb$/)
          vm.setFaults(undefined)
          assert.isTrue((yield* started(on())).kept)
          assert.strictEqual(yield* sizeOf, 10)
        })
    )
  }

  test("is grown when its container is replaced and the disk stays mounted", { disks: [disk({ _tag: "Ext4" })] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(on())
      vm.disk("data").sizeBytes = 25 * gibibyte
      yield* started(on({}, { image: other.reference }))
      assert.strictEqual(yield* sizeOf, 25)
    })
  )

  test(
    "is left as it is where nothing writes to it",
    {
      disks: [disk({ _tag: "Ext4", sizeBytes: 5 * gibibyte })]
    },
    () =>
      Effect.gen(function* () {
        const reading = on({}, { volumeMounts: [{ name: "data", mountPath: "/data", readOnly: true }] })
        yield* started(reading)
        assert.strictEqual(yield* sizeOf, 5)
      })
  )
})

describe("a program of the host that hangs once", () => {
  /** They work on the disk itself, which may take half an hour. */
  const mayTakeLong = /^run (fsck|mkfs)/

  for (const [what, content] of [
    ["blank", { _tag: "Blank" }],
    ["formatted", withFiles]
  ] as const) {
    test(`holds up a run whose disk is ${what} for minutes, not for as long as its disk may be checked`, {}, () =>
      Effect.gen(function* () {
        const description = { images: [app], token, disks: [disk(content)] }
        const once = (at: number) =>
          Effect.gen(function* () {
            const vm = yield* SimulatedVm
            let calls = 0
            vm.setFaults(({ name }) =>
              name.startsWith("run ") && !mayTakeLong.test(name) && calls++ === at ? "hang" : undefined
            )
            const began = yield* Clock.currentTimeMillis
            yield* Effect.exit(boot(onDisk()))
            const millis = (yield* Clock.currentTimeMillis) - began
            const program = vm.transcript.filter(({ name }) => name.startsWith("run ") && !mayTakeLong.test(name))[at]
            return { calls, millis, program: `${program?.name} ${program?.subject}` }
          }).pipe(Effect.provide(SimulatedVm.layer(description)), runInVirtualTime)
        const { calls } = yield* once(Infinity)
        assert.isAbove(calls, 20)
        for (let at = 0; at < calls; at++) {
          const { millis, program } = yield* once(at)
          // The lock may be waited for for a quarter of an hour.
          assert.isAtMost(Duration.toMinutes(millis), 18, program)
        }
      })
    )
  }
})
