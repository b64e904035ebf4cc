import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { devicePath, Disks } from "../../src/vm/Disks.ts"
import { type DiskRole, HostFixture, type HostTest, mounted, observePresent, readFile } from "./HostFixture.ts"

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
      assert.match(failure.message, /exit code 4/)
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
