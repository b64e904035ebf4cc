import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CommandError, ProgramFailed, ProgramMissing } from "../../vm/host/CommandError.ts"
import { CommandRunner } from "../../vm/host/CommandRunner.ts"
import type { Command, CommandResult } from "../../vm/host/Command.ts"
import type { ProgramName } from "../CallName.ts"
import type { Calls } from "../Calls.ts"
import { diskPrograms, type Devices } from "./diskPrograms.ts"
import { filePrograms } from "./filePrograms.ts"
import { xfsPrograms } from "./xfsPrograms.ts"
import { failed, printed, type Programs } from "./Program.ts"
import type { SimulatedDisk } from "./SimulatedDisks.ts"
import type { SimulatedFiles } from "./SimulatedFiles.ts"
import { SimulatedFirewall } from "./SimulatedFirewall.ts"

/** What `systemctl is-system-running` prints of a machine that boots, runs, and goes down. */
export type SystemState = "starting" | "running" | "degraded" | "stopping"

/** The simulated VM's operating system. */
export interface SimulatedHost {
  readonly files: SimulatedFiles
  readonly ipv4: SimulatedFirewall
  /** Undefined if the host has no ip6tables. */
  readonly ipv6: SimulatedFirewall | undefined
  /** The status messages that systemd received, in order. */
  readonly statuses: ReadonlyArray<string>
  /** The other messages that it received, as `READY=1`, in order. */
  readonly notices: ReadonlyArray<string>
  /** What systemd says that the machine does. */
  readonly setSystemState: (state: SystemState) => void
  readonly disks: ReadonlyArray<SimulatedDisk>
  readonly runner: CommandRunner["Service"]
}

/** A command line that the simulation does not know: add it there. */
const unexpected = ({ program, args }: Command) =>
  Effect.die(new Error(`the simulated host does not understand: ${program} ${args.join(" ")}`))

const faulty = ({ program, args }: Command) =>
  new CommandError({ reason: new ProgramFailed({ program, argumentCount: args.length, detail: "a fault" }) })

