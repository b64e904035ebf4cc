import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { devicePath } from "../../../src/workload/devicePath.ts"
import { Disks } from "../../../src/vm/storage/Disks.ts"
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
        ["xfs", "xfs"],
        ["xfsUnreplayed", "xfs"],
        ["ext2", "ext2"]
      ]
      for (const [role, type] of types) {
        const { content } = yield* observePresent(yield* host.attach(role))
        assert.strictEqual(content._tag === "Filesystem" ? content.type : content._tag, type, role)
      }
    })
  )

  test(
    "a filesystem is told with its label and its size, as far as it is mounted here",
    Effect.gen(function* () {
      const host = yield* HostFixture
      for (const [role, label, isSized] of [
        ["data", "shop", true],
        ["xfs", "shop data", true],
        // What ends the quotation that it is put in is another mark.
        ["ext2", "old 'one'", false]
      ] as const) {
        const observed = yield* observePresent(yield* host.attach(role))
        if (observed.content._tag !== "Filesystem") return assert.fail(observed.content._tag)
        assert.strictEqual(observed.content.label, label)
        assert.match(observed.content.uuid ?? "", /^[0-9a-z-]+$/)
        assert.strictEqual(observed.content.size?.bytes, isSized ? observed.sizeBytes : undefined, role)
        assert.strictEqual((observed.content.size?.logBytes ?? 0) > 0, role === "xfs")
      }
    })
  )

  test(
    "what a killed mkfs.xfs has left is no filesystem, and is formatted only by force",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const deviceName = yield* host.attach("xfsUnfinished")
      const device = devicePath(deviceName, 0)
      const { content } = yield* observePresent(deviceName)
      assert.match(content._tag === "Data" ? content.description : content._tag, /xfs.*mkfs did not come to its end/)
      assert.match((yield* Effect.flip(disks.format(device, "xfs"))).message, /contain an existing filesystem/)
      yield* disks.format(device, "xfs", { force: true })
      assert.strictEqual((yield* observePresent(deviceName)).content._tag, "Filesystem")
      assert.deepStrictEqual(yield* disks.missingFormatter("xfs"), Option.none())
      assert.deepStrictEqual(yield* disks.missingFormatter("ext4"), Option.none())
    })
  )

  test(
    "a disk that was made larger is told by its filesystem's size, which grows while it is mounted",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const mounts = yield* Mounts
      for (const [role, filesystem] of [
        ["data", "ext4"],
        ["xfs", "xfs"]
      ] as const) {
        const deviceName = yield* host.attach(role)
        const before = yield* observePresent(deviceName)
        const target = `${host.mountRoot}/${role}`
        yield* mounted({ source: before.path, target, type: filesystem, options: ["rw"] })
        const bytes = yield* host.enlarge(deviceName)
        const larger = yield* observePresent(deviceName)
        assert.strictEqual(larger.sizeBytes, bytes)
        assert.deepStrictEqual(larger.content, before.content)
        if (filesystem === "ext4" && !host.growsExt4) continue
        const { device, path } = larger
        yield* disks.grow({ device, path, target, filesystem })
        yield* disks.grow({ device, path, target, filesystem })
        const { content } = yield* observePresent(deviceName)
        const size = content._tag === "Filesystem" ? content.size : undefined
        // Of xfs the device tells it only later; the mount does at once.
        const grown = filesystem === "xfs" ? (yield* mounts.totalBytes(target)) + size!.logBytes : size?.bytes
        assert.strictEqual(grown, bytes, role)
      }
    })
  )

  test(
    "what cannot be grown is left as it is, with the program's reason",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const { device, path } = yield* observePresent(yield* host.attach("ext2"))
      const failure = yield* Effect.flip(
        disks.grow({ device, path, target: `${host.mountRoot}/nothing`, filesystem: "xfs" })
      )
      assert.match(failure.message, /^grow .*: xfs_growfs: .*nothing/)
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
    "a formatted disk is ext4 and clean, or xfs",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const disks = yield* Disks
      const deviceName = yield* host.attach("blank")
      const device = devicePath(deviceName, 0)
      yield* disks.format(device, "ext4")
      const { content } = yield* observePresent(deviceName)
      assert.strictEqual(content._tag === "Filesystem" && content.type, "ext4")
      assert.strictEqual(yield* disks.check(device), "clean")
      const other = yield* host.attach("blank")
      yield* host.enlarge(other)
      yield* host.enlarge(other)
      yield* host.enlarge(other)
      yield* disks.format(devicePath(other, 0), "xfs")
      const made = yield* observePresent(other)
      if (made.content._tag !== "Filesystem") return assert.fail(made.content._tag)
      assert.strictEqual(made.content.type, "xfs")
      assert.strictEqual(made.content.size?.bytes, made.sizeBytes)
      yield* mounted({ source: made.path, target: `${host.mountRoot}/a`, type: "xfs", options: ["rw"] })
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
      assert.isTrue(yield* disks.needsRecovery(device, "ext4"))
      const refused = yield* Effect.flip(mounts.mount({ ...mount, options: ["ro"] }))
      assert.match(refused.message, /cannot mount .* read-only/)
      yield* mounted({ ...mount, options: ["ro", "noload"] })
      assert.strictEqual(yield* readFile(`${host.mountRoot}/a/kept`), "data\n")
      const entry = (yield* mounts.table).find(({ target }) => target === mount.target)
      assert.includeMembers([...(entry?.options ?? [])], ["ro", "norecovery"])
      for (const role of ["data", "blank"] as const) {
        assert.isFalse(yield* disks.needsRecovery(devicePath(yield* host.attach(role), 0), "ext4"), role)
      }
      const xfs = devicePath(yield* host.attach("xfsUnreplayed"), 0)
      const other = { source: xfs, target: `${host.mountRoot}/b`, type: "xfs" }
      assert.isTrue(yield* disks.needsRecovery(xfs, "xfs"))
      assert.isFalse(yield* disks.needsRecovery(devicePath(yield* host.attach("xfs"), 0), "xfs"))
      assert.strictEqual((yield* Effect.flip(mounts.mount({ ...other, options: ["ro"] })))._tag, "MountFailed")
      yield* mounted({ ...other, options: ["ro", "norecovery"] })
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
      const before = yield* observePresent(deviceName)
      yield* mounted({ source: device, target: `${host.mountRoot}/a`, type: "ext4", options: ["rw"] })
      for (const filesystem of ["ext4", "xfs"] as const) {
        const failure = yield* Effect.flip(disks.format(device, filesystem, { force: true }))
        assert.strictEqual(failure._tag, "DiskFailed")
      }
      assert.strictEqual((yield* Effect.flip(disks.check(device)))._tag, "DiskFailed")
      assert.deepStrictEqual((yield* observePresent(deviceName)).content, before.content)
      assert.strictEqual(yield* readFile(`${host.mountRoot}/a/kept`), "data\n")
    })
  )
}
