import * as Effect from "effect/Effect"
import { withDeadline } from "../timing/Deadlines.ts"
import type { FirewallPort } from "../vm/firewall/FirewallRules.ts"
import { ListeningPorts } from "../vm/host/ListeningPorts.ts"

/** A port of the host that is in use. */
export interface TakenPort extends FirewallPort {
  /** The container that it is published for; undefined where a process listens on it. */
  readonly container: string | undefined
}

/** If the sockets cannot be read, none are known: the engine will refuse a taken port, only later. */
export const observeListening: Effect.Effect<ReadonlyArray<TakenPort>, never, ListeningPorts> = Effect.gen(
  function* () {
    const ports = yield* ListeningPorts
    return yield* ports.observe.pipe(
      withDeadline("FILE", "see which ports are in use"),
      Effect.map((found) => found.map(({ port, protocol }): TakenPort => ({ port, protocol, container: undefined }))),
      Effect.orElseSucceed(() => [])
    )
  }
)
