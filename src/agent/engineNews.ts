import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import { monotonicMillis } from "../timing/stopwatch.ts"
import { isOurs, roleOf } from "../observation/Ownership.ts"
import type { ContainerHappening } from "../vm/engine/Inspection.ts"
import { LookPace } from "./LookPace.ts"
import type { Occasion } from "./Occasion.ts"
import { makeOwnChanges } from "./ownChanges.ts"
import { answersWithin, type EngineListener, watchEngine } from "./watchEngine.ts"

/** Several events in a row are one: it is waited until nothing has happened for so long. */
const quiet = Duration.seconds(1)

/** It is not waited for longer than this, or containers that end over and over would put it off for ever. */
const longestQuiet = Duration.seconds(5)

export type EngineNews = Effect.Success<ReturnType<typeof makeEngineNews>>

/**
 * What happens to our containers and to their engine, as occasions for a look. What the agent does itself is none. The
 * watch runs until the scope ends.
 */
export const makeEngineNews = Effect.fnUntraced(function* (
  offer: (occasion: Occasion) => Effect.Effect<void>,
  absence: Pick<EngineListener, "away" | "back">
) {
  const { docker, ownOf, begin, end } = yield* makeOwnChanges
  const pace = new LookPace()
  /** What has happened since the last look began, by the container's id; the last of each. */
  const pending = new Map<string, ContainerHappening>()
  const noted = yield* Queue.sliding<void>(1)
  /** Which containers have not been well by themselves since the last look that succeeded. */
  const unwell = new Set<string>()
  let hasFailed = false
  let looking: Deferred.Deferred<void> | undefined
  let stirs: Deferred.Deferred<void> | undefined

  const listener = {
    happened: (happening: ContainerHappening) =>
      Effect.gen(function* () {
        if (!isWorthALook(happening)) return
        const own = yield* ownOf(happening)
        const isKnown = hasFailed && unwell.has(happening.id) && happening.event._tag !== "Destroyed"
        if (own !== "stop" && own !== "removal" && isOfItself(happening)) unwell.add(happening.id)
        // What is retried because of it is retried with its own back-off.
        if (own !== undefined || isKnown) return
        pending.set(happening.id, happening)
        yield* Queue.offer(noted, undefined)
        if (stirs !== undefined) yield* Deferred.succeed(stirs, undefined)
      }),
    gone: Effect.sync(() => pending.clear()),
    ...absence,
    returned: offer({ _tag: "EngineReturned" })
  }

  const untilQuiet = Effect.timeoutOption(
    Effect.repeat(Effect.timeoutOption(Queue.take(noted), quiet), { while: Option.isSome }),
    longestQuiet
  )
  const dropOwn = Effect.gen(function* () {
    for (const [id, happening] of pending) if ((yield* ownOf(happening)) !== undefined) pending.delete(id)
  })
  const watchPending = Effect.gen(function* () {
    for (;;) {
      if (pending.size === 0) {
        yield* Queue.take(noted)
        yield* untilQuiet
      }
      if (looking !== undefined) yield* Deferred.await(looking)
      if (pending.size === 0) continue
      const now = yield* monotonicMillis
      const wait = pace.waitFor(pending.keys(), now)
      if (wait > 0) {
        const more = yield* Effect.timeoutOption(Queue.take(noted), Duration.millis(wait))
        if (Option.isSome(more)) yield* untilQuiet
        continue
      }
      pace.look(pending.keys(), now)
      const isRemoval = [...pending.values()].every(({ event }) => event._tag === "Destroyed")
      pending.clear()
      yield* offer({ _tag: "EngineChanged", ...(isRemoval ? { isRemoval } : {}) })
    }
  })

  const begun = yield* Deferred.make<void>()
  yield* Effect.forkScoped(watchEngine(listener, begun))
  yield* Effect.forkScoped(watchPending)

  /** A look sees all that has happened before it, and what it changes itself is no news. */
  const during = <A, E, R>(look: Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.gen(function* () {
        const ended = yield* Deferred.make<void>()
        looking = ended
        pending.clear()
        yield* begin
        return ended
      }),
      () => look,
      (ended, exit) =>
        Effect.gen(function* () {
          yield* dropOwn
          yield* end
          hasFailed = Exit.isFailure(exit)
          if (!hasFailed) unwell.clear()
          looking = undefined
          yield* Deferred.succeed(ended, undefined)
        })
    )

  return {
    /** How long it is until what has happened is looked at; undefined if nothing has. */
    stirredAfter: Effect.suspend(() =>
      pending.size === 0
        ? Effect.undefined
        : Effect.map(monotonicMillis, (now) => Duration.millis(pace.waitFor(pending.keys(), now)))
    ),
    /** The engine, for whatever the agent does with it. */
    docker,
    /** What happens after this is seen. An engine that is not up is not waited for. */
    begun: Effect.asVoid(Effect.timeoutOption(Deferred.await(begun), answersWithin)),
    during,
    /** Ends as soon as something has happened, be it during a look that has not come to the VM yet. */
    stirred: Effect.suspend(() => {
      if (pending.size > 0) return Effect.void
      stirs = Deferred.makeUnsafe()
      return Deferred.await(stirs)
    }),
    /** A look comes to the VM, and sees what has happened before. */
    seen: Effect.sync(() => pending.clear())
  }
})

/**
 * An init container is begun and ended by runs alone. What has run out of memory shows by its end. What somebody else has
 * started, as an `up` by hand does, is to be looked after from then on.
 */
const isWorthALook = ({ labels, name, event }: ContainerHappening): boolean =>
  isOurs({ labels, names: [name] }, []) && roleOf({ labels }) !== "init" && event._tag !== "OutOfMemory"

/** It tells how the container is by itself, rather than what somebody has done with one that is well. */
const isOfItself = ({ event: { _tag } }: ContainerHappening): boolean =>
  _tag === "Died" || _tag === "Health" || _tag === "Destroyed"