export const makeSimulatedHost = (options: {
  readonly calls: Calls
  readonly files: SimulatedFiles
  readonly disks: ReadonlyArray<SimulatedDisk>
  readonly hasIpv6: boolean
  readonly hasXfsprogs: boolean
  /** Current milliseconds since the boot. */
  readonly uptime: () => number
  readonly bootTime: () => string
  readonly sockets: (protocol: string) => string
  readonly isHeld: Devices["isHeld"]
}): SimulatedHost => {
  const { calls, files, disks, uptime } = options
  const ipv4 = new SimulatedFirewall()
  const ipv6 = options.hasIpv6 ? new SimulatedFirewall() : undefined
  const statuses: Array<string> = []
  const notices: Array<string> = []
  let systemState: SystemState = "running"
  const find = (path: string) =>
    disks
      .flatMap((disk) => [disk, ...disk.partitions])
      .find((disk) => (disk.path === path || disk.link === path) && uptime() >= disk.appearsAfterMillis)
  const devices: Devices = {
    find,
    mountedAt: (disk) => files.mounts.find((mount) => mount.disk === disk)?.target,
    isHeld: options.isHeld,
    writeFile: (path, text) => files.write(path, text)
  }
  const diskAt = (target: string) => files.mounts.findLast((mount) => mount.target === files.resolve(target))?.disk
  const programs: Programs = {
    ...filePrograms({ files, find, bootTime: options.bootTime, sockets: options.sockets }),
    ...diskPrograms(devices),
    ...(options.hasXfsprogs ? xfsPrograms(devices, diskAt) : {}),
    "systemd-notify": {
      millis: 4,
      run: (args) => {
        if (args.length === 0 || args.some((arg) => !/^(--status=|[A-Z]+=1$)/.test(arg))) return undefined
        for (const arg of args) {
          if (arg.startsWith("--status=")) statuses.push(arg.slice("--status=".length))
          else notices.push(arg)
        }
        return printed("")
      }
    },
    systemctl: {
      millis: 4,
      run: (args) =>
        args.join(" ") === "is-system-running"
          ? { ...printed(`${systemState}\n`), exitCode: systemState === "running" ? 0 : 1 }
          : undefined
    },
    ...firewallPrograms("iptables", ipv4),
    ...(ipv6 === undefined ? {} : firewallPrograms("ip6tables", ipv6))
  }

  const isKnown = (name: string): name is ProgramName => Object.hasOwn(programs, name)

  const run = (command: Command): Effect.Effect<CommandResult, CommandError> => {
    if (command.program === "nsenter" && command.args[1] === "--") {
      const [, , program = "", ...args] = command.args
      return run({ ...command, program, args })
    }
    const { program: name, args } = command
    const program = isKnown(name) ? programs[name] : undefined
    if (!isKnown(name) || program === undefined) {
      return missingPrograms.has(name)
        ? Effect.fail(new CommandError({ reason: new ProgramMissing({ program: name, argumentCount: args.length }) }))
        : unexpected(command)
    }
    const { half } = program
    // Only a command's last argument is recorded: its object.
    return calls.receive(
      {
        name: `run ${name}`,
        subject: args.at(-1) ?? "",
        latencyMillis: program.millis,
        failure: () => faulty(command),
        ...(half === undefined ? {} : { half: Effect.sync(() => half(args)) })
      },
      Effect.suspend(() => {
        const result = program.run(args, textOf(command.stdin))
        if (result === undefined) return unexpected(command)
        if (command.onStdout === undefined) return Effect.succeed(result)
        return Effect.as(command.onStdout(new TextEncoder().encode(result.stdout)), { ...result, stdout: "" })
      })
    )
  }

  const locks = new Map<string, Deferred.Deferred<void>>()
  const hold = Effect.fnUntraced(function* (command: Command) {
    const [exclusive, noFork, wait, ...rest] = command.args
    const seconds = wait === "--wait" ? Number(rest.shift()) : 0
    const [option, conflict, path, tee, teePath] = rest
    const isKnown =
      command.program === "flock" &&
      exclusive === "--exclusive" &&
      noFork === "--no-fork" &&
      option === "--conflict-exit-code"
    if (!isKnown || path === undefined || tee !== "tee" || teePath !== path) return yield* unexpected(command)
    yield* calls.receive(
      { name: "run flock", subject: path, latencyMillis: 4, failure: () => faulty(command) },
      Effect.void
    )
    const file = files.resolve(path)
    const isFree = Effect.gen(function* () {
      for (let held = locks.get(file); held !== undefined; held = locks.get(file)) yield* Deferred.await(held)
    })
    const free = locks.has(file)
      ? yield* Effect.timeoutOption(isFree, Duration.seconds(seconds))
      : Option.some(undefined)
    if (Option.isNone(free)) return Option.some(failed(Number(conflict), ""))
    const held = Deferred.makeUnsafe<void>()
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        locks.set(file, held)
        files.write(path, textOf(command.stdin))
      }),
      () => Effect.suspend(() => (locks.delete(file), Deferred.succeed(held, undefined)))
    )
    return Option.none<CommandResult>()
  })

  const setSystemState = (state: SystemState) => void (systemState = state)
  return { files, ipv4, ipv6, statuses, notices, setSystemState, disks, runner: CommandRunner.of({ run, hold }) }
}

/** Programs that may be missing on a host. */
const missingPrograms: ReadonlySet<string> = new Set([
  "ip6tables-save",
  "ip6tables-restore",
  "mkfs.xfs",
  "xfs_growfs",
  "xfs_logprint"
])

const firewallPrograms = (name: "iptables" | "ip6tables", table: SimulatedFirewall): Programs => ({
  [`${name}-save`]: {
    millis: 4,
    run: (args: ReadonlyArray<string>) => (args.join(" ") === "-t filter" ? printed(table.save()) : undefined)
  },
  [`${name}-restore`]: {
    millis: 6,
    run: (args: ReadonlyArray<string>, stdin: string) => {
      if (args.join(" ") !== "--noflush --wait 10") return undefined
      const wrong = table.restore(stdin)
      return wrong === undefined ? printed("") : failed(1, wrong)
    }
  }
})

/** The simulated host's files are texts. */
const textOf = (stdin: string | Uint8Array = ""): string =>
  typeof stdin === "string" ? stdin : new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdin)
