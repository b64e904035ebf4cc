import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { devicePath, Disks } from "../../../src/vm/storage/Disks.ts"
import { Mounts } from "../../../src/vm/storage/Mounts.ts"
import { type DiskRole, HostFixture, type HostTest, mounted, observePresent, readFile } from "../host/HostFixture.ts"

const mebibyte = 1024 * 1024

export const diskContract = (test: HostTest) => {
  test(
    "a blank disk is blank, with proof",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const deviceName = yield* host.attach("blank")
      const observed = yield* observePresent(deviceName)
      assert.strictEqual(observed.device, devicePath(deviceName, 0))
      assert.match(observed.path, /^\/dev\/[a-z0-9]+$/)
      assert.strictEqual(observed.sizeBytes, 64 * mebibyte)
      assert.deepStrictEqual(observed.children, [])
      assert.deepStrictEqual(observed.content, {
        _tag: "Blank",
        proof: {
          _tag: "Blank",
          sizeBytes: 64 * mebibyte,
          zeroRanges: [
            [0, mebibyte],
            [63 * mebibyte, 64 * mebibyte]
          ]
        }
      })
    })
  )

  test(
    "a filesystem is told by its type",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const types: ReadonlyArray<readonly [DiskRole, string]> = [
        ["data", "ext4"],
        ["repairable", "ext4"],
        ["broken", "ext4"],
        ["newer", "ext4"],
        ["tooNew", "ext4"],
        ["unreplayed", "ext4"],
        ["xfs", "xfs"]
      ]
      for (const [role, type] of types) {
        const observed = yield* observePresent(yield* host.attach(role))
        assert.deepStrictEqual(observed.content, { _tag: "Filesystem", type }, role)
      }
    })
  )

  test(
    "a partition table is a signature, its partition a disk of its own",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const deviceName = yield* host.attach("partitioned")
      const whole = yield* observePresent(deviceName)
      const part = yield* observePresent(deviceName, 1)
      assert.strictEqual(whole.content._tag, "Signature")
      assert.deepStrictEqual(whole.children, [part.path])
      assert.strictEqual(part.device, devicePath(deviceName, 1))
      assert.strictEqual(part.content._tag, "Blank")
      assert.deepStrictEqual(part.children, [])
    })
  )

  test(
    "neither a swap area nor data without a signature is blank",
    Effect.gen(function* () {
      const host = yield* HostFixture
      assert.strictEqual((yield* observePresent(yield* host.attach("swap"))).content._tag, "Signature")
      assert.strictEqual((yield* observePresent(yield* host.attach("garbage"))).content._tag, "Data")
    })
  )

  test(
    "a device that is not there is missing; one that is no block device is said to be none",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const blank = yield* host.attach("blank")
      const other = yield* host.notBlockDevice
      assert.deepStrictEqual(yield* disks.observe(`${blank}-not-there`, 0), {
        _tag: "Missing",
        device: devicePath(`${blank}-not-there`, 0)
      })
      assert.strictEqual((yield* disks.observe(blank, 7))._tag, "Missing")
      assert.deepStrictEqual(yield* disks.observe(other, 0), { _tag: "NotBlockDevice", device: devicePath(other, 0) })
    })
  )

  test(
    "a formatted disk is ext4 and clean",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const deviceName = yield* host.attach("blank")
      const device = devicePath(deviceName, 0)
      yield* disks.format(device)
      assert.deepStrictEqual((yield* observePresent(deviceName)).content, { _tag: "Filesystem", type: "ext4" })
      assert.strictEqual(yield* disks.check(device), "clean")
    })
  )

  test(
    "a check repairs what it can, and says when it cannot",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const data = devicePath(yield* host.attach("data"), 0)
      const repairable = devicePath(yield* host.attach("repairable"), 0)
      const broken = devicePath(yield* host.attach("broken"), 0)
      assert.strictEqual(yield* disks.check(data), "clean")
      assert.strictEqual(yield* disks.check(repairable), "repaired")
      assert.strictEqual(yield* disks.check(repairable), "clean")
      const failure = yield* Effect.flip(disks.check(broken))
      assert.strictEqual(failure._tag, "DiskFailed")
      // The cause, which fsck does not write to standard error; and what to run, on what.
      assert.match(failure.message, /Root inode is not a directory\..*exit code 4/)
      assert.match(failure.message, new RegExp(`fsck\\.ext4 -f ${broken}$`))
    })
  )

  test(
    "a filesystem that is newer than fsck.ext4 is not checked; the kernel mounts what it knows",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const mounts = yield* Mounts
      const newer = devicePath(yield* host.attach("newer"), 0)
      const tooNew = devicePath(yield* host.attach("tooNew"), 0)
      assert.deepStrictEqual(yield* disks.check(newer), {
        _tag: "Unsupported",
        detail: "unsupported feature(s): FEATURE_C30"
      })
      yield* mounted({ source: newer, target: `${host.mountRoot}/newer`, type: "ext4", options: ["rw"] })
      assert.strictEqual(yield* readFile(`${host.mountRoot}/newer/kept`), "data\n")
      assert.deepStrictEqual(yield* disks.check(tooNew), {
        _tag: "Unsupported",
        detail: "unsupported feature(s): FEATURE_I30"
      })
      const mount = { source: tooNew, target: `${host.mountRoot}/tooNew`, type: "ext4", options: ["rw"] }
      assert.strictEqual((yield* Effect.flip(mounts.mount(mount)))._tag, "MountFailed")
    })
  )

  test(
    "a journal that has to be replayed keeps a read-only device from being mounted, but with noload",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const mounts = yield* Mounts
      const device = devicePath(yield* host.attach("unreplayed"), 0)
      const mount = { source: device, target: `${host.mountRoot}/a`, type: "ext4" }
      assert.isTrue(yield* disks.needsRecovery(device))
      const refused = yield* Effect.flip(mounts.mount({ ...mount, options: ["ro"] }))
      assert.match(refused.message, /cannot mount .* read-only/)
      yield* mounted({ ...mount, options: ["ro", "noload"] })
      assert.strictEqual(yield* readFile(`${host.mountRoot}/a/kept`), "data\n")
      const entry = (yield* mounts.table).find(({ target }) => target === mount.target)
      assert.includeMembers([...(entry?.options ?? [])], ["ro", "norecovery"])
      for (const role of ["data", "blank"] as const) {
        assert.isFalse(yield* disks.needsRecovery(devicePath(yield* host.attach(role), 0)), role)
      }
    })
  )

  test(
    "a local SSD is found under the name that its bus gives it, whichever of the two is asked for",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      for (const [bus, link] of [
        ["SCSI", "local-ssd"],
        ["NVMe", "local-nvme-ssd"]
      ] as const) {
        const number = yield* host.attachLocalSsd(bus)
        for (const name of ["local-ssd", "local-nvme-ssd"]) {
          const observed = yield* observePresent(`${name}-${number}`)
          assert.strictEqual(observed.device, devicePath(`${link}-${number}`, 0))
          assert.strictEqual(observed.content._tag, "Blank")
        }
      }
      assert.deepStrictEqual(yield* disks.observe("local-ssd-987654321", 1), {
        _tag: "Missing",
        device: devicePath("local-ssd-987654321", 1),
        otherLinks: [devicePath("local-nvme-ssd-987654321", 1)]
      })
    })
  )

  test(
    "a mounted disk is neither formatted nor checked",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const deviceName = yield* host.attach("data")
      const device = devicePath(deviceName, 0)
      yield* mounted({ source: device, target: `${host.mountRoot}/a`, type: "ext4", options: ["rw"] })
      assert.strictEqual((yield* Effect.flip(disks.format(device)))._tag, "DiskFailed")
      assert.strictEqual((yield* Effect.flip(disks.check(device)))._tag, "DiskFailed")
      assert.deepStrictEqual((yield* observePresent(deviceName)).content, { _tag: "Filesystem", type: "ext4" })
      assert.strictEqual(yield* readFile(`${host.mountRoot}/a/kept`), "data\n")
    })
  )
}
