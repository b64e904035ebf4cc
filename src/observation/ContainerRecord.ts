import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { readEntry } from "./readEntry.ts"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"

/**
 * Which containers, by their ids, something is true of that the engine tells nothing of: the first two are awaited, the
 * third `down` has stopped, and the last are to be started again, as they are stopped for a probe that failed, or are
 * jobs that an engine has ended as they started.
 */
export type ContainerRecord = "unready" | "unhooked" | "stopped" | "restarting"

const what: { readonly [R in ContainerRecord]: string } = {
  unready: "which containers are not ready",
  unhooked: "which containers are not ready",
  stopped: "which containers were stopped by `down`",
  restarting: "which containers are to be started again"
}

const Entry = Schema.fromJsonString(Schema.Array(Schema.String))
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)

/** Containers that are gone stay on the record; no run needs more than the last of them. */
const maximum = 100

const read = Effect.fnUntraced(
  function* (record: ContainerRecord) {
    const state = yield* StateFolder
    return Option.getOrElse(Option.flatMap(yield* state.read(record), decode), () => [])
  },
  (reading, record) => withDeadline("FILE", `read ${what[record]}`)(reading)
)

/** What is on a record; nothing, with a warning, if it cannot be read. */
export const readRecord = (record: ContainerRecord): Effect.Effect<ReadonlyArray<string>, never, StateFolder> =>
  Effect.map(
    readEntry(record, what[record], decode),
    Option.getOrElse(() => [])
  )

/**
 * Changes a record. Failing to is no reason to fail.
 *
 * Nothing that the engine tells of a container shows whether its probes, or its hook, have succeeded. It is on record
 * from before its start until they have, so that a run that dies meanwhile, or leaves it running all the same, is not
 * the last to ask. Nor does it show of one that has ended whether that was its own doing: what `down` stops is on
 * record from before that until it has been started again.
 */
export const makeRecord = Effect.fnUntraced(function* (record: ContainerRecord) {
  const state = yield* StateFolder
  const oneAtATime = yield* Semaphore.make(1)
  const change = (to: (known: ReadonlyArray<string>) => ReadonlyArray<string>) =>
    Effect.flatMap(read(record), (known) => {
      const changed = to(known)
      if (changed === known) return Effect.void
      return changed.length === 0 ? state.remove(record) : state.write(record, encode(changed))
    }).pipe(
      withDeadline("FILE", `remember ${what[record]}`),
      Effect.catch((error) => tell({ _tag: "Warning", text: `${what[record]} is not remembered: ${error.message}` })),
      Effect.provideService(StateFolder, state),
      Semaphore.withPermits(oneAtATime, 1)
    )
  return {
    begin: (...added: ReadonlyArray<string>) =>
      added.length === 0
        ? Effect.void
        : change((known) => [...known.filter((one) => !added.includes(one)), ...added].slice(-maximum)),
    end: (...ended: ReadonlyArray<string>) =>
      change((known) =>
        known.some((one) => ended.includes(one)) ? known.filter((one) => !ended.includes(one)) : known
      )
  }
})
