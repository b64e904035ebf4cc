import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"
import { readStatus } from "./readStatus.ts"
import { decodeStatus, encodeStatus, type Status } from "./Status.ts"

/**
 * The status of this boot: first as it is, if a run has written one, then whenever a run of this process writes another. It
 * never ends and never fails; a status that cannot be read is passed over (`readStatus` says why). Who is slow misses what
 * came in between, never the newest. Runs of other processes are in the file alone.
 *
 * ```ts
 * Effect.gen(function* () {
 *   yield* Effect.forkScoped(agent(defaultSettings))
 *   yield* Stream.runForEach(statusChanges, ({ lastRun }) => Effect.log(lastRun?.result ?? "under way"))
 * })
 * ```
 */
export const statusChanges: Stream.Stream<Status, never, StatusFile | HostRandom> = Stream.unwrap(
  Effect.gen(function* () {
    const file = yield* StatusFile
    const host = yield* HostRandom
    let isWritten = false
    const later = file.written.pipe(
      Stream.tap(() => Effect.sync(() => void (isWritten = true))),
      Stream.map((text) => Result.getSuccess(decodeStatus(text)))
    )
    const before = Stream.fromEffect(Effect.orElseSucceed(readStatus, Option.none<Status>)).pipe(
      Stream.provideService(StatusFile, file),
      // What was read before something was written is older than that.
      Stream.filter(() => !isWritten)
    )
    return Stream.merge(before, later).pipe(
      Stream.map(Option.filter(({ boot }) => boot === host.seed)),
      Stream.filter(Option.isSome),
      Stream.map(({ value }) => value),
      Stream.changesWith((one, other) => encodeStatus(one) === encodeStatus(other))
    )
  })
)

/**
 * The status as it is, also where the file could not be written anew; `none` where no run has written one, which is
 * waited for a moment.
 */
export const currentStatus: Effect.Effect<Option.Option<Status>, never, StatusFile | HostRandom> = Effect.timeoutOption(
  Stream.runHead(statusChanges),
  "300 millis"
).pipe(Effect.map(Option.flatten))
