import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { Policy } from "../declaration/policy/Policy.ts"
import { defaultMountRoot } from "../workload/mountRoot.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import type { OpenIptables } from "../plan/PlanSettings.ts"
import type { DeclarationUnreadable } from "./DeclarationUnreadable.ts"

/** The settings of a run, besides the declaration. */
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
  /** Whether to start the image that the engine holds under the reference if no registry answers. */
  readonly pullFallback: "cached" | "never"
  /** If metadata does not answer, start the last of its declarations that came up. */
  readonly lastGood: boolean
  /** Retry at once what failed before, which would otherwise be held back while another container runs in its place. */
  readonly retry: boolean
  /** Ask the registries which images the declared tags stand for now. Otherwise an image that the engine holds serves. */
  readonly followTags: boolean
  /**
   * Start again what `down` has stopped or removed; `changed`: if another declaration is there than a run had read before
   * it. Otherwise everything stays down until a run that does, or the next boot.
   */
  readonly endsDown: boolean | "changed"
  /**
   * When that was asked for, in milliseconds of the host's monotonic clock: a `down` that was asked for later stays. When
   * the run began, if it is not told.
   */
  readonly askedAt?: number
  /** Reads `declaration` again, for a run that had to wait for another. Absent if it cannot have changed. */
  readonly rereadDeclaration?: Effect.Effect<DeclarationText, DeclarationUnreadable>
}

/** The settings where none are given. */
export const defaultSettings: Settings = {
  declaration: Option.none(),
  policy: Option.none(),
  token: Option.none(),
  showWelcome: true,
  openIptables: "all",
  mountRoot: defaultMountRoot,
  confirm: Duration.seconds(3),
  pullFallback: "cached",
  lastGood: true,
  retry: false,
  followTags: true,
  endsDown: true
}
