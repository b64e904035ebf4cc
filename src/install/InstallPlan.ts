import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import { konletUnit, type Runs, runsOf, type Takeover, takeoverOf, unitName, unitPath, unitText } from "./unit.ts"

/** The state of systemd, as far as our unit is concerned. */
export interface Installed {
  /** The unit's text; undefined where it is not installed. */
  readonly unit: string | undefined
  readonly isEnabled: boolean
  readonly konlet: Konlet
}

/** konlet's unit: from the system's image or a package, the operator's own, or one that does not start at boot. */
export type Konlet = "absent" | "packaged" | "local" | "off"

export type InstallStep =
  /** `instead` is what the unit that is there runs, if the new one runs something else. */
  | { readonly _tag: "Write"; readonly path: string; readonly text: string; readonly instead?: Runs }
  | { readonly _tag: "Remove"; readonly path: string }
  | { readonly _tag: "Systemctl"; readonly args: ReadonlyArray<string> }

/** konlet would start its own container at each boot, beside ours. */
export class KonletPresent extends Schema.TaggedError<KonletPresent>()("KonletPresent", {}) {
  get advice() {
    return "`slipway migrate` says what will differ. `slipway install --takeover` stops it, and keeps it from starting again; its container runs on until the first run replaces it."
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `this VM has konlet (${konletUnit}), which starts a container of its own at each boot`
  }
}

/** The unit's program would be gone after a reboot. */
export class ProgramTransient extends Schema.TaggedError<ProgramTransient>()("ProgramTransient", {
  path: Schema.String
}) {
  get advice() {
    return "Install it where it stays, as in /usr/local/bin, and run `slipway install` from there."
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `${this.path} may be gone after a reboot, when the unit is to execute it`
  }
}

/** Directories that are cleared at boot, or of old files. */
const transient = /^\/(tmp|var\/tmp|run|var\/run|dev\/shm)\//

/** The first word of a command that may be gone after a reboot. */
export const transientWord = (program: ReadonlyArray<string>): string | undefined =>
  program.find((word) => transient.test(word))

const systemctl = (...args: ReadonlyArray<string>): InstallStep => ({ _tag: "Systemctl", args })

export interface InstallDemand {
  readonly program: ReadonlyArray<string>
  readonly runs: Runs
  readonly takeover: boolean
}

/**
 * The steps that install the unit; none where it is installed. One that runs something else is replaced under its name, and
 * stays as it is until it is restarted. konlet's container is left running: the first run replaces it.
 */
export const planInstall = (
  { unit, isEnabled, konlet }: Installed,
  { program, runs, takeover }: InstallDemand
): Result.Result<ReadonlyArray<InstallStep>, KonletPresent | ProgramTransient> => {
  const gone = transientWord(program)
  if (gone !== undefined) return Result.fail(new ProgramTransient({ path: gone }))
  const taken: Takeover | undefined = konlet === "packaged" ? "masked" : konlet === "local" ? "disabled" : undefined
  if (taken !== undefined && !takeover) return Result.fail(new KonletPresent({}))
  const text = unitText({ program, runs, takeover: taken ?? (unit === undefined ? undefined : takeoverOf(unit)) })
  const instead = unit === undefined || runsOf(unit) === runs ? {} : { instead: runsOf(unit) }
  return Result.succeed([
    ...(text === unit
      ? []
      : [{ _tag: "Write" as const, path: unitPath, text, ...instead }, systemctl("daemon-reload")]),
    // The mark comes first: whoever finds konlet off must find out why.
    ...(taken === undefined
      ? []
      : [systemctl("stop", konletUnit), systemctl(taken === "masked" ? "mask" : "disable", konletUnit)]),
    ...(isEnabled ? [] : [systemctl("enable", unitName)])
  ])
}

/** The steps that undo the installation. The agent ends, which leaves the containers as they are. */
export const planUninstall = ({ unit, isEnabled, konlet }: Installed): ReadonlyArray<InstallStep> =>
  unit === undefined
    ? []
    : [
        ...(isEnabled ? [systemctl("disable", unitName)] : []),
        ...(runsOf(unit) === "agent" ? [systemctl("stop", unitName)] : []),
        ...(konlet === "off" ? restoreKonlet(takeoverOf(unit)) : []),
        { _tag: "Remove", path: unitPath },
        systemctl("daemon-reload")
      ]

const restoreKonlet = (takeover: Takeover | undefined): ReadonlyArray<InstallStep> =>
  takeover === undefined ? [] : [systemctl(takeover === "masked" ? "unmask" : "enable", konletUnit)]

/** A step in a few words. */
export const describeInstall = (step: InstallStep): string => {
  switch (step._tag) {
    case "Systemctl":
      return `systemctl ${step.args.join(" ")}`
    case "Remove":
      return `remove ${step.path}`
    case "Write":
      return `write ${step.path}${step.instead === undefined ? "" : `, in place of the one that runs \`slipway ${step.instead}\``}`
  }
}

/** What is left to do for one who wants it now; undefined if there is nothing. */
export const afterInstall = (steps: ReadonlyArray<InstallStep>): string | undefined =>
  steps.some((step) => step._tag === "Write" && step.instead !== undefined)
    ? `From the next boot on. \`systemctl restart ${unitName.replace(/\.service$/, "")}\` does it now; the containers keep running.`
    : undefined
