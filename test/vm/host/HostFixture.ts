import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import { Disks } from "../../../src/vm/storage/Disks.ts"
import type { Firewall } from "../../../src/vm/firewall/Firewall.ts"
import type { EmptyDirFolder } from "../../../src/vm/host/EmptyDirFolder.ts"
import type { TerminationMessages } from "../../../src/vm/host/TerminationMessages.ts"
import { HostFiles } from "../../../src/vm/host/HostFiles.ts"
import type { HostIdentity } from "../../../src/vm/host/HostIdentity.ts"
import type { Gpus } from "../../../src/vm/host/Gpus.ts"
import type { ListeningPorts } from "../../../src/vm/host/ListeningPorts.ts"
import type { Lock } from "../../../src/vm/host/Lock.ts"
import type { Processes } from "../../../src/vm/host/Processes.ts"
import type { Prober } from "../../../src/vm/probes/Prober.ts"
import { Mounts } from "../../../src/vm/storage/Mounts.ts"
import type { Mount } from "../../../src/vm/storage/MountTable.ts"
import type { StateFolder } from "../../../src/vm/host/StateFolder.ts"
import type { StatusFile } from "../../../src/vm/host/StatusFile.ts"
import type { WelcomeScript } from "../../../src/vm/host/WelcomeScript.ts"

/**
 * What a disk is made as:
 * - `blank`: zeros only, 64 MiB
 * - `data`: ext4, clean, labelled `shop`, with the file `kept` that holds `data\n`
 * - `repairable`: ext4 with a fault that `fsck.ext4 -p` repairs without being asked
 * - `broken`: ext4 with a fault that `fsck.ext4 -p` leaves to a human
 * - `newer`: ext4, with the file `kept`, and a feature that fsck.ext4 does not know and the kernel does not mind
 * - `tooNew`: ext4 with a feature that neither knows
 * - `unreplayed`: ext4 on a read-only device, with the file `kept`, its journal not replayed
 * - `xfs`: xfs, 300 MiB, clean, labelled `shop data`
 * - `xfsUnfinished`: what a killed mkfs.xfs has left
 * - `xfsUnreplayed`: xfs on a read-only device, its log not replayed
 * - `ext2`: a filesystem that is not mounted here, labelled `old "one"`
 * - `partitioned`: a partition table with one partition, which is blank
 * - `swap`: a signature that is no filesystem
 * - `garbage`: no signature, zeros but for some bytes in the last MiB
 */
export type DiskRole =
  | "blank"
  | "data"
  | "repairable"
  | "broken"
  | "newer"
  | "tooNew"
  | "unreplayed"
  | "xfs"
  | "xfsUnfinished"
  | "xfsUnreplayed"
  | "ext2"
  | "partitioned"
  | "swap"
  | "garbage"

/** A host to run the contract on. */
export class HostFixture extends Context.Service<
  HostFixture,
  {
    /** Attaches a fresh disk for as long as the host lives; gives its device name. */
    readonly attach: (role: DiskRole) => Effect.Effect<string>
    /** Makes a whole disk larger, as an operator does while it is in use; gives its new size. */
    readonly enlarge: (deviceName: string) => Effect.Effect<number>
    /** Whether it lets a mounted ext4 be grown: the kernel asks for CAP_SYS_RESOURCE, which not every container has. */
    readonly growsExt4: boolean
    /** Attaches a blank local SSD; gives the number in its name, `local-ssd-<N>` to metadata. */
    readonly attachLocalSsd: (bus: "SCSI" | "NVMe") => Effect.Effect<number>
    /** A device name whose link under `/dev/disk/by-id` leads to something that is no block device. */
    readonly notBlockDevice: Effect.Effect<string>
    /** Makes a symbolic link in place of what is there, and the directory that it is in. */
    readonly link: (path: string, leadsTo: string) => Effect.Effect<void>
    /** A port of tcp on which something listens, and the address if it is not all of them, until the scope closes. */
    readonly listening: Effect.Effect<
      { readonly port: number; readonly address: string | undefined },
      never,
      Scope.Scope
    >
    /** A directory that may be missing; everything that is mounted is mounted below it. */
    readonly mountRoot: string
    /** A directory for files, which may be missing. */
    readonly filesRoot: string
    /** Where the layer's `Lock` has its file. */
    readonly lockPath: string
    /** Where the layer's `WelcomeScript` writes. */
    readonly scriptPath: string
    /** The layer's `StateFolder`. */
    readonly statePath: string
  }
>()("slipway/test/HostFixture") {}

export type Host =
  | HostFixture
  | CommandRunner
  | EmptyDirFolder
  | TerminationMessages
  | HostFiles
  | Disks
  | Mounts
  | Firewall
  | HostIdentity
  | Gpus
  | ListeningPorts
  | Processes
  | Prober
  | Lock
  | StateFolder
  | StatusFile
  | WelcomeScript

export interface HostContractOptions {
  /**
   * Runs the body of a test to its end. A host in memory moves its clock on here; the real one runs it on the live
   * clock: `TestClock.withLive`.
   */
  readonly run: <A, E, R>(body: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Defines a test of the contract. */
export type HostTest = <E>(title: string, body: Effect.Effect<void, E, Host | Scope.Scope>) => void

/** Each test has a host of its own: the layer is built afresh, and gone with all that was done to it when it ends. */
export const hostTest =
  (layer: Layer.Layer<Host, unknown>, { run }: HostContractOptions): HostTest =>
  (title, body) =>
    it.effect(title, () => run(Effect.provide(Effect.scoped(body), layer)))

/** Observes a disk that must be there. */
export const observePresent = Effect.fnUntraced(function* (deviceName: string, partition = 0) {
  const disks = yield* Disks
  const observation = yield* disks.observe(deviceName, partition)
  if (observation._tag !== "Present") return assert.fail(`${observation.device} is ${observation._tag}`)
  return observation
})

/** Mounts until the test ends. */
export const mounted = Effect.fnUntraced(function* (mount: Mount) {
  const mounts = yield* Mounts
  yield* Effect.acquireRelease(mounts.mount(mount), () => Effect.ignore(mounts.unmount(mount.target)))
})

/** A file that is there, and is to be left as it is. */
export const victim = Effect.gen(function* () {
  const files = yield* HostFiles
  const { filesRoot } = yield* HostFixture
  const path = `${filesRoot}/victim`
  yield* files.write(path, "as it was\n", { mode: "0600" })
  return { path, isUntouched: Effect.map(readFile(path), (text) => assert.strictEqual(text, "as it was\n")) }
})

/** A file of the host. */
export const readFile = Effect.fnUntraced(function* (path: string) {
  const runner = yield* CommandRunner
  const { exitCode, stdout } = yield* runner.run({ program: "cat", args: ["--", path] })
  assert.strictEqual(exitCode, 0, path)
  return stdout
})
