/** Why something may be down, or may be touched. */
export type Cause =
  | "a switch"
  | "a bad declaration"
  | "the engine"
  | "a reboot"
  | "the registry"
  | "metadata"
  | "the disk"
  | "failing calls"
  | "the agent's death"
  | "a failing probe"
  | "a deadline"
  | "an operator"

/** Something that happened to the VM, until a run found everything in order after it. */
export interface Disturbance {
  readonly cause: Cause
  readonly from: number
  /** When it was over by itself; infinite while it is not. */
  to: number
  /** When a run had found everything in order after it. */
  settledAt: number
  /** A tag moved, which only a run that asks the registries can find in order. */
  readonly isOfTags: boolean
  /** The containers that it befell, by their declared names. Empty: it is not of some alone. */
  readonly of: ReadonlyArray<string>
}
