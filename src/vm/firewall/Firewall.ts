import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CommandError } from "../host/CommandError.ts"
import { CommandRunner } from "../host/CommandRunner.ts"
import type { CommandResult } from "../host/Command.ts"
import { complaint } from "../host/Complaint.ts"
import {
  type AddressFamily,
  closeScript,
  type FirewallPort,
  type FirewallState,
  firewallState,
  openScript
} from "./FirewallRules.ts"

/** What our chain is like in the host's firewall, by family of addresses. */
export interface FirewallObservation {
  readonly ipv4: FirewallState
  readonly ipv6: FirewallState
}

/** An iptables program failed. `detail` is its own message. */
export class FirewallFailed extends Schema.TaggedError<FirewallFailed>()("FirewallFailed", {
  operation: Schema.Literals(["inspect", "open", "close"]),
  detail: Schema.String
}) {
  get advice() {
    return "This needs root and the host's iptables; --no-open-iptables does without."
  }
  override get message() {
    return `${this.operation} the firewall: ${this.detail}`
  }
}

/** The host's packet filter: our own rules in our own chain, for IPv4 and, if the host has it, IPv6. */
export class Firewall extends Context.Service<
  Firewall,
  {
    readonly observe: Effect.Effect<FirewallObservation, CommandError | FirewallFailed>
    /** Accepts tcp, udp and icmp on INPUT and FORWARD. Idempotent. */
    readonly open: Effect.Effect<void, CommandError | FirewallFailed>
    /** Accepts these ports instead, on INPUT and FORWARD; closes if there are none. Idempotent. */
    readonly openPorts: (ports: ReadonlyArray<FirewallPort>) => Effect.Effect<void, CommandError | FirewallFailed>
    /** Deletes our chain and the jumps to it. */
    readonly close: Effect.Effect<void, CommandError | FirewallFailed>
  }
>()("slipway/vm/Firewall") {
  /**
   * Uses the host's iptables, whichever variant. One iptables-restore per family changes all or nothing; an unavailable
   * family is skipped.
   */
  static readonly layer = Layer.effect(
    Firewall,
    Effect.gen(function* () {
      const runner = yield* CommandRunner

      /** The output of iptables-save for the filter table; `none` if the family is unavailable. */
      const save = Effect.fnUntraced(
        function* (operation: FirewallFailed["operation"], family: AddressFamily) {
          const result = yield* runner.run({ program: `${programs[family]}-save`, args: ["-t", "filter"] })
          if (result.exitCode === 0) return Option.some(result.stdout)
          if (isUnavailable(result)) return Option.none<string>()
          return yield* new FirewallFailed({ operation, detail: complaint(result) })
        },
        Effect.catchReason("CommandError", "ProgramMissing", () => Effect.succeed(Option.none<string>()))
      )

      const restore = Effect.fnUntraced(function* (
        operation: FirewallFailed["operation"],
        family: AddressFamily,
        script: string
      ) {
        // The engine may hold the legacy variant's lock. Ten seconds cover its slowest start.
        const args = ["--noflush", "--wait", "10"]
        const result = yield* runner.run({ program: `${programs[family]}-restore`, args, stdin: script })
        if (result.exitCode !== 0) return yield* new FirewallFailed({ operation, detail: complaint(result) })
      })

      const observe = (family: AddressFamily) =>
        Effect.map(
          save("inspect", family),
          Option.match({
            onNone: (): FirewallState => "Unavailable",
            onSome: (saved) => firewallState(saved, family)
          })
        )

      const change = (
        operation: "open" | "close",
        script: (saved: string, family: AddressFamily) => string | undefined
      ) =>
        Effect.forEach(
          families,
          Effect.fnUntraced(function* (family) {
            const saved = yield* save(operation, family)
            const input = Option.isSome(saved) ? script(saved.value, family) : undefined
            if (input !== undefined) yield* restore(operation, family, input)
          }),
          { concurrency: "unbounded", discard: true }
        ).pipe(Effect.withSpan(`Firewall.${operation}`))

      return Firewall.of({
        observe: Effect.all({ ipv4: observe("ipv4"), ipv6: observe("ipv6") }, { concurrency: "unbounded" }).pipe(
          Effect.withSpan("Firewall.observe")
        ),
        open: change("open", openScript),
        openPorts: (ports) =>
          ports.length === 0
            ? change("close", closeScript)
            : change("open", (saved, family) => openScript(saved, family, ports)),
        close: change("close", closeScript)
      })
    })
  )
}

const families = ["ipv4", "ipv6"] as const
const programs = { ipv4: "iptables", ipv6: "ip6tables" } as const

/** The kernel's messages if it lacks the family, or a filter table for it. */
const isUnavailable = ({ stderr }: CommandResult): boolean =>
  /Address family not supported|Protocol not supported|Table does not exist|do you need to insmod/.test(stderr)
