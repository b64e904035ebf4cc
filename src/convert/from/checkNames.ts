import * as Result from "effect/Result"
import { nearest, orElse } from "../../text/nearest.ts"
import { allOf, type SourceInvalid } from "./SourceInvalid.ts"

/** Of what is left out because others were asked for by name. */
export const notChosen = "It is none of those that were asked for, and they do not need it."

/** Something that can say where it is wrong. */
interface Place {
  readonly fail: (detail: string, advice: string) => SourceInvalid
}

/** A problem for each name that is asked for and not there. */
export const checkNames = (
  names: ReadonlyArray<string>,
  known: ReadonlyArray<string>,
  { at, what }: { readonly at: Place; readonly what: string }
): Result.Result<void, SourceInvalid> =>
  Result.map(
    allOf(
      names
        .filter((name) => !known.includes(name))
        .map((name) =>
          Result.fail(
            at.fail(`it has no ${what} "${name}"`, orElse(nearest(name, known), `It has: ${known.join(", ")}.`))
          )
        )
    ),
    () => undefined
  )
