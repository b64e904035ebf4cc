import { Agent, type AgentOptions, type IncomingMessage } from "node:http"
import type { Readable } from "node:stream"
import Docker from "dockerode"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { formatImageReference, type ImageReference, pullReference } from "../../workload/ImageReference.ts"
import type { ContainerSpec, EngineRestartPolicy } from "./ContainerSpec.ts"
import { AnswerInvalid, AnswerLost, DockerError } from "./DockerError.ts"
import * as EngineAnswer from "./EngineAnswer.ts"
import { defaultEngineAddress, type EngineAddress, formatEngineAddress } from "./EngineAddress.ts"
import { engineFailure, registryFailure, thrown } from "./EngineFailure.ts"
import { type EngineProduct, engineProduct } from "./EngineProduct.ts"
import { createBody, imagePath, splitReference } from "./engineRequest.ts"
import type { ContainerEvent, ContainerInspection, ContainerSummary, ImageInspection } from "./Inspection.ts"
import { type LogChunk, LogFrames } from "./LogFrames.ts"
import { bearsOut, decodePullLine, isPullEnd, type PullProgress } from "./PullStream.ts"

/** The Docker engine, as far as starting a container needs it. Every call may fail with `DockerError`. */
export class DockerClient extends Context.Service<
  DockerClient,
  {
    /** Succeeds when the engine answers, with what it says that it is. */
    readonly ping: Effect.Effect<EngineProduct, DockerError>
    /** All containers, whatever their state. */
    readonly listContainers: Effect.Effect<ReadonlyArray<ContainerSummary>, DockerError>
    /** `none` where there is no such container. */
    readonly inspectContainer: (idOrName: string) => Effect.Effect<Option.Option<ContainerInspection>, DockerError>
    /** By a reference or an id (`sha256:…`); `none` where the engine does not hold the image. */
    readonly inspectImage: (
      image: ImageReference | string
    ) => Effect.Effect<Option.Option<ImageInspection>, DockerError>
    /**
     * The manifest digest that the registry has for the reference now; changes nothing.
     * `none` where the engine lacks the endpoint. Source: `GET /distribution/{reference}/json`.
     */
    readonly resolveDigest: (
      image: ImageReference,
      token: Option.Option<Redacted.Redacted>
    ) => Effect.Effect<Option.Option<string>, DockerError>
    /**
     * Pulls one tag or digest (`latest` where the reference names neither). An error line in the engine's stream
     * is an error of this one; interruption aborts the pull. The stream ends when the image is there.
     */
    readonly pull: (
      image: ImageReference,
      token: Option.Option<Redacted.Redacted>
    ) => Stream.Stream<PullProgress, DockerError>
    /** Makes the target, a tag, stand for the image that the source names. What it stood for before loses it. */
    readonly tagImage: (source: ImageReference, target: ImageReference) => Effect.Effect<void, DockerError>
    /**
     * Removes an image by its id with the one tag that it has at most. It stays, "in use", where a container was made
     * of it, or where it has a second tag or is of a second repository.
     */
    readonly removeImage: (id: string) => Effect.Effect<"removed" | "in use" | "absent", DockerError>
    /** The directories in which the engine may keep images and containers. Source: `GET /info`. */
    readonly dataRoots: Effect.Effect<ReadonlyArray<string>, DockerError>
    /** Succeeds with the new container's id. */
    readonly createContainer: (spec: ContainerSpec) => Effect.Effect<string, DockerError>
    /** Succeeds too if it was running. */
    readonly startContainer: (id: string) => Effect.Effect<void, DockerError>
    /**
     * SIGTERM, then SIGKILL after `grace` (whole seconds). Succeeds too if it was not running. Once asked it goes on, though
     * the call be interrupted: until its end the container is "running", and to start it does nothing.
     */
    readonly stopContainer: (id: string, grace: Duration.Duration) => Effect.Effect<void, DockerError>
    /** Succeeds when it does not run, at once if it does not. */
    readonly awaitEnd: (id: string) => Effect.Effect<void, DockerError>
    /** Removes it with its anonymous volumes, running or not. Succeeds too if there was none. */
    readonly removeContainer: (id: string) => Effect.Effect<void, DockerError>
    readonly renameContainer: (id: string, name: string) => Effect.Effect<void, DockerError>
    readonly updateRestartPolicy: (id: string, policy: EngineRestartPolicy) => Effect.Effect<void, DockerError>
    /**
     * What has happened and happens to a container, from its creation on, in order. Does not end by itself.
     * Source: `GET /events`, of which the engine keeps the last 256 or so.
     */
    readonly containerEvents: (id: string) => Stream.Stream<ContainerEvent, DockerError>
    /** The last lines that it wrote to stdout and stderr, oldest first. */
    readonly lastLogLines: (id: string, count: number) => Effect.Effect<ReadonlyArray<string>, DockerError>
    /** All that it has written and writes, as it comes; ends when the container does. */
    readonly followLogs: (id: string) => Stream.Stream<LogChunk, DockerError>
  }
