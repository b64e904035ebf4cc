import type { Installed } from "../install/InstallPlan.ts"
import type { KonletFlags } from "./konletFlags.ts"

/** What a VM has of konlet, besides its declaration. Reading it changes nothing. */
export interface KonletVm {
  readonly installed: Installed
  readonly flags: KonletFlags
  /** The unit's environment file, if there is one. */
  readonly settings: string | undefined
  readonly containers: ReadonlyArray<KonletContainer>
  /** Where something is mounted below the mount root, in the order of the mount table. */
  readonly mounts: ReadonlyArray<KonletMount>
  /** How many rules konlet has appended to the host's firewall. */
  readonly rules: number
  /** `cos`: /etc starts empty at each boot. */
  readonly system: "cos" | "other"
  /** What metadata calls the VM. */
  readonly instance: string | undefined
  /** It has user data already. */
  readonly hasUserData: boolean
}

/** A container that konlet has created. */
export interface KonletContainer {
  readonly name: string
  /** The reference that it was created with; undefined where the engine does not say. */
  readonly image: string | undefined
  readonly status: string
}

export interface KonletMount {
  readonly source: string
  readonly target: string
  readonly type: string
}
