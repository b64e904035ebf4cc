import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"

/**
 * The versions of Secret Manager's secrets that the containers came up with, by what the declaration says: the name of the
 * version that it stood for; null where there was none. There are no values in it.
 */
export type KnownVersions = ReadonlyMap<string, string | null>

const entryName = "secret-versions"
const Entry = Schema.fromJsonString(Schema.Record(Schema.String, Schema.NullOr(Schema.String)))
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)

/** None where they cannot be read. */
export const readKnownVersions = Effect.gen(function* () {
  const state = yield* StateFolder
  const kept = yield* state.read(entryName).pipe(
    withDeadline("FILE", "read which versions of secrets the containers came up with"),
    Effect.orElseSucceed(() => Option.none<string>())
  )
  const versions = Option.getOrElse(Option.flatMap(kept, decode), () => ({}))
  const known: KnownVersions = new Map(Object.entries(versions))
  return known
})

/** Keeps them for when Secret Manager does not answer. Failing to is no reason to fail. */
export const keepKnownVersions = Effect.fnUntraced(function* (versions: KnownVersions) {
  const state = yield* StateFolder
  const entry = encode(Object.fromEntries(versions))
  yield* state.read(entryName).pipe(
    Effect.flatMap((kept) =>
      Option.contains(kept, entry) || (versions.size === 0 && Option.isNone(kept))
        ? Effect.void
        : state.write(entryName, entry)
    ),
    withDeadline("FILE", "keep which versions of secrets the containers came up with"),
    Effect.catch((error) =>
      tell({
        _tag: "Warning",
        text: `the versions of secrets are not kept for when Secret Manager does not answer: ${error.message}`
      })
    )
  )
})
