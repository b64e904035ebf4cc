import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"

/** An entry of the state folder; `none` if there is none that can be decoded. `what` it says comes after "read". */
export const findEntry = <A>(name: string, what: string, decode: (text: string) => Option.Option<A>) =>
  Effect.flatMap(StateFolder, (state) => state.read(name)).pipe(
    withDeadline("FILE", `read ${what}`),
    Effect.map(Option.flatMap(decode))
  )

/** The same; `none`, too, with a warning, if it cannot be read. */
export const readEntry = <A>(name: string, what: string, decode: (text: string) => Option.Option<A>) =>
  orWarned(what)(findEntry(name, what, decode))

/** `none`, with a warning, where something cannot be read. */
export const orWarned =
  (what: string) =>
  <A, E extends { readonly message: string }, R>(read: Effect.Effect<Option.Option<A>, E, R>) =>
    Effect.catch(read, (error) =>
      Effect.as(tell({ _tag: "Warning", text: `${what} cannot be read: ${error.message}` }), Option.none<A>())
    )
