import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { konletUnit, unitName } from "../../src/install/unit.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmDescription } from "../../src/simulation/VmDescription.ts"
import type { Command } from "../../src/vm/host/Command.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { onVm, slipway } from "../cli/CommandLine.ts"

/** What a VM has of konlet besides its container. */
export interface KonletDescription extends VmDescription {
  /** Where konlet's unit is; none without. */
  readonly unitIn?: "/usr/lib/systemd/system" | "/etc/systemd/system"
  /** The words of its ExecStart. */
  readonly execStart?: string
  /** konlet's rules, each on INPUT and FORWARD, so many times. */
  readonly opened?: number
  /** Our unit cannot be started. */
  readonly unitFails?: boolean
  /** Where Slipway is. */
  readonly program?: string
  readonly files?: Readonly<Record<string, string>>
}

/** What this VM's unit, once it is started, runs: the command line of ExecStart, up to its first run. */
const started = ["up", "--log-format", "plain"]

/**
 * A simulated VM with a systemd, which runs the program that a unit of ours names when it is started: the same command
 * line, on the same VM. What systemctl is asked otherwise, it does not understand.
 */
export const konletMachine = Effect.fnUntraced(function* (description: KonletDescription) {
  const {
    unitIn,
    execStart = "/usr/share/gce-containers/konlet-startup",
    opened = 0,
    files = {},
    unitFails = false,
    program = "/usr/local/bin/slipway",
    ...rest
  } = description
  const scope = yield* Effect.scope
  const bare = yield* onVm(rest)
  const services = yield* Layer.build(bare)
  const vm = Context.get(services, SimulatedVm)
  const simulated = Context.get(services, CommandRunner)
  for (const directory of ["/etc/systemd/system", "/usr/lib/systemd/system", "/etc/default"]) {
    vm.host.files.makeDirectory(directory)
  }
  for (const [path, text] of Object.entries(files)) vm.host.files.write(path, text)
  if (unitIn !== undefined) vm.host.files.write(`${unitIn}/${konletUnit}`, `[Service]\nExecStart=${execStart}\n`)
  const rules = ["tcp", "udp", "icmp"].flatMap((protocol) =>
    ["INPUT", "FORWARD"].map((entry) => `-A ${entry} -p ${protocol} -j ACCEPT`)
  )
  for (let run = 0; run < opened; run++) vm.host.ipv4.restore(["*filter", ...rules, "COMMIT", ""].join("\n"))

  const enabled = new Set<string>(unitIn === undefined ? [] : [konletUnit])
  const masked = new Set<string>()
  const done: Array<string> = []
  let starts = 0
  const pathOf = (unit: string) =>
    ["/etc/systemd/system", "/usr/lib/systemd/system"]
      .map((place) => `${place}/${unit}`)
      .find((path) => vm.host.files.read(path) !== undefined)
  const properties = (unit: string): Readonly<Record<string, string>> => ({
    LoadState: masked.has(unit) ? "masked" : pathOf(unit) === undefined ? "not-found" : "loaded",
    UnitFileState: enabled.has(unit) ? "enabled" : "disabled",
    FragmentPath: pathOf(unit) ?? "",
    ActiveState: starts > 0 && unitFails ? "failed" : "activating",
    SubState: "start",
    Result: "exit-code",
    ExecMainStatus: "78",
    InvocationID: `${starts}`,
    ExecStart: `{ path=${execStart.split(" ")[0]} ; argv[]=${execStart} ; ignore_errors=no ; start_time=[n/a] }`
  })
  const startOurs = Effect.gen(function* () {
    const settings = vm.host.files.read("/etc/default/slipway") ?? ""
    const env = Object.fromEntries(
      settings
        .split("\n")
        .filter((line) => /^\w+=/.test(line))
        .map((line) => line.split("=", 2) as [string, string])
    )
    return yield* slipway(started, { layerVm: () => layerVm, env })
  })
  const systemctl = ({ args }: Command) =>
    Effect.gen(function* () {
      const [verb = ""] = args
      const unit = args.at(-1)!
      if (verb === "is-system-running") return "running\n"
      if (verb === "show") {
        const [, names = ""] = args[1]?.split("=") ?? []
        const shown = properties(unit)
        return names
          .split(",")
          .map((name) => `${name}=${shown[name]}\n`)
          .join("")
      }
      done.push(`systemctl ${args.join(" ")}`)
      if (verb === "enable") enabled.add(unit)
      if (verb === "disable") enabled.delete(unit)
      if (verb === "mask") masked.add(unit)
      if (verb === "unmask") masked.delete(unit)
      // systemd says that a unit which is up, or keeps trying, was started.
      if (unit === unitName && (verb === "start" || verb === "restart")) starts++
      if (unitFails) return ""
      if ((verb === "start" || verb === "restart") && unit === unitName) yield* Effect.forkIn(startOurs, scope)
      return ""
    })
  const runner = CommandRunner.of({
    ...simulated,
    run: (command) =>
      command.program === "systemctl"
        ? Effect.map(systemctl(command), (stdout) => ({ exitCode: 0, stdout, stderr: "" }))
        : simulated.run(command)
  })
  const layerVm = Layer.succeedContext(Context.add(services, CommandRunner, runner))
  return {
    vm,
    done,
    enabled,
    masked,
    layerVm,
    systemctl: (args: ReadonlyArray<string>) => systemctl({ program: "systemctl", args }),
    /** Runs a command line on it. */
    run: (...args: ReadonlyArray<string>) =>
      slipway(args, { layerVm: () => layerVm, layerHost: layerVm, program: [program] })
  }
})
