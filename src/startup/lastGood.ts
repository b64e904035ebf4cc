import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type DeclarationText, textOf } from "../workload/DeclarationText.ts"
import { findEntry, orWarned } from "../observation/readEntry.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { tell } from "../progress/Progress.ts"

/** By where it came from: what a file has declared is not for a VM whose metadata does not answer. */
const entryNames = { metadata: "declaration", settings: "declaration-of-file" } as const
type Origin = keyof typeof entryNames

const Entry = Schema.Struct({
  file: Schema.String,
  text: Schema.String,
  /** Earlier versions recorded no dialect, and knew only konlet's. */
  dialect: Schema.Literals(["slipway", "konlet"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("konlet" as const)))
})
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Entry))

const what = "the last good declaration"

/** `none`, with a warning, where it cannot be read. */
export const orNoLastGood = orWarned(what)

/** The last declaration from there that came up on this VM; `none`, with a warning, if it cannot be read. */
export const readLastGood = (origin: Origin) => orNoLastGood(findLastGood(origin))

/** The same; fails if it cannot be read. */
export const findLastGood = Effect.fnUntraced(function* (origin: Origin) {
  const kept = yield* findEntry(entryNames[origin], what, decode)
  return Option.map(kept, ({ file, text, dialect }): DeclarationText => ({
    file: `${file} (last good)`,
    text,
    dialect
  }))
})

/** Keeps a declaration that came up. Failing to keep it is no reason to fail. */
export const keepLastGood = Effect.fnUntraced(function* (
  { file, text, dialect = "slipway" }: DeclarationText,
  origin: Origin
) {
  const entryName = entryNames[origin]
  const state = yield* StateFolder
  const entry = JSON.stringify({
    file,
    text: textOf({ text }),
    dialect
  } satisfies typeof Entry.Type)
  yield* state.read(entryName).pipe(
    Effect.flatMap((kept) => (Option.contains(kept, entry) ? Effect.void : state.write(entryName, entry))),
    withDeadline("FILE", "keep the declaration"),
    Effect.catch((error) => tell({ _tag: "Warning", text: `the declaration is not kept for later: ${error.message}` }))
  )
})
