import * as Schema from "effect/Schema"
import { hasTakenOver, konletUnit, unitName, unitPath, unitText } from "./unit.ts"

/** What of systemd concerns us. */
export interface Installed {
  /** The unit's text; undefined where it is not installed. */
  readonly unit: string | undefined
  readonly isEnabled: boolean
  /** `absent` where the VM has no konlet, `masked` where it cannot start. */
  readonly konlet: "absent" | "present" | "masked"
}

export type InstallStep =
  | { readonly _tag: "Write"; readonly path: string; readonly text: string }
  | { readonly _tag: "Remove"; readonly path: string }
  | { readonly _tag: "Systemctl"; readonly args: ReadonlyArray<string> }

/** konlet would start its container at each boot, against ours. */
export class KonletPresent extends Schema.TaggedError<KonletPresent>()("KonletPresent", {}) {
  override get message() {
    return `this VM has konlet (${konletUnit}), which starts a container of its own at each boot`
  }
}

const systemctl = (...args: ReadonlyArray<string>): InstallStep => ({ _tag: "Systemctl", args })

/**
 * What is to be done so that the unit is there as it should be: nothing where it is. Konlet's container is left running,
 * to be replaced by the first run.
 */
export const planInstall = (
  { unit, isEnabled, konlet }: Installed,
  program: ReadonlyArray<string>,
  takeover: boolean
): ReadonlyArray<InstallStep> | KonletPresent => {
  if (konlet === "present" && !takeover) return new KonletPresent({})
  const masks = konlet === "present"
  const text = unitText(program, masks || (unit !== undefined && hasTakenOver(unit)))
  return [
    ...(text === unit ? [] : [{ _tag: "Write" as const, path: unitPath, text }, systemctl("daemon-reload")]),
    // The mark is written first: whoever finds konlet masked finds why.
    ...(masks ? [systemctl("stop", konletUnit), systemctl("mask", konletUnit)] : []),
    ...(isEnabled ? [] : [systemctl("enable", unitName)])
  ]
}

/** The way back. The container is left as it is. */
export const planUninstall = ({ unit, isEnabled, konlet }: Installed): ReadonlyArray<InstallStep> =>
  unit === undefined
    ? []
    : [
        ...(isEnabled ? [systemctl("disable", unitName)] : []),
        ...(konlet === "masked" && hasTakenOver(unit) ? [systemctl("unmask", konletUnit)] : []),
        { _tag: "Remove", path: unitPath },
        systemctl("daemon-reload")
      ]

/** A step in a few words. */
export const describeInstall = (step: InstallStep): string =>
  step._tag === "Systemctl"
    ? `systemctl ${step.args.join(" ")}`
    : `${step._tag === "Write" ? "write" : "remove"} ${step.path}`