>()("slipway/vm/DockerClient") {
  /** Speaks to the engine at the address through dockerode. Interrupting a call closes its connection. */
  static readonly layer = (address: EngineAddress = defaultEngineAddress) =>
    Layer.effect(
      DockerClient,
      Effect.map(connections, (agent) => {
        const options: Docker.DockerOptions & { readonly agent: Agent } = {
          agent,
          ...(address._tag === "Socket"
            ? { socketPath: address.path }
            : { protocol: "http", host: address.host, port: address.port })
        }
        const engine = new Docker(options)
        const place = formatEngineAddress(address)

        /** One request, answered whole or, with `stream`, as it comes. Anything but 2xx is an error. */
        const call = (operation: string, request: Request) =>
          Effect.callback<unknown, DockerError>((resume, signal) => {
            const { method, path, query = {}, body = {}, token, image, stream = false } = request
            engine.modem.dial(
              {
                method,
                path: `${path}?`,
                options: { _query: query, _body: body, body },
                statusCodes: successes,
                isStream: stream,
                abortSignal: signal,
                ...(token === undefined ? {} : { authconfig: { username: "_token", password: Redacted.value(token) } })
              },
              (error, answer) =>
                resume(
                  error === null || error === undefined
                    ? Effect.succeed(answer)
                    : Effect.fail(engineFailure(operation, place, thrown(error), image))
                )
            )
          }).pipe(Effect.withSpan("DockerClient.call", { kind: "client", attributes: { operation } }))

        const decoded = <A>(operation: string, request: Request, decode: (answer: unknown) => Option.Option<A>) =>
          Effect.flatMap(call(operation, request), (answer) =>
            Effect.fromResult(Result.fromOption(decode(answer), () => answerInvalid(operation)))
          )

        /** The bytes of an answer as they come. Whoever stops reading closes the connection. */
        const bytes = (operation: string, request: Request) =>
          Stream.unwrap(
            Effect.acquireRelease(
              Effect.map(call(operation, { ...request, stream: true }), (answer) => answer as Readable),
              // The iterator's own end would wait for the next bytes, which may never come.
              (answer) => Effect.sync(() => void answer.destroy()),
              { interruptible: true }
            ).pipe(
              Effect.map((answer) =>
                Stream.fromAsyncIterable<Uint8Array, DockerError>(answer, (cause) =>
                  engineFailure(operation, place, { ...thrown(cause), statusCode: undefined })
                )
              )
            )
          )

        const lines = (operation: string, request: Request) =>
          bytes(operation, request).pipe(
            Stream.decodeText,
            Stream.splitLines,
            Stream.filter((line) => line.trim() !== "")
          )

        const inspectContainer = (id: string) =>
          decoded(`inspect container ${id}`, get(`/containers/${encodeURIComponent(id)}/json`), EngineAnswer.inspection)

        const logs = (id: string, query: Record<string, unknown>) =>
          Stream.unwrap(
            Effect.map(inspectContainer(id), ({ config }) => {
              const frames = new LogFrames(config.tty)
              return bytes(`read the log of ${id}`, {
                ...get(`/containers/${encodeURIComponent(id)}/logs`),
                query: { stdout: true, stderr: true, ...query }
              }).pipe(Stream.flatMap((chunk) => Stream.fromIterable(frames.push(chunk))))
            })
          )

        const change = (
          operation: string,
          id: string,
          action: string,
          query: Record<string, unknown> = {},
          body = {}
        ) => call(operation, { method: "POST", path: `/containers/${encodeURIComponent(id)}/${action}`, query, body })

        const inspectImage = (image: ImageReference | string) => {
          const reference = typeof image === "string" ? image : pullReference(image)
          return noneWhereMissing(
            decoded(`inspect image ${reference}`, get(`/images/${imagePath(reference)}/json`), EngineAnswer.image)
          )
        }

        const resolveDigest = (operation: string, image: ImageReference, token: Option.Option<Redacted.Redacted>) => {
          const reference = pullReference(image)
          return decoded(
            operation,
            {
              ...get(`/distribution/${imagePath(reference)}/json`),
              token: Option.getOrUndefined(token),
              image: reference
            },
            EngineAnswer.distribution
          )
        }

        /**
         * containerd quotes only the status of a registry's answer, and 403 may be a limit or a refusal. Asked for the digest,
         * the engine passes the registry's words on.
         */
        const inWords =
          (operation: string, image: ImageReference, token: Option.Option<Redacted.Redacted>) => (error: DockerError) =>
            isWordless(error)
              ? resolveDigest(operation, image, token).pipe(
                  Effect.flip,
                  Effect.map((told) => ("image" in told.reason ? told : error)),
                  Effect.orElseSucceed(() => error),
                  Effect.flatMap(Effect.fail)
                )
              : Effect.fail(error)

        return DockerClient.of({
          ping: Effect.map(call("ping the engine", { ...get("/_ping"), stream: true }), (answer) => {
            const { headers } = answer as IncomingMessage
            // What it says is of no interest, but has to be read for the connection to be used again.
            ;(answer as IncomingMessage).on("error", () => {}).resume()
            return engineProduct(String(headers.server))
          }),
          listContainers: decoded(
            "list containers",
            { ...get("/containers/json"), query: { all: true } },
            EngineAnswer.summaries
          ),
          inspectContainer: (id) => noneWhereMissing(inspectContainer(id)),
          inspectImage,
          // Of a registry's image, "not found" alone is said by an engine that lacks the endpoint.
          resolveDigest: (image, token) =>
            noneWhereMissing(resolveDigest(`ask the registry for ${pullReference(image)}`, image, token)),
          pull: (image, token) =>
            // Each run of the stream is a pull of its own.
            Stream.suspend(() => {
              const reference = pullReference(image)
              // The tag is what its reader has declared, a digest what is pulled.
              const operation = `pull ${image.digest === undefined ? reference : formatImageReference(image)}`
              const { name, tag } = splitReference(reference)
              let ended = false
              let last: PullProgress | undefined
              const progress = lines(operation, {
                method: "POST",
                path: "/images/create",
                query: { fromImage: name, tag },
                token: Option.getOrUndefined(token),
                image: reference
              }).pipe(
                Stream.mapEffect((line) => {
                  const read = decodePullLine(line)
                  if (Result.isSuccess(read)) {
                    ended ||= isPullEnd(read.success)
                    last = read.success
                    return Effect.succeed(read.success)
                  }
                  return Effect.fail(
                    read.failure._tag === "Error"
                      ? registryFailure(operation, reference, read.failure.message)
                      : answerInvalid(operation)
                  )
                }),
                Stream.catchTag("DockerError", (error) => Stream.fromEffect(inWords(operation, image, token)(error)))
              )
              /** Of one image there is no older version that could be taken for it. */
              const isThere = inspectImage(image).pipe(
                Effect.map(Option.exists(({ id }) => image.digest !== undefined || bearsOut(last, id))),
                Effect.orElseSucceed(() => false)
              )
              const cutOff = new DockerError({
                reason: new AnswerLost({ operation, detail: "the engine's answer ended early" })
              })
              // A stream that was cut off at a line's end looks like any other: only the engine's last word tells.
              const end = Effect.suspend(() => (ended ? Effect.succeed(true) : isThere))
              return Stream.concat(
                progress,
                Stream.unwrap(Effect.map(end, (ended) => (ended ? Stream.empty : Stream.fail(cutOff))))
              )
            }),
          tagImage: (source, target) => {
            const { name, tag } = splitReference(pullReference(target))
            return Effect.asVoid(
              call(`tag ${pullReference(source)} as ${pullReference(target)}`, {
                method: "POST",
                path: `/images/${imagePath(pullReference(source))}/tag`,
                query: { repo: name, tag }
              })
            )
          },
          removeImage: (id) => {
            const path = `/images/${encodeURIComponent(id)}`
            const operation = `remove image ${id}`
            // Not every engine refuses to remove an image that has other names, nor by the same answer.
            return decoded(operation, get(`${path}/json`), EngineAnswer.hasSeveralNames).pipe(
              Effect.flatMap((hasSeveralNames) =>
                hasSeveralNames
                  ? Effect.succeed("in use" as const)
                  : Effect.as(call(operation, { method: "DELETE", path }), "removed" as const)
              ),
              Effect.catchReasons("DockerError", {
                NotFound: () => Effect.succeed("absent" as const),
                Conflict: () => Effect.succeed("in use" as const)
              })
            )
          },
          dataRoots: decoded("ask the engine for its data root", get("/info"), EngineAnswer.dataRoots),
          createContainer: (spec) =>
            decoded(
              `create container ${spec.name}`,
              { method: "POST", path: "/containers/create", query: { name: spec.name }, body: createBody(spec) },
              EngineAnswer.created
            ),
          startContainer: (id) => Effect.asVoid(change(`start container ${id}`, id, "start")),
          stopContainer: (id, grace) =>
            Effect.asVoid(change(`stop container ${id}`, id, "stop", { t: Math.ceil(Duration.toSeconds(grace)) })),
          awaitEnd: (id) =>
            Effect.asVoid(change(`wait for the end of container ${id}`, id, "wait", { condition: "not-running" })),
          removeContainer: (id) =>
            call(`remove container ${id}`, {
              method: "DELETE",
              path: `/containers/${encodeURIComponent(id)}`,
              query: { force: true, v: true }
            }).pipe(
              Effect.asVoid,
              Effect.catchReason("DockerError", "NotFound", () => Effect.void)
            ),
          renameContainer: (id, name) => Effect.asVoid(change(`rename container ${id}`, id, "rename", { name })),
          updateRestartPolicy: (id, { name, maximumRetryCount }) =>
            Effect.asVoid(
              change(
                `change the restart policy of ${id}`,
                id,
                "update",
                {},
                {
                  RestartPolicy: { Name: name, MaximumRetryCount: maximumRetryCount }
                }
              )
            ),
          containerEvents: (id) =>
            lines(`read the events of ${id}`, {
              ...get("/events"),
              // From the first second of the epoch on: all that the engine still knows.
              query: { since: "1", filters: JSON.stringify({ type: ["container"], container: [id] }) }
            }).pipe(Stream.flatMap((line) => Stream.fromIterable(Option.toArray(EngineAnswer.event(line))))),
          lastLogLines: (id, count) =>
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
          followLogs: (id) => logs(id, { follow: true })
        })
      })
    )
}

