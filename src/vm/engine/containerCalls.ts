import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ContainerSpec, EngineRestartPolicy } from "./ContainerSpec.ts"
import { createBody } from "./createBody.ts"
import * as EngineAnswer from "./EngineAnswer.ts"
import { type EngineConnection, type EngineRequest, get, linesOf, noneWhereMissing } from "./EngineConnection.ts"
import type { EngineEvent } from "./Inspection.ts"
import { LogFrames } from "./LogFrames.ts"

/** What the engine is asked about containers, and told to do with them. */
export const containerCalls = ({ call, decoded, open, bytes, lines }: EngineConnection) => {
  const inspect = (id: string) => decoded(get(`inspect container ${id}`, pathOf(id, "json")), EngineAnswer.inspection)

  const change = (request: Omit<EngineRequest, "method">) => Effect.asVoid(call({ method: "POST", ...request }))

  /** The engine has no word for a group alone: the image's user is asked for. */
  const imageUser = ({ name, image, security: { user } = {} }: ContainerSpec) =>
    user === undefined || user.uid !== undefined
      ? Effect.undefined
      : Effect.map(
          decoded(get(`create container ${name}`, `/images/${image}/json`), EngineAnswer.image),
          ({ config }) => config.user
        )

  const logs = (id: string, query: Record<string, unknown>) =>
    Stream.unwrap(
      Effect.map(inspect(id), ({ config }) => {
        const frames = new LogFrames(config.tty)
        return bytes({
          ...get(`read the log of ${id}`, pathOf(id, "logs")),
          query: { stdout: true, stderr: true, ...query }
        }).pipe(Stream.flatMap((chunk) => Stream.fromIterable(frames.push(chunk))))
      })
    )

  return {
    listContainers: decoded(
      { ...get("list containers", "/containers/json"), query: { all: true } },
      EngineAnswer.summaries
    ),
    inspectContainer: (id: string) => noneWhereMissing(inspect(id)),
    createContainer: (spec: ContainerSpec) =>
      Effect.flatMap(imageUser(spec), (user) =>
        decoded(
          {
            operation: `create container ${spec.name}`,
            method: "POST",
            path: "/containers/create",
            query: { name: spec.name },
            body: createBody(spec, user)
          },
          EngineAnswer.created
        )
      ),
    startContainer: (id: string) => change({ operation: `start container ${id}`, path: pathOf(id, "start") }),
    stopContainer: (id: string, grace: Duration.Duration) =>
      change({
        operation: `stop container ${id}`,
        path: pathOf(id, "stop"),
        query: { t: Math.ceil(Duration.toSeconds(grace)) }
      }),
    awaitEnd: (id: string) =>
      change({
        operation: `wait for the end of container ${id}`,
        path: pathOf(id, "wait"),
        query: { condition: "not-running" }
      }),
    removeContainer: (id: string) =>
      call({
        operation: `remove container ${id}`,
        method: "DELETE",
        path: pathOf(id),
        query: { force: true, v: true }
      }).pipe(
        Effect.asVoid,
        Effect.catchReason("DockerError", "NotFound", () => Effect.void)
      ),
    renameContainer: (id: string, name: string) =>
      change({ operation: `rename container ${id}`, path: pathOf(id, "rename"), query: { name } }),
    unpauseContainer: (id: string) => change({ operation: `unpause container ${id}`, path: pathOf(id, "unpause") }),
    updateRestartPolicy: (id: string, { name, maximumRetryCount }: EngineRestartPolicy) =>
      change({
        operation: `change the restart policy of ${id}`,
        path: pathOf(id, "update"),
        body: { RestartPolicy: { Name: name, MaximumRetryCount: maximumRetryCount } }
      }),
    containerEvents: (id: string) =>
      // Since the first second of the epoch: everything that the engine still has.
      lines(eventsRequest(`read the events of ${id}`, "1", { container: [id] })).pipe(
        Stream.flatMap((line) => Stream.fromIterable(Option.toArray(EngineAnswer.event(line))))
      ),
    events: Stream.unwrap(
      Effect.gen(function* () {
        const since = DateTime.toEpochMillis(yield* DateTime.now) / 1000
        const filters = { event: EngineAnswer.happeningNames }
        const answer = yield* open(eventsRequest("read the engine's events", since.toFixed(3), filters))
        const listening: EngineEvent = { _tag: "Listening" }
        const happenings = linesOf(answer).pipe(
          Stream.flatMap((line) => Stream.fromIterable<EngineEvent>(Option.toArray(EngineAnswer.happening(line))))
        )
        return Stream.concat(Stream.succeed(listening), happenings)
      })
    ),
    lastLogLines: (id: string, count: number) =>
      logs(id, { tail: count }).pipe(
        Stream.runFold(
          () => "",
          (text, { bytes }) => (text + new TextDecoder().decode(bytes)).slice(-logLimit)
        ),
        Effect.map((text) =>
          text
            .split("\n")
            .map((line) => line.trimEnd())
            .filter((line) => line !== "")
            .slice(-count)
        )
      ),
    followLogs: (id: string) => logs(id, { follow: true })
  }
}

/**
 * Without `since` an engine tells only of what happens after it has begun to answer, a moment before it begins to
 * listen. It and the caller have the same clock.
 */
const eventsRequest = (operation: string, since: string, filters: Readonly<Record<string, ReadonlyArray<string>>>) => ({
  ...get(operation, "/events"),
  query: { since, filters: JSON.stringify({ type: ["container"], ...filters }) }
})

const pathOf = (
  id: string,
  ...action: ReadonlyArray<"json" | "logs" | "rename" | "start" | "stop" | "unpause" | "update" | "wait">
) => ["/containers", encodeURIComponent(id), ...action].join("/")

/** The most characters that are kept of a log. */
const logLimit = 64 * 1024
