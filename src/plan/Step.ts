import type * as Duration from "effect/Duration"
import type * as Option from "effect/Option"
import type { ImageReference } from "../workload/ImageReference.ts"
import type { ContainerSpec, EngineRestartPolicy } from "../vm/engine/ContainerSpec.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { DiskVolume } from "../workload/Workload.ts"
import type { FormatProof } from "./diskNeeds.ts"
import type { OurContainer } from "../observation/Observation.ts"
import type { Mount } from "../vm/storage/MountTable.ts"

/** One call that changes the VM (`Confirm` alone only looks). */
export type Action =
  | { readonly _tag: "Pull"; readonly image: ImageReference }
  | { readonly _tag: "Format"; readonly device: string; readonly volume: DiskVolume; readonly proof: FormatProof }
  | { readonly _tag: "Check"; readonly device: string; readonly volume: DiskVolume }
  | { readonly _tag: "CreateDirectory"; readonly path: string }
  | { readonly _tag: "Mount"; readonly mount: Mount }
  /** The mount as it was observed, so that it can be put back. */
  | { readonly _tag: "Unmount"; readonly mount: Mount }
  | { readonly _tag: "OpenFirewall" }
  | { readonly _tag: "CloseFirewall" }
  | { readonly _tag: "Stop"; readonly container: OurContainer; readonly grace: Duration.Duration }
  /** Restart policy `no`, and a name that says what it is. */
  | { readonly _tag: "SetAside"; readonly container: ContainerInspection; readonly name: string }
  | { readonly _tag: "Create"; readonly spec: ContainerSpec }
  | { readonly _tag: "Start"; readonly name: string }
  | {
      readonly _tag: "Confirm"
      readonly name: string
      readonly restartPolicy: EngineRestartPolicy
      readonly window: Duration.Duration
      /** How often the engine had started one again that was there before; undefined for a new one. */
      readonly restartsBefore: number | undefined
    }
  /**
   * Under the name that it has by then. One that may still run is stopped first, with so much time to end by itself. What
   * cannot be removed is left: nothing that is declared waits for it.
   */
  | {
      readonly _tag: "Remove"
      readonly container: OurContainer
      readonly name: string
      readonly grace: Option.Option<Duration.Duration>
    }

export interface Step {
  /** Unique within a plan, and readable: `mount data`. */
  readonly id: string
  readonly action: Action
  /** Why it has to be done: what was observed, against what is declared. */
  readonly cause: string
  /** The ids of the steps that must be done before. */
  readonly needs: ReadonlyArray<string>
}

/** Collects the steps of a plan. */
export class StepList {
  readonly inOrder: Array<Step> = []

  /** Adds a step behind all that it needs, and gives back its id. */
  add(id: string, action: Action, cause: string, needs: ReadonlyArray<string>): string {
    this.inOrder.push({ id, action, cause, needs: [...new Set(needs)] })
    return id
  }
}
