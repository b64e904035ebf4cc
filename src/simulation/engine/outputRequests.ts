import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EngineEvent } from "../../vm/engine/Inspection.ts"
import type { EngineParts } from "./EngineParts.ts"
import { refused } from "./refused.ts"

const listening: EngineEvent = { _tag: "Listening" }

/** What the simulated engine passes on of its containers: their output, and what happens to them. */
export const outputRequests = ({ containers, requests: { receive } }: EngineParts) => {
  const logOf = (id: string) =>
    receive({
      name: "logs",
      subject: id,
      latencyMillis: 4,
      answer: Effect.tap(containers.find(`read the log of ${id}`, id), ({ spec }) =>
        // Of other drivers the engine keeps a copy.
        spec.logConfig?.type === "none"
          ? refused(`read the log of ${id}`, 501, "configured logging driver does not support reading")
          : Effect.void
      )
    })

  return {
    containerEvents: (id: string) =>
      receive({
        name: "events",
        subject: id,
        latencyMillis: 2,
        answer: containers.find(`read the events of ${id}`, id)
      }).pipe(
        Effect.map((container) => {
          const { events } = containers
          const { connection } = events
          return containers.following(container, (read) => {
            const happened = container.happened[read]
            if (happened !== undefined) return Option.some(happened.event)
            return events.connection === connection ? "wait" : Option.none()
          })
        }),
        Stream.unwrap
      ),
    events: receive({
      name: "events",
      subject: "",
      latencyMillis: 2,
      answer: Effect.map(containers.happenings, (happenings) => Stream.concat(Stream.succeed(listening), happenings))
    }).pipe(Stream.unwrap),
    lastLogLines: (id: string, count: number) => Effect.map(logOf(id), ({ log }) => log.slice(-count)),
    followLogs: (id: string) =>
      logOf(id).pipe(
        Effect.map((container) =>
          containers.following(container, (read) => {
            const line = container.log[read]
            if (line === undefined) return container.isUp ? "wait" : Option.none()
            return Option.some({ channel: "stdout" as const, bytes: new TextEncoder().encode(`${line}\n`) })
          })
        ),
        Stream.unwrap
      )
  }
}
