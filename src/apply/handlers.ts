import * as Effect from "effect/Effect"
import type { Action } from "../plan/Step.ts"
import { makeContainerHandlers } from "./containerHandlers.ts"
import type { Handler, Handlers } from "./Handler.ts"
import type { ImagePulls } from "./ImagePull.ts"
import { makeNetworkHandlers } from "./networkHandlers.ts"
import { makeStorageHandlers } from "./storageHandlers.ts"

/** The handler of an action. */
export const handlerOf = <A extends Action>(handlers: Handlers, action: A): Handler<A> =>
  // Each tag's handler takes the action of that tag, which the compiler cannot follow through a union.
  handlers[action._tag] as unknown as Handler<A>

/** What applying a plan needs. `warn` is given what is not a failure. */
export const makeHandlers = Effect.fnUntraced(function* (
  pulls: ImagePulls,
  mountRoot: string,
  warn: (text: string) => Effect.Effect<void>
) {
  const handlers: Handlers = {
    ...(yield* makeStorageHandlers(warn)),
    ...(yield* makeNetworkHandlers(warn)),
    ...(yield* makeContainerHandlers(pulls, mountRoot))
  }
  return handlers
})