/**
 * Connections that are kept for the next request, as Node's own agent keeps them. The engine is spoken to without TLS: that
 * no name is needed for it, said here, saves Node the expression (5 ms) by which it would tell a name from an address.
 */
const connectionOptions: AgentOptions & { readonly servername: string } = {
  keepAlive: true,
  scheduling: "lifo",
  timeout: 5_000,
  servername: ""
}
const connections = Effect.acquireRelease(
  Effect.sync(() => new Agent(connectionOptions)),
  (agent) => Effect.sync(() => agent.destroy())
)

/** Characters of a log that are kept at most. */
const logLimit = 64 * 1024

const successes = { 200: true, 201: true, 204: true, 304: true }

interface Request {
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: string
  readonly query?: Record<string, unknown>
  readonly body?: object
  readonly token?: Redacted.Redacted | undefined
  /** The reference, where it is a registry's image that is asked for. */
  readonly image?: string
  readonly stream?: boolean
}

const get = (path: string): Request => ({ method: "GET", path })

/** What is not there is no error. */
const noneWhereMissing = <A>(found: Effect.Effect<A, DockerError>): Effect.Effect<Option.Option<A>, DockerError> =>
  found.pipe(
    Effect.asSome,
    Effect.catchReason("DockerError", "NotFound", () => Effect.succeedNone)
  )

const answerInvalid = (operation: string): DockerError =>
  new DockerError({ reason: new AnswerInvalid({ operation, detail: "the answer is not one of the engine's API" }) })

/** The registry said no, and nothing is known but the status. */
const isWordless = ({ reason }: DockerError): boolean =>
  (reason._tag === "ImageAccessDenied" || reason._tag === "RegistryRefused") &&
  /unexpected status from [A-Z]+ request/.test(reason.detail)
