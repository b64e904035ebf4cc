import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readRecord } from "../observation/ContainerRecord.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { Processes } from "../vm/host/Processes.ts"
import { type History, readHistory } from "./History.ts"
import { isEnded, judge, type Seen } from "./judge.ts"
import { readStatus } from "./readStatus.ts"
import { endOf, type RunRecord } from "./RunRecord.ts"
import type { Status } from "./Status.ts"

/**
 * Asks the engine, read-only, whether what the last run left is still so. An engine that is away is no failure. Gives a
 * `StatusNow`, and fails with `StatusUnreadable`.
 */
export const statusNow = Effect.gen(function* () {
  const { seed } = yield* HostRandom
  const status = yield* readStatus
  const now = yield* DateTime.now
  const recorded = Option.match(status, { onNone: () => [], onSome: ({ running }) => running ?? [] })
  const history = yield* Effect.orElseSucceed(readHistory, () => [])
  const later = laterRun(status, history, seed, DateTime.toEpochMillis(now))
  const docker = yield* DockerClient
  const seen = yield* Effect.forEach(
    Option.exists(status, ({ boot }) => boot === seed) ? recorded : [],
    ({ id, name }) =>
      docker.inspectContainer(id).pipe(
        withDeadline("INSPECT", `inspect container ${name}`),
        Effect.map((found) => [id, found] as const),
        Effect.catch((error) => Effect.succeed([id, error.message] as const))
      ),
    { concurrency: 8 }
  )
  const hasEnded = seen.some(([, found]) => typeof found !== "string" && Option.exists(found, isEnded))
  const stopped = hasEnded ? yield* readRecord("stopped") : []
  const process = Option.getOrUndefined(status)?.underWay?.process ?? undefined
  const isAlive = process === undefined ? Option.none() : yield* (yield* Processes).isAlive(process)
  return judge(status, seed, new Map<string, Seen>(seen), {
    stopped,
    isAlive: Option.getOrUndefined(isAlive),
    later: Option.getOrUndefined(later)
  })
})

/** A run keeps itself and its status at once: it is let write both. */
const aMoment = Duration.toMillis(Duration.seconds(10))

/**
 * Pure: the run of a boot that is kept last, if it has ended after the status was written, or there is none, as where its
 * filesystem is full, or has become read-only meanwhile. Restarts for a probe do not count: they may leave the status as
 * it is.
 */
export const laterRun = (
  status: Option.Option<Pick<Status, "written">>,
  history: History,
  boot: string,
  wallMillis: number
): Option.Option<RunRecord> =>
  Option.fromUndefinedOr(history.findLast((run) => run.boot === boot && run.restart === undefined)).pipe(
    Option.filter((run) => {
      const ended = DateTime.toEpochMillis(endOf(run))
      return (
        Option.match(status, {
          onNone: () => true,
          onSome: ({ written }) => ended > DateTime.toEpochMillis(written)
        }) && ended + aMoment < wallMillis
      )
    })
  )
