import type { InstallStep } from "../install/InstallPlan.ts"

/** How a VM's move from konlet to Slipway goes. */
export interface Migration {
  /** What the VM has. `slipway`: it has been moved already. */
  readonly has: "konlet" | "slipway" | "nothing"
  readonly differences: ReadonlyArray<Difference>
  /** What installs Slipway and begins the first run. Empty where there is nothing to move. */
  readonly steps: ReadonlyArray<InstallStep>
  /** What is left to an operator, in order. */
  readonly commands: ReadonlyArray<NextCommand>
}

/** Something that will not be as it was under konlet. */
export interface Difference {
  readonly kind: DifferenceKind
  /** What it is, in a sentence without its full stop. */
  readonly text: string
  readonly why: string
  /** It may not be what is wanted: somebody has to look at it. */
  readonly isToCheck: boolean
}

export const differenceKinds = {
  container: "a container that konlet has created",
  mount: "something that is mounted",
  firewall: "what the host's firewall accepts",
  key: "a key of the declaration that konlet ignored, and that takes effect",
  ignored: "something in the declaration that is a warning here",
  "own key": "what is refused under the key `slipway-declaration`",
  job: "a container that is not restarted, and its exit code",
  changes: "when a changed declaration is applied",
  unit: "konlet's unit",
  flag: "a flag of konlet's unit"
} as const
export type DifferenceKind = keyof typeof differenceKinds

export interface NextCommand {
  readonly command: string
  /** Whose command it is. Slipway's are run by `slipway`, the others by what the VM or the operator has. */
  readonly of: "slipway" | "systemd" | "google"
  readonly stage: Stage
  readonly why: string
}

/** When a command is to be run. */
export const stages = {
  move: "To move this VM",
  back: "To go back to konlet",
  new: "For new VMs and instance templates"
} as const
export type Stage = keyof typeof stages
