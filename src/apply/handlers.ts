import * as Effect from "effect/Effect"
import type { Action } from "../plan/Step.ts"
import { makeContainerHandlers } from "./containerHandlers.ts"
import type { Created } from "./Created.ts"
import type { Handler, Handlers } from "./Handler.ts"
import type { ImagePulls } from "./ImagePull.ts"
import { makeNetworkHandlers } from "./networkHandlers.ts"
import { makeStorageHandlers } from "./storageHandlers.ts"

type Containers = ReturnType<typeof makeContainerHandlers>
type Network = ReturnType<typeof makeNetworkHandlers>
type Storage = ReturnType<typeof makeStorageHandlers>
type Made = Effect.Effect<Partial<Handlers>, never, Effect.Services<Containers | Network | Storage>>

type Subjects = Record<keyof Effect.Success<Containers>, "containers"> &
  Record<keyof Effect.Success<Network>, "network"> &
  Record<keyof Effect.Success<Storage>, "storage">

/** Who handles an action. One that nobody handles does not compile. */
const subjects: Readonly<Subjects & Record<Exclude<Action["_tag"], keyof Subjects>, never>> = {
  Pull: "containers",
  JudgeUser: "containers",
  Adjust: "containers",
  Disarm: "containers",
  Stop: "containers",
  SetAside: "containers",
  Create: "containers",
  Start: "containers",
  StartAgain: "containers",
  PostStart: "containers",
  RunToEnd: "containers",
  Confirm: "containers",
  Probe: "containers",
  Remove: "containers",
  OpenFirewall: "network",
  OpenPorts: "network",
  CloseFirewall: "network",
  ImportImage: "network",
  CreateNetwork: "network",
  RemoveNetwork: "network",
  Format: "storage",
  Check: "storage",
  CreateDirectory: "storage",
  CreateFile: "storage",
  MakeEmptyDir: "storage",
  RemoveEmptyDir: "storage",
  WriteFiles: "storage",
  RemoveFiles: "storage",
  Mount: "storage",
  BindSubPath: "storage",
  SetGroup: "storage",
  Grow: "storage",
  Unmount: "storage"
}

/**
 * Gives the handler of an action, by which a plan is applied. Those of networks and of storage are made for their first
 * action: few plans have any. `warn` is given what is not a failure.
 */
export const makeHandlers = Effect.fnUntraced(function* (
  pulls: ImagePulls,
  mountRoot: string,
  created: Created,
  warn: (text: string) => Effect.Effect<void>
) {
  const containers = yield* makeContainerHandlers(pulls, mountRoot, created)
  const made: Readonly<Record<(typeof subjects)[Action["_tag"]], Made>> = {
    containers: Effect.succeed(containers),
    network: madeOnce(makeNetworkHandlers(warn)),
    storage: madeOnce(makeStorageHandlers(warn))
  }
  return <A extends Action>(action: A) =>
    Effect.map(
      made[subjects[action._tag]],
      // Each tag's handler takes the action of that tag, which the compiler cannot follow through a union.
      (handlers) => handlers[action._tag] as unknown as Handler<A>
    )
})

/** Making them waits for nothing, so that nobody asks meanwhile. */
const madeOnce = <A, R>(make: Effect.Effect<A, never, R>): Effect.Effect<A, never, R> => {
  let made: A | undefined
  return Effect.suspend(() =>
    made === undefined ? Effect.map(make, (handlers) => (made = handlers)) : Effect.succeed(made)
  )
}
