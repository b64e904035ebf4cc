import type * as Duration from "effect/Duration"

/**
 * What the host's firewall accepts: all tcp, udp and icmp, the ports that containers declare, or nothing on our account;
 * rules of ours that are not wanted are removed.
 */
export type OpenIptables = "all" | "declared" | "no"

/** The settings that bear on a plan. */
export interface PlanSettings {
  readonly openIptables: OpenIptables
  /** How long a new container must stay up before the old one is given up. Zero does not look. */
  readonly confirm: Duration.Duration
  /** Try at once what failed before, and would otherwise be held back as long as another container runs in its place. */
  readonly retry?: boolean
}
