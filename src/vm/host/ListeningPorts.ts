import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"
import { type ListeningPort, listeningPorts, socketTables } from "./socketTable.ts"

/** The ports of the host that are in use, by whatever process. */
export class ListeningPorts extends Context.Service<
  ListeningPorts,
  {
    /** tcp and udp, of IPv4 and, if the host has it, IPv6. A port that the engine publishes is one of them. */
    readonly observe: Effect.Effect<ReadonlyArray<ListeningPort>, CommandError | HostFileFailed>
  }
>()("slipway/vm/ListeningPorts") {
  /** Reads the kernel's tables of sockets. */
  static readonly layer = Layer.effect(
    ListeningPorts,
    Effect.map(HostFiles, (files) =>
      ListeningPorts.of({
        observe: Effect.forEach(
          socketTables,
          ({ path, protocol }) =>
            Effect.map(
              files.read(path),
              Option.match({ onNone: () => [], onSome: (table) => listeningPorts(table, protocol) })
            ),
          { concurrency: "unbounded" }
        ).pipe(
          Effect.map((ports) => ports.flat()),
          Effect.withSpan("ListeningPorts.observe")
        )
      })
    )
  )
}
