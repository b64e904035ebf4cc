import { randomBytes } from "node:crypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import type { Command } from "../../src/vm/host/Command.ts"
import { complaint } from "../../src/vm/host/Complaint.ts"
import { devicePath } from "../../src/workload/devicePath.ts"
import { Disks } from "../../src/vm/storage/Disks.ts"
import { Firewall } from "../../src/vm/firewall/Firewall.ts"
import { EmptyDirFolder } from "../../src/vm/host/EmptyDirFolder.ts"
import { TerminationMessages } from "../../src/vm/host/TerminationMessages.ts"
import { HostFiles, parentOf } from "../../src/vm/host/HostFiles.ts"
import { HostIdentity } from "../../src/vm/host/HostIdentity.ts"
import { Gpus } from "../../src/vm/host/Gpus.ts"
import { ListeningPorts } from "../../src/vm/host/ListeningPorts.ts"
import { Lock } from "../../src/vm/host/Lock.ts"
import { Mounts } from "../../src/vm/storage/Mounts.ts"
import { Processes } from "../../src/vm/host/Processes.ts"
import { Prober } from "../../src/vm/probes/Prober.ts"
import { SecurityProfiles } from "../../src/vm/host/SecurityProfiles.ts"
import { StateFolder } from "../../src/vm/host/StateFolder.ts"
import { StatusFile } from "../../src/vm/host/StatusFile.ts"
import { WelcomeScript } from "../../src/vm/host/WelcomeScript.ts"
import { type DiskRole, HostFixture } from "../vm/host/HostContract.ts"
import { takenPort } from "./ports.ts"

/**
 * This machine as the contract's host. Disks are files behind loop devices, with links under `/dev/disk/by-id` whose
 * names are random; the firewall is that of a network namespace of its own; all else is in a directory of its own. All
 * of it is gone when the layer's scope closes.
 */
export const layerRealHost = (iptables: "default" | "nft" | "legacy", files: "ours" | "commands" = "ours") =>
  Layer.unwrap(
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const directory = yield* Effect.acquireRelease(
        Effect.map(must(runner, "mktemp", "--directory", "--tmpdir", "slipway-host-XXXXXXXX"), (path) => path.trim()),
        (directory) => must(runner, "rm", "-r", "--one-file-system", "--", directory)
      )
      const mountRoot = `${directory}/mounts`
      const lockPath = `${directory}/run/lock`
      const scriptPath = `${directory}/profile.d/welcome.sh`
      const network = yield* makeNetwork(runner, `${directory}/network`)
      const scope = yield* Effect.scope

      const fixture = HostFixture.of({
        attach: (role) => attach(runner, directory, role).pipe(Scope.provide(scope)),
        enlarge: (deviceName) => enlarge(runner, `${directory}/${deviceName}`, deviceName),
        growsExt4: yield* hasSysResource(runner),
        attachLocalSsd: (bus) => attachLocalSsd(runner, directory, bus).pipe(Scope.provide(scope)),
        notBlockDevice: link(runner, newDeviceName(), 0, "/dev/null").pipe(Scope.provide(scope)),
        link: (path, leadsTo) =>
          Effect.andThen(
            must(runner, "mkdir", "-p", "--", parentOf(path)),
            Effect.asVoid(must(runner, "ln", "-s", "-f", "-T", "--", leadsTo, path))
          ),
        listening: Effect.map(takenPort, (port) => ({ port, address: undefined })),
        mountRoot,
        filesRoot: `${directory}/files`,
        lockPath,
        scriptPath,
        statePath: `${directory}/state`
      })
      const inNetwork = Layer.succeed(CommandRunner, {
        run: (command) => runner.run(inNetworkOf(network, iptables, command)),
        hold: runner.hold
      })
      return Layer.mergeAll(
        Disks.layer,
        Mounts.layer,
        Firewall.layer,
        HostIdentity.layer,
        Gpus.layer,
        ListeningPorts.layer,
        Processes.layer(),
        Prober.layer,
        Lock.layer(lockPath),
        WelcomeScript.layer(scriptPath),
        SecurityProfiles.layer(`${directory}/state`),
        StateFolder.layer(`${directory}/state`),
        StatusFile.layer(`${directory}/run/status.json`),
        EmptyDirFolder.layer(`${directory}/state`),
        TerminationMessages.layer(`${directory}/state`)
      ).pipe(
        Layer.provideMerge(
          files === "ours"
            ? HostFiles.layer
            : HostFiles.layerCommands.pipe(Layer.provide(Layer.succeed(CommandRunner, runner)))
        ),
        Layer.provideMerge(inNetwork),
        Layer.merge(Layer.succeed(HostFixture, fixture))
      )
    })
  ).pipe(Layer.provide(CommandRunner.layer), Layer.provide(NodeServices.layer))

