import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { makeUnreadyRecord } from "../observation/UnreadyRecord.ts"
import { upMillis } from "../plan/doubt.ts"
import type { Action } from "../plan/Step.ts"
import { attempt } from "../timing/Retries.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { Prober } from "../vm/probes/Prober.ts"
import { awaitProbe } from "./awaitProbe.ts"

type Probe = Extract<Action, { readonly _tag: "Probe" }>
type Start = Extract<Action, { readonly _tag: "Start" }>

/** The probes of one run: when their containers were started, and the record of those that have not succeeded yet. */
export const makeProbing = Effect.gen(function* () {
  const prober = yield* Prober
  const docker = yield* DockerClient
  const unready = yield* makeUnreadyRecord
  const onRecord = new Set<string>()
  const sinceStart = new Map<string, Effect.Effect<Duration.Duration>>()

  /** Of a container that was there before: by the wall clock, as the engine tells it. */
  const sinceItStarted = (name: string) =>
    Effect.gen(function* () {
      const found = yield* docker.inspectContainer(name).pipe(attempt("INSPECT", `inspect container ${name}`))
      const now = DateTime.toEpochMillis(yield* DateTime.now)
      return Duration.millis(Option.match(found, { onNone: () => 0, onSome: (found) => upMillis(found, now) }))
    }).pipe(Effect.orElseSucceed(() => Duration.zero))

  return {
    /** Before a container is started. */
    beforeStart: Effect.fnUntraced(function* ({ name, isProbed }: Start) {
      if (isProbed) {
        onRecord.add(name)
        yield* unready.begin(name)
      }
      sinceStart.set(name, yield* stopwatch)
    }),
    /** The container is gone again. */
    forget: (name: string) => Effect.suspend(() => (onRecord.delete(name) ? unready.end(name) : Effect.void)),
    await: (probe: Probe) =>
      awaitProbe(probe, sinceStart.get(probe.name) ?? sinceItStarted(probe.name)).pipe(
        Effect.andThen(probe.isLast ? unready.end(probe.name) : Effect.void),
        Effect.provideService(Prober, prober)
      )
  }
})
