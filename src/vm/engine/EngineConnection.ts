import { Agent, type AgentOptions, type IncomingMessage } from "node:http"
import type { Readable } from "node:stream"
import Docker from "dockerode"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import { AnswerInvalid, DockerError } from "./DockerError.ts"
import { type EngineAddress, formatEngineAddress } from "./EngineAddress.ts"
import { engineFailure, thrown } from "./EngineFailure.ts"

/** A request to the engine's API. `operation` is what it is for, as an error says it. */
export interface EngineRequest {
  readonly operation: string
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: string
  readonly query?: Record<string, unknown>
  readonly body?: object
  /** A tar, sent in the place of a body. */
  readonly archive?: Uint8Array
  readonly registry?: RegistryLogin | undefined
  /** The reference, if a registry is asked for an image: a failure is the registry's then. */
  readonly image?: string
  /** Over a connection of its own, which an engine that goes down does not take, though it serves those that it has. */
  readonly isFresh?: true
}

/** With what the engine signs in to an image's registry. */
export interface RegistryLogin extends RegistryCredentials {
  /** The registry, as Docker's own configuration names it. */
  readonly serverAddress: string
}

/** Requests to one engine. Interrupting one closes its connection. */
export interface EngineConnection {
  /** The answer, decoded from its JSON; an empty one has no value. Anything but 2xx and 304 is an error. */
  readonly call: (request: EngineRequest) => Effect.Effect<unknown, DockerError>
  /** Fails with `AnswerInvalid` where the answer does not decode. */
  readonly decoded: <A>(
    request: EngineRequest,
    decode: (answer: unknown) => Option.Option<A>
  ) => Effect.Effect<A, DockerError>
  /** The headers of an answer whose body does not matter. */
  readonly headers: (request: EngineRequest) => Effect.Effect<IncomingMessage["headers"], DockerError>
  /** An answer that has begun: its bytes as they arrive. The end of the scope closes the connection. */
  readonly open: (
    request: EngineRequest
  ) => Effect.Effect<Stream.Stream<Uint8Array, DockerError>, DockerError, Scope.Scope>
  /** The same as one stream. Ending it closes the connection. */
  readonly bytes: (request: EngineRequest) => Stream.Stream<Uint8Array, DockerError>
  /** The lines of an answer as they arrive, without empty ones. */
  readonly lines: (request: EngineRequest) => Stream.Stream<string, DockerError>
}

/** Connects through dockerode, whose client speaks to sockets and TCP alike. Nothing is sent before the first request. */
export const connectEngine = (address: EngineAddress): Effect.Effect<EngineConnection, never, Scope.Scope> =>
  Effect.map(keptConnections, (agent) => {
    const through = (agent: Agent): Docker.DockerOptions & { readonly agent: Agent } => ({
      agent,
      ...(address._tag === "Socket"
        ? { socketPath: address.path }
        : { protocol: "http", host: address.host, port: address.port })
    })
    const { modem } = new Docker(through(agent))
    let fresh: typeof modem | undefined
    const connectingAnew = () => (fresh ??= new Docker(through(new Agent(freshOptions))).modem)
    const place = formatEngineAddress(address)

    const dial = (request: EngineRequest, isStream: boolean) =>
      Effect.callback<unknown, DockerError>((resume, signal) => {
        const { operation, method, path, query = {}, body = {}, archive, registry, image, isFresh } = request
        const client = isFresh === true ? connectingAnew() : modem
        client.dial(
          {
            method,
            path: `${path}?`,
            options: { _query: query, _body: body, body },
            statusCodes: successes,
            isStream,
            abortSignal: signal,
            // Its type has the names of files alone; it takes buffers too.
            ...(archive === undefined ? {} : { file: Buffer.from(archive) as unknown as string }),
            ...(registry === undefined ? {} : { authconfig: authconfig(registry) })
          },
          (error, answer) =>
            resume(
              error === null || error === undefined
                ? Effect.succeed(answer)
                : Effect.fail(engineFailure(operation, place, thrown(error), image))
            )
        )
      }).pipe(Effect.withSpan("DockerClient.call", { kind: "client", attributes: { operation: request.operation } }))

    const open = (request: EngineRequest) =>
      Effect.acquireRelease(
        Effect.map(dial(request, true), (answer) => answer as Readable),
        // Destroyed: the iterator's own end would wait for the next bytes, which may never arrive.
        (answer) => Effect.sync(() => void answer.destroy()),
        { interruptible: true }
      ).pipe(
        Effect.map((answer) =>
          Stream.fromAsyncIterable<Uint8Array, DockerError>(answer, (cause) =>
            engineFailure(request.operation, place, { ...thrown(cause), statusCode: undefined })
          )
        )
      )
    const bytes = (request: EngineRequest) => Stream.unwrap(open(request))

    return {
      call: (request) => dial(request, false),
      decoded: (request, decode) =>
        Effect.flatMap(dial(request, false), (answer) =>
          Effect.fromResult(Result.fromOption(decode(answer), () => answerInvalid(request.operation)))
        ),
      headers: (request) =>
        Effect.map(dial(request, true), (answer) => {
          const message = answer as IncomingMessage
          // The connection serves the next request only once the body has been read.
          message.on("error", () => {}).resume()
          return message.headers
        }),
      open,
      bytes,
      lines: (request) => linesOf(bytes(request))
    }
  })

/** The lines of an answer, without empty ones. */
export const linesOf = (bytes: Stream.Stream<Uint8Array, DockerError>): Stream.Stream<string, DockerError> =>
  bytes.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.filter((line) => line.trim() !== "")
  )

/** For the header X-Registry-Auth. */
const authconfig = ({ username, password, serverAddress }: RegistryLogin) => ({
  username,
  password: Redacted.value(password),
  serveraddress: serverAddress
})

/** A request that reads. */
export const get = (operation: string, path: string): EngineRequest => ({ operation, method: "GET", path })

/** What does not exist is `none`, not an error. */
export const noneWhereMissing = <A>(
  found: Effect.Effect<A, DockerError>
): Effect.Effect<Option.Option<A>, DockerError> =>
  found.pipe(
    Effect.asSome,
    Effect.catchReason("DockerError", "NotFound", () => Effect.succeedNone)
  )

export const answerInvalid = (operation: string): DockerError =>
  new DockerError({ reason: new AnswerInvalid({ operation, detail: "the answer is not one of the engine's API" }) })

/**
 * Connections are kept alive, as by Node's global agent. The engine is spoken to without TLS: an explicit empty
 * `servername` saves Node the regular expression (5 ms) that would tell a name from an address.
 */
const agentOptions: AgentOptions & { readonly servername: string } = {
  keepAlive: true,
  scheduling: "lifo",
  timeout: 5_000,
  servername: ""
}
const freshOptions: typeof agentOptions = { ...agentOptions, keepAlive: false }
const keptConnections = Effect.acquireRelease(
  Effect.sync(() => new Agent(agentOptions)),
  (agent) => Effect.sync(() => agent.destroy())
)

const successes = { 200: true, 201: true, 204: true, 304: true }
