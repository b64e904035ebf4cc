import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { makeRecord } from "../observation/ContainerRecord.ts"
import { upMillis } from "../plan/doubt.ts"
import type { Action } from "../plan/Step.ts"
import { attempt } from "../timing/Retries.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { Prober } from "../vm/probes/Prober.ts"
import { awaitProbe } from "./awaitProbe.ts"
import type { KnownContainer } from "./Created.ts"
import { postStart } from "./postStart.ts"

type Probe = Extract<Action, { readonly _tag: "Probe" }>
type PostStart = Extract<Action, { readonly _tag: "PostStart" }>
type Started = Pick<Extract<Action, { readonly _tag: "Start" }>, "isProbed" | "isHooked">

/** The probes and hooks of one run: when their containers were started, and the record of what has not succeeded yet. */
export const makeProbing = Effect.gen(function* () {
  const prober = yield* Prober
  const docker = yield* DockerClient
  const unready = yield* makeRecord("unready")
  const unhooked = yield* makeRecord("unhooked")
  // By id, as on record.
  const onRecord = new Map<string, Started>()
  const sinceStart = new Map<string, Effect.Effect<Duration.Duration>>()

  /** Of a container that was there before: by the wall clock, as the engine tells it. */
  const sinceItStarted = ({ id, name }: KnownContainer) =>
    Effect.gen(function* () {
      const found = yield* docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${name}`))
      const now = DateTime.toEpochMillis(yield* DateTime.now)
      return Duration.millis(Option.match(found, { onNone: () => 0, onSome: (found) => upMillis(found, now) }))
    }).pipe(Effect.orElseSucceed(() => Duration.zero))

  return {
    /** Before a container is started. */
    beforeStart: Effect.fnUntraced(function* ({ id }: Pick<KnownContainer, "id">, { isProbed, isHooked }: Started) {
      onRecord.set(id, { isProbed, isHooked })
      if (isProbed) yield* unready.begin(id)
      if (isHooked) yield* unhooked.begin(id)
      sinceStart.set(id, yield* stopwatch)
    }),
    /** The container is gone again. */
    forget: Effect.fnUntraced(function* (id: string) {
      const start = onRecord.get(id)
      if (start?.isProbed === true) yield* unready.end(id)
      if (start?.isHooked === true) yield* unhooked.end(id)
    }),
    hook: (container: KnownContainer, hook: PostStart) =>
      postStart(container, hook).pipe(
        Effect.andThen(unhooked.end(container.id)),
        Effect.provideService(Prober, prober)
      ),
    await: (container: KnownContainer, probe: Probe) =>
      awaitProbe(container, probe, sinceStart.get(container.id) ?? sinceItStarted(container)).pipe(
        Effect.andThen(probe.isLast ? unready.end(container.id) : Effect.void),
        Effect.provideService(Prober, prober)
      )
  }
})
