import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { slipway } from "./executable.ts"
import { bench } from "./Vm.ts"

/** A declaration of one container, `web`, which ends as it is asked to. */
export const declareWeb = (container: Record<string, unknown>): string =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:1`,
          command: ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"],
          ...container
        }
      ]
    }
  })

/** An agent, as a process of its own, that a test waits for by what it says. */
export const living = Effect.fnUntraced(function* (env: Readonly<Record<string, string>> = {}) {
  let said = ""
  let send: (signal: NodeJS.Signals) => void = () => {}
  const waiting = new Set<() => void>()
  const agent = yield* Effect.forkChild(
    slipway(["agent"], { SLIPWAY_LOG_FORMAT: "plain", ...env }, (stderr, kill) => {
      said = stderr
      send = kill
      for (const look of waiting) look()
    })
  )
  let from = 0
  return {
    /** Waits until it has said this since the last that was waited for. */
    says: Effect.fnUntraced(function* (words: RegExp) {
      const found = yield* Deferred.make<void>()
      const look = () => {
        const match = words.exec(said.slice(from))
        if (match === null) return
        from += match.index + match[0].length
        waiting.delete(look)
        Deferred.doneUnsafe(found, Effect.void)
      }
      waiting.add(look)
      look()
      const early = Effect.flatMap(Fiber.join(agent), ({ stderr }) => Effect.die(new Error(`it has ended: ${stderr}`)))
      yield* Effect.raceFirst(Deferred.await(found), early)
    }),
    send: (signal: NodeJS.Signals) => Effect.sync(() => send(signal)),
    ended: Fiber.join(agent)
  }
})
