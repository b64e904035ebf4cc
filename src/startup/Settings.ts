import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { Policy } from "../declaration/policy/Policy.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import type { OpenIptables } from "../plan/PlanSettings.ts"
import type { DeclarationUnreadable } from "./DeclarationUnreadable.ts"

/** What a run is told besides the declaration. */
export interface Settings {
  /** The declaration itself; `none` asks the VM's metadata for it. */
  readonly declaration: Option.Option<DeclarationText>
  /** What the host allows declarations to do to it, wherever they come from; `none` allows everything. */
  readonly policy: Option.Option<Policy>
  /** The token for images that Google hosts; `none` asks metadata for one where such an image is declared. */
  readonly token: Option.Option<Redacted.Redacted>
  /** Greet logins with how the run went. */
  readonly showWelcome: boolean
  /** What the host's firewall accepts. */
  readonly openIptables: OpenIptables
  /** Where tmpfs and disks are mounted on the host. */
  readonly mountRoot: string
  /** How long a new container must stay up before the old one is given up. Zero does not look. */
  readonly confirm: Duration.Duration
  /** What is done when no registry answers and the engine holds an image under the reference: it is started, or not. */
  readonly pullFallback: "cached" | "never"
  /** Where metadata does not answer, start the last declaration that it gave and that came up. */
  readonly lastGood: boolean
  /** Try at once what failed before, and would otherwise be held back as long as another container runs in its place. */
  readonly retry: boolean
  /** Reads `declaration` anew, for a run that had to wait for another one. Left out where it cannot have changed. */
  readonly rereadDeclaration?: Effect.Effect<DeclarationText, DeclarationUnreadable>
}

/** The settings of a run that is told nothing. */
export const defaultSettings: Settings = {
  declaration: Option.none(),
  policy: Option.none(),
  token: Option.none(),
  showWelcome: true,
  openIptables: "all",
  mountRoot: "/mnt/disks/gce-containers-mounts",
  confirm: Duration.seconds(3),
  pullFallback: "cached",
  lastGood: true,
  retry: false
}
