import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"

/** What is there of our rules, for one family of addresses. */
export type FirewallState =
  /** Our chain and both jumps to it, as they should be. */
  | "Open"
  /** Some of it, or all of it altered. */
  | "Partial"
  /** Nothing of ours. */
  | "Absent"
  /** The host has no such family, or no program to manage it. */
  | "Unavailable"

export interface FirewallObservation {
  readonly ipv4: FirewallState
  readonly ipv6: FirewallState
}

/** iptables said no; `detail` is its own word for why. */
export class FirewallFailed extends Schema.TaggedError<FirewallFailed>()("FirewallFailed", {
  operation: Schema.Literals(["inspect", "open", "close"]),
  detail: Schema.String
}) {
  override get message() {
    return `${this.operation} the firewall: ${this.detail}`
  }
}

/** The host's packet filter: rules of our own in a chain of our own, for IPv4 and, where the host has it, IPv6. */
export class Firewall extends Context.Service<
  Firewall,
  {
    readonly observe: Effect.Effect<FirewallObservation, CommandError | FirewallFailed>
    /** Accepts tcp, udp and icmp on INPUT and FORWARD. The same rules after any number of runs. */
    readonly open: Effect.Effect<void, CommandError | FirewallFailed>
    /** Removes our chain and the jumps to it. */
    readonly close: Effect.Effect<void, CommandError | FirewallFailed>
  }
>()("slipway/vm/Firewall") {}
