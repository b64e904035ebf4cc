import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"

/** What a run waits for after a container's start: its probes, or its postStart hook. */
export type Awaited = "unready" | "unhooked"

const Entry = Schema.fromJsonString(Schema.Array(Schema.String))
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)

/** Names of containers that are gone stay on the record; no run needs more than the last of them. */
const maximumNames = 100

const read = Effect.fnUntraced(
  function* (entry: Awaited) {
    const state = yield* StateFolder
    return Option.getOrElse(Option.flatMap(yield* state.read(entry), decode), () => [])
  },
  withDeadline("FILE", "read which containers are not ready")
)

/** The engine names of the containers that were started, and of which no run has seen that this succeeds. */
export const readAwaited = (entry: Awaited): Effect.Effect<ReadonlyArray<string>, never, StateFolder> =>
  Effect.catch(read(entry), (error) =>
    Effect.as(tell({ _tag: "Warning", text: `which containers are not ready cannot be read: ${error.message}` }), [])
  )

/**
 * Nothing that the engine tells of a container shows whether its probes, or its hook, have succeeded. It is on record from
 * before its start until they have, so that a run that dies meanwhile, or leaves it running all the same, is not the last to
 * ask.
 */
export const makeAwaitedRecord = Effect.fnUntraced(function* (entry: Awaited) {
  const state = yield* StateFolder
  const oneAtATime = yield* Semaphore.make(1)
  const change = (to: (names: ReadonlyArray<string>) => ReadonlyArray<string>) =>
    Effect.flatMap(read(entry), (names) => {
      const changed = to(names)
      if (changed === names) return Effect.void
      return changed.length === 0 ? state.remove(entry) : state.write(entry, encode(changed))
    }).pipe(
      withDeadline("FILE", "remember which containers are not ready"),
      Effect.catch((error) =>
        tell({ _tag: "Warning", text: `which containers are not ready is not remembered: ${error.message}` })
      ),
      Effect.provideService(StateFolder, state),
      Semaphore.withPermits(oneAtATime, 1)
    )
  return {
    begin: (name: string) => change((names) => [...names.filter((one) => one !== name), name].slice(-maximumNames)),
    end: (name: string) => change((names) => (names.includes(name) ? names.filter((one) => one !== name) : names))
  }
})