type Runner = CommandRunner["Service"]

/** Runs what must succeed for the host to be what the test asks for; gives its output. */
const must = Effect.fnUntraced(function* (runner: Runner, program: string, ...args: ReadonlyArray<string>) {
  const result = yield* Effect.orDie(runner.run({ program, args }))
  if (result.exitCode !== 0) return yield* Effect.die(new Error(`${program} ${args.join(" ")}: ${complaint(result)}`))
  return result.stdout
})

/** A network namespace of its own, kept by a mount of it on a file. */
const makeNetwork = Effect.fnUntraced(function* (runner: Runner, path: string) {
  yield* must(runner, "touch", path)
  return yield* Effect.acquireRelease(Effect.as(must(runner, "unshare", `--net=${path}`, "true"), path), () =>
    must(runner, "umount", path)
  )
})

/** The firewall's programs run in the network namespace, in the variant that is wanted. */
const inNetworkOf = (network: string, iptables: "default" | "nft" | "legacy", command: Command): Command => {
  const found = /^(ip6?tables)(.*)$/.exec(command.program)
  if (found === null) return command
  const program = iptables === "default" ? command.program : `${found[1]}-${iptables}${found[2]}`
  return { program: "nsenter", args: [`--net=${network}`, "--", program, ...command.args], stdin: command.stdin }
}

const newDeviceName = () => `slipway-test-${randomBytes(6).toString("hex")}`

/** Links a device under `/dev/disk/by-id`; gives its device name. */
const link = Effect.fnUntraced(function* (runner: Runner, deviceName: string, partition: number, target: string) {
  const path = devicePath(deviceName, partition)
  yield* must(runner, "mkdir", "-p", "/dev/disk/by-id")
  yield* Effect.acquireRelease(must(runner, "ln", "-s", "--", target, path), () => must(runner, "rm", "--", path))
  return deviceName
})

/** A number that no other test, and no machine, has. */
const attachLocalSsd = Effect.fnUntraced(function* (runner: Runner, directory: string, bus: "SCSI" | "NVMe") {
  const number = randomBytes(6).readUIntBE(0, 6)
  yield* attach(runner, directory, "blank", `local-${bus === "NVMe" ? "nvme-" : ""}ssd-${number}`)
  return number
})

const attach = Effect.fnUntraced(function* (
  runner: Runner,
  directory: string,
  role: DiskRole,
  deviceName: string = newDeviceName()
) {
  const file = `${directory}/${deviceName}`
  // The smallest that mkfs.xfs makes is 300 MiB. Files are sparse.
  yield* must(runner, "truncate", `--size=${role.startsWith("xfs") ? "300M" : "64M"}`, file)
  yield* fill(runner, directory, role, file)
  const loop = yield* Effect.acquireRelease(
    Effect.map(
      must(
        runner,
        "losetup",
        "--find",
        "--show",
        "--partscan",
        ...(role === "unreplayed" || role === "xfsUnreplayed" ? ["--read-only"] : []),
        file
      ),
      (path) => path.trim()
    ),
    (loop) => must(runner, "losetup", "--detach", loop)
  )
  if (role === "partitioned") {
    // Not every kernel reads partition tables itself.
    yield* must(runner, "partx", "--update", loop)
    yield* link(runner, deviceName, 1, `${loop}p1`)
  }
  return yield* link(runner, deviceName, 0, loop)
})

