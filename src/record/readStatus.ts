import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { withDeadline } from "../timing/Deadlines.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"
import { decodeStatus, type Status } from "./Status.ts"

/** The exit code where it is not known whether what runs is what is declared. LSB's of a status that is unknown. */
export const unknownStatusCode = 4

/** The status cannot be read. */
export class StatusUnreadable extends Schema.TaggedError<StatusUnreadable>()("StatusUnreadable", {
  path: Schema.String,
  detail: Schema.String
}) {
  get advice() {
    return /permission denied/i.test(this.detail)
      ? "Only root may read it: try `sudo slipway status`."
      : "`slipway up` writes it anew; its place is a setting: SLIPWAY_STATUS."
  }
  override get [Runtime.errorExitCode]() {
    return unknownStatusCode
  }
  override get message() {
    return `the status cannot be read, ${this.path}: ${this.detail}`
  }
}

/** What the last run of a boot has written; `none` if it has written nothing. */
export const readStatusOf = (boot: string): typeof readStatus =>
  Effect.map(
    readStatus,
    Option.filter((status) => status.boot === boot)
  )

/** The same, for whom one that cannot be read is as good as none. */
export const knownStatusOf = (boot: string): Effect.Effect<Option.Option<Status>, never, StatusFile> =>
  Effect.orElseSucceed(readStatusOf(boot), Option.none<Status>)

/** What the last run has written, in whichever boot; `none` if there is nothing. */
export const readStatus: Effect.Effect<Option.Option<Status>, StatusUnreadable, StatusFile> = Effect.gen(function* () {
  const { path, read } = yield* StatusFile
  const unreadable = (detail: string) => new StatusUnreadable({ path, detail })
  const text = yield* read.pipe(
    withDeadline("FILE", "read the status"),
    Effect.mapError((error) => unreadable(error._tag === "HostFileFailed" ? error.detail : error.message))
  )
  if (Option.isNone(text)) return Option.none<Status>()
  return yield* Result.match(decodeStatus(text.value), {
    onSuccess: (status) => Effect.succeedSome(status),
    // What it says may be long, and is of no use to who reads it.
    onFailure: () => Effect.fail(unreadable("it is no status of a version that this program knows"))
  })
})
