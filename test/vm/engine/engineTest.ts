import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** How a contract's tests are run: by the real clock with a real engine, in virtual time with one in memory. */
export interface EngineRun {
  readonly run: <A, E, R>(body: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** One test of a contract, with an engine of its own. */
export const engineTest =
  <Host>(layer: Layer.Layer<Host, unknown>, { run }: EngineRun) =>
  <E>(title: string, body: Effect.Effect<void, E, Host | Scope.Scope>) =>
    it.effect(title, () => run(Effect.provide(Effect.scoped(body), layer)))
