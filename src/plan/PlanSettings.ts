import type * as Duration from "effect/Duration"

/** The settings that bear on a plan. */
export interface PlanSettings {
  /** Accept tcp, udp and icmp; otherwise rules of ours that are there are removed. */
  readonly openIptables: boolean
  /** How long a new container must stay up before the old one is given up. Zero does not look. */
  readonly confirm: Duration.Duration
  /** Try at once what failed before, and would otherwise be held back as long as another container runs in its place. */
  readonly retry?: boolean
}