/** As after a crash: the log has what was written last, and nobody has written it to its place. */
const leaveLog = Effect.fnUntraced(function* (runner: Runner, directory: string, file: string) {
  const target = `${directory}/crashing`
  const copy = `${file}.copy`
  yield* must(runner, "mkdir", "-p", target)
  yield* must(runner, "mount", "-o", "loop", file, target)
  yield* must(runner, "touch", `${target}/new`)
  // Synced into the log, where the kernel leaves it for some seconds.
  yield* must(runner, "sync", "-f", target)
  yield* must(runner, "touch", `${target}/newer`)
  yield* must(runner, "xfs_io", "-c", "fsync", target)
  yield* must(runner, "cp", "--sparse=always", file, copy)
  yield* must(runner, "umount", target)
  yield* must(runner, "mv", copy, file)
})

/** Enlarges the file behind a loop device, and the device with it. */
const enlarge = Effect.fnUntraced(function* (runner: Runner, file: string, deviceName: string) {
  const loop = (yield* must(runner, "readlink", "-e", "--", devicePath(deviceName, 0))).trim()
  const bytes = 2 * Number(yield* must(runner, "stat", "-c", "%s", "--", file))
  yield* must(runner, "truncate", `--size=${bytes}`, file)
  yield* must(runner, "losetup", "--set-capacity", loop)
  return bytes
})

/** CAP_SYS_RESOURCE is bit 24. */
const hasSysResource = Effect.fnUntraced(function* (runner: Runner) {
  const [, mask = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(yield* must(runner, "cat", "/proc/self/status")) ?? []
  return ((BigInt(`0x${mask}`) >> 24n) & 1n) === 1n
})

/** Gives a file the content that a disk of this role has. */
const fill = Effect.fnUntraced(function* (runner: Runner, directory: string, role: DiskRole, file: string) {
  const debugfs = (request: string) => must(runner, "debugfs", "-w", "-R", request, file)
  const ext4 = Effect.gen(function* () {
    const content = `${directory}/content`
    yield* must(runner, "mkdir", "-p", content)
    yield* Effect.orDie(runner.run({ program: "tee", args: [`${content}/kept`], stdin: "data\n" }))
    yield* must(runner, "mkfs.ext4", "-q", "-L", "shop", "-d", content, file)
  })
  switch (role) {
    case "blank":
      return
    case "data":
      return yield* ext4
    case "repairable":
      yield* ext4
      // Not unmounted cleanly, and a count that is off: what fsck -p is for.
      yield* debugfs("set_super_value free_blocks_count 7")
      yield* debugfs("set_super_value state 0")
      return
    case "broken":
      yield* ext4
      // The root directory is gone: to make a new one is not for -p to decide.
      yield* debugfs("clri <2>")
      yield* debugfs("set_super_value state 0")
      return
    case "newer":
    case "tooNew":
      yield* ext4
      // Of features of the first kind the kernel does not mind one that it does not know, of the second it does.
      yield* debugfs(`feature FEATURE_${role === "newer" ? "C" : "I"}30`)
      return
    case "unreplayed":
      yield* ext4
      // A transaction that is in the journal alone: one block, of zeros.
      yield* Effect.orDie(
        runner.run({ program: "debugfs", args: ["-w", "-f", "-", file], stdin: "jo\njw -b 5000 /dev/null\njc\n" })
      )
      return
    case "xfs":
      yield* must(runner, "mkfs.xfs", "-q", "-L", "shop data", file)
      return
    case "xfsUnfinished":
      yield* must(runner, "mkfs.xfs", "-q", file)
      // The byte that mkfs.xfs clears last.
      yield* must(runner, "xfs_db", "-x", "-c", "sb 0", "-c", "write -d inprogress 1", file)
      return
    case "xfsUnreplayed":
      yield* must(runner, "mkfs.xfs", "-q", file)
      yield* leaveLog(runner, directory, file)
      return
    case "ext2":
      yield* must(runner, "mkfs.ext2", "-q", "-L", 'old "one"', file)
      return
    case "partitioned":
      yield* Effect.orDie(runner.run({ program: "sfdisk", args: ["--quiet", file], stdin: "label: gpt\n,32M\n" }))
      return
    case "swap":
      yield* must(runner, "mkswap", "--quiet", file)
      return
    case "garbage":
      yield* must(
        runner,
        "dd",
        "if=/dev/urandom",
        `of=${file}`,
        "bs=1",
        "count=16",
        "seek=67100000",
        "conv=notrunc",
        "status=none"
      )
      return
  }
})
