import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { CommandRunner } from "../../src/vm/CommandRunner.ts"
import { devicePath, Disks } from "../../src/vm/Disks.ts"
import { Firewall } from "../../src/vm/Firewall.ts"
import { Lock } from "../../src/vm/Lock.ts"
import { type Mount, Mounts } from "../../src/vm/Mounts.ts"
import { WelcomeScript } from "../../src/vm/WelcomeScript.ts"

/**
 * What a disk is made as:
 * - `blank`: zeros only, 64 MiB
 * - `data`: ext4, clean, with the file `kept` that holds `data\n`
 * - `repairable`: ext4 with a fault that `fsck.ext4 -p` repairs without being asked
 * - `broken`: ext4 with a fault that `fsck.ext4 -p` leaves to a human
 * - `xfs`: an xfs filesystem
 * - `partitioned`: a partition table with one partition, which is blank
 * - `swap`: a signature that is no filesystem
 * - `garbage`: no signature, zeros but for some bytes in the last MiB
 */
export type DiskRole = "blank" | "data" | "repairable" | "broken" | "xfs" | "partitioned" | "swap" | "garbage"

/** A host to run the contract on. */
export class HostFixture extends Context.Service<
  HostFixture,
  {
    /** Attaches a fresh disk for as long as the host lives; gives its device name. */
    readonly attach: (role: DiskRole) => Effect.Effect<string>
    /** A device name whose link under `/dev/disk/by-id` leads to something that is no block device. */
    readonly notBlockDevice: Effect.Effect<string>
    /** A directory that may be missing; everything that is mounted is mounted below it. */
    readonly mountRoot: string
    /** Where the layer's `Lock` has its file. */
    readonly lockPath: string
    /** Where the layer's `WelcomeScript` writes. */
    readonly scriptPath: string
  }
>()("slipway/test/HostFixture") {}

export type Host = HostFixture | CommandRunner | Disks | Mounts | Firewall | Lock | WelcomeScript

export interface HostContractOptions {
  /**
   * Runs the body of a test to its end. A host in memory moves its clock on here; the real one runs it on the live
   * clock: `TestClock.withLive`.
   */
  readonly run: <A, E, R>(body: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/**
 * What the services that sit on commands do on any host, real or in memory. The layer is built afresh for each test.
 */
export const hostContract = (name: string, layer: Layer.Layer<Host, unknown>, { run }: HostContractOptions): void => {
  const test = <E>(title: string, body: Effect.Effect<void, E, Host | Scope.Scope>) =>
    it.effect(title, () => run(Effect.provide(body, layer)))

  describe(name, () => {
    describe("disks", () => diskContract(test))
    describe("mounts", () => mountContract(test))
    describe("firewall", () => firewallContract(test))
    describe("lock", () => lockContract(test))
    describe("welcome script", () => welcomeContract(test))
  })
}

type Test = <E>(title: string, body: Effect.Effect<void, E, Host | Scope.Scope>) => void

const observePresent = Effect.fnUntraced(function* (deviceName: string, partition = 0) {
  const disks = yield* Disks
  const observation = yield* disks.observe(deviceName, partition)
  if (observation._tag !== "Present") return assert.fail(`${observation.device} is ${observation._tag}`)
  return observation
})

const diskContract = (test: Test) => {
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
      assert.strictEqual(yield* read(`${host.mountRoot}/a/kept`), "data\n")
    })
  )
}

const mebibyte = 1024 * 1024

/** Mounts until the test ends. */
const mounted = Effect.fnUntraced(function* (mount: Mount) {
  const mounts = yield* Mounts
  yield* Effect.acquireRelease(mounts.mount(mount), () => Effect.ignore(mounts.unmount(mount.target)))
})

const read = Effect.fnUntraced(function* (path: string) {
  const runner = yield* CommandRunner
  const { exitCode, stdout } = yield* runner.run({ program: "cat", args: ["--", path] })
  assert.strictEqual(exitCode, 0, path)
  return stdout
})

const mountContract = (test: Test) => {
  const entryAt = Effect.fnUntraced(function* (target: string) {
    const mounts = yield* Mounts
    return (yield* mounts.table).filter((entry) => entry.target === target)
  })

  test(
    "a disk is mounted on a directory that is created, and unmounted",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const deviceName = yield* host.attach("data")
      const { path } = yield* observePresent(deviceName)
      const target = `${host.mountRoot}/disks/with space and \\ and ünï`
      yield* mounted({ source: devicePath(deviceName, 0), target, type: "ext4", options: ["ro"] })
      const [entry, ...more] = yield* entryAt(target)
      assert.strictEqual(more.length, 0)
      assert.strictEqual(entry?.source, path)
      assert.strictEqual(entry.type, "ext4")
      assert.include(entry.options, "ro")
      assert.strictEqual(yield* read(`${target}/kept`), "data\n")
      yield* mounts.unmount(target)
      assert.deepStrictEqual(yield* entryAt(target), [])
    })
  )

  test(
    "a tmpfs is mounted, and what is mounted on it keeps it from being unmounted",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const outer = `${host.mountRoot}/outer`
      const inner = `${outer}/inner`
      const tmpfs = { source: "tmpfs", type: "tmpfs", options: ["rw"] }
      yield* mounted({ ...tmpfs, target: outer })
      yield* mounted({ ...tmpfs, target: inner })
      const entry = (yield* entryAt(inner))[0]
      assert.strictEqual(entry?.type, "tmpfs")
      assert.include(entry.options, "rw")
      const failure = yield* Effect.flip(mounts.unmount(outer))
      assert.strictEqual(failure._tag, "MountFailed")
      assert.match(failure.message, /busy/)
      yield* mounts.unmount(inner)
      yield* mounts.unmount(outer)
      assert.deepStrictEqual(yield* entryAt(outer), [])
    })
  )

  test(
    "what cannot be mounted or unmounted fails with the program's words",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const blank = devicePath(yield* host.attach("blank"), 0)
      const target = `${host.mountRoot}/nothing`
      const wrong = yield* Effect.flip(mounts.mount({ source: blank, target, type: "ext4", options: ["rw"] }))
      assert.strictEqual(wrong._tag, "MountFailed")
      assert.match(wrong.message, /wrong fs type/)
      const absent = yield* Effect.flip(mounts.unmount(target))
      assert.strictEqual(absent._tag, "MountFailed")
      assert.match(absent.message, /not mounted/)
    })
  )

  test(
    "a directory is created with its parents, and again",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const path = `${host.mountRoot}/one/two/-three`
      yield* mounts.createDirectory(path)
      yield* mounts.createDirectory(path)
      yield* mounted({ source: "tmpfs", target: path, type: "tmpfs", options: ["rw"] })
    })
  )
}

