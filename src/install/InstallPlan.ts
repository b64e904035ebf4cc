import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import { konletUnit, type Takeover, takeoverOf, unitName, unitPath, unitText } from "./unit.ts"

/** What of systemd concerns us. */
export interface Installed {
  /** The unit's text; undefined where it is not installed. */
  readonly unit: string | undefined
  readonly isEnabled: boolean
  readonly konlet: Konlet
}

/** Konlet's unit: of the system's image or a package, one of the host's own, or one that does not start at boot. */
export type Konlet = "absent" | "packaged" | "local" | "off"

export type InstallStep =
  | { readonly _tag: "Write"; readonly path: string; readonly text: string }
  | { readonly _tag: "Remove"; readonly path: string }
  | { readonly _tag: "Systemctl"; readonly args: ReadonlyArray<string> }

/** konlet would start its container at each boot, against ours. */
export class KonletPresent extends Schema.TaggedError<KonletPresent>()("KonletPresent", {}) {
  get advice() {
    return "`slipway install --takeover` stops it, and keeps it from starting again; its container runs on until the first run replaces it."
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `this VM has konlet (${konletUnit}), which starts a container of its own at each boot`
  }
}

/** The unit would have nothing to execute after a reboot. */
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

/** What lies there is cleared at a boot, or by age. */
const transient = /^\/(tmp|var\/tmp|run|var\/run|dev\/shm)\//

/** Of what a unit is to execute, the first that may be gone by then. */
export const transientWord = (program: ReadonlyArray<string>): string | undefined =>
  program.find((word) => transient.test(word))

const systemctl = (...args: ReadonlyArray<string>): InstallStep => ({ _tag: "Systemctl", args })

/**
 * What is to be done so that the unit is there as it should be: nothing where it is. Konlet's container is left running,
 * to be replaced by the first run.
 */
export const planInstall = (
  { unit, isEnabled, konlet }: Installed,
  program: ReadonlyArray<string>,
  takeover: boolean
): Result.Result<ReadonlyArray<InstallStep>, KonletPresent | ProgramTransient> => {
  const gone = transientWord(program)
  if (gone !== undefined) return Result.fail(new ProgramTransient({ path: gone }))
  const taken: Takeover | undefined = konlet === "packaged" ? "masked" : konlet === "local" ? "disabled" : undefined
  if (taken !== undefined && !takeover) return Result.fail(new KonletPresent({}))
  const text = unitText(program, taken ?? (unit === undefined ? undefined : takeoverOf(unit)))
  return Result.succeed([
    ...(text === unit ? [] : [{ _tag: "Write" as const, path: unitPath, text }, systemctl("daemon-reload")]),
    // The mark is written first: whoever finds konlet off finds why.
    ...(taken === undefined
      ? []
      : [systemctl("stop", konletUnit), systemctl(taken === "masked" ? "mask" : "disable", konletUnit)]),
    ...(isEnabled ? [] : [systemctl("enable", unitName)])
  ])
}

/** The way back. The container is left as it is. */
export const planUninstall = ({ unit, isEnabled, konlet }: Installed): ReadonlyArray<InstallStep> =>
  unit === undefined
    ? []
    : [
        ...(isEnabled ? [systemctl("disable", unitName)] : []),
        ...(konlet === "off" ? konletAgain(takeoverOf(unit)) : []),
        { _tag: "Remove", path: unitPath },
        systemctl("daemon-reload")
      ]

const konletAgain = (takeover: Takeover | undefined): ReadonlyArray<InstallStep> =>
  takeover === undefined ? [] : [systemctl(takeover === "masked" ? "unmask" : "enable", konletUnit)]

/** A step in a few words. */
export const describeInstall = (step: InstallStep): string =>
  step._tag === "Systemctl"
    ? `systemctl ${step.args.join(" ")}`
    : `${step._tag === "Write" ? "write" : "remove"} ${step.path}`