const firewallContract = (test: Test) => {
  /** A rule that is not ours, such as an operator or the engine has made. */
  const foreignRule = "-A FORWARD -s 192.0.2.1/32 -j DROP"
  const save = Effect.gen(function* () {
    const runner = yield* CommandRunner
    const { stdout } = yield* runner.run({ program: "iptables-save", args: ["-t", "filter"] })
    return stdout.split("\n").filter((line) => line.startsWith("-A "))
  })
  const restore = Effect.fnUntraced(function* (rules: ReadonlyArray<string>) {
    const runner = yield* CommandRunner
    const stdin = ["*filter", ...rules, "COMMIT", ""].join("\n")
    const args = ["--noflush", "--wait", "10"]
    assert.strictEqual((yield* runner.run({ program: "iptables-restore", args, stdin })).exitCode, 0)
  })

  test(
    "opens before what drops, the same after any number of runs, and closes without a trace",
    Effect.gen(function* () {
      const firewall = yield* Firewall
      yield* restore([foreignRule])
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Absent", ipv6: "Absent" })
      const before = yield* save
      yield* firewall.open
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Open", ipv6: "Open" })
      const once = yield* save
      assert.deepStrictEqual(
        once.filter((line) => line.startsWith("-A FORWARD")),
        ["-A FORWARD -j SLIPWAY", foreignRule]
      )
      assert.strictEqual(once.length, before.length + 5)
      yield* firewall.open
      assert.deepStrictEqual(yield* save, once)
      yield* firewall.close
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Absent", ipv6: "Absent" })
      assert.deepStrictEqual(yield* save, before)
      yield* firewall.close
      assert.deepStrictEqual(yield* save, before)
    })
  )

  test(
    "rules of ours that were altered are seen, and made right",
    Effect.gen(function* () {
      const firewall = yield* Firewall
      yield* firewall.open
      const right = yield* save
      yield* restore(["-D INPUT -j SLIPWAY", "-A SLIPWAY -s 192.0.2.1/32 -j DROP"])
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Partial", ipv6: "Open" })
      yield* firewall.open
      assert.deepStrictEqual(yield* save, right)
      yield* firewall.close
    })
  )
}

const lockContract = (test: Test) => {
  const silent = () => Effect.void

  test(
    "one at a time: the second is told who the first is, and gets it when the first is done",
    Effect.gen(function* () {
      const lock = yield* Lock
      const host = yield* HostFixture
      const told = yield* Deferred.make<string>()
      const held = yield* Deferred.make<void>()
      const first = yield* Effect.forkChild(
        Effect.scoped(
          Effect.gen(function* () {
            yield* lock.acquire({ holder: "the first", limit: Duration.zero, onWait: silent })
            yield* Deferred.succeed(held, undefined)
            assert.strictEqual(yield* Deferred.await(told), "the first")
          })
        )
      )
      yield* Deferred.await(held)
      const busy = yield* Effect.flip(
        Effect.scoped(lock.acquire({ holder: "impatient", limit: Duration.zero, onWait: silent }))
      )
      assert.strictEqual(busy._tag, "LockBusy")
      assert.include(busy.message, "the first")
      yield* lock.acquire({
        holder: "the second",
        limit: Duration.seconds(20),
        onWait: (holder) => Effect.asVoid(Deferred.succeed(told, holder))
      })
      yield* Fiber.join(first)
      assert.strictEqual(yield* read(host.lockPath), "the second\n")
    })
  )

  test(
    "gives up after the limit",
    Effect.gen(function* () {
      const lock = yield* Lock
      yield* lock.acquire({ holder: "the first", limit: Duration.zero, onWait: silent })
      const limit = Duration.millis(300)
      const busy = yield* Effect.flip(Effect.scoped(lock.acquire({ holder: "the second", limit, onWait: silent })))
      if (busy._tag !== "LockBusy") return assert.fail(busy.message)
      assert.strictEqual(busy.holder, "the first")
      assert.strictEqual(Duration.toMillis(busy.waited), 300)
    })
  )
}

const welcomeContract = (test: Test) => {
  test(
    "writes a script, and writes over it",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const welcome = yield* WelcomeScript
      yield* welcome.write(["first"])
      yield* welcome.write(["it's the second", "$HOME"])
      const text = yield* read(host.scriptPath)
      assert.notInclude(text, "first")
      assert.include(text, "the second")
      assert.include(text, "$HOME")
    })
  )
}
