import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import { boundedBody } from "../http/boundedBody.ts"
import { systemError } from "../http/systemError.ts"
import { MetadataError, MetadataInvalid, MetadataRefused, MetadataUnreachable } from "./MetadataError.ts"

/** Where to find a metadata server. */
export interface MetadataHosts {
  /** A host name or address, optionally with a port. */
  readonly host: string
  /** The fallback if the name `host` does not resolve. */
  readonly address?: string | undefined
}

/** The keys below `/computeMetadata/v1/`. */
export interface MetadataConnection {
  /** The answer's body; `none` for 404. */
  readonly read: (path: string) => Effect.Effect<Option.Option<Uint8Array>, MetadataError>
  /** The same with the answer's `ETag`, for a directory, whose body may be longer. */
  readonly readTagged: (path: string) => Effect.Effect<Option.Option<Tagged>, MetadataError>
  /** Puts a text under a key; false for 404. */
  readonly write: (path: string, text: string) => Effect.Effect<boolean, MetadataError>
  /** What is asked for, for messages. */
  readonly urlOf: (path: string) => string
}

/** An answer, and what names this state of the keys. */
export interface Tagged {
  readonly body: Uint8Array
  readonly etag: Option.Option<string>
}

/**
 * How long a name may take to resolve before the address is tried in parallel: without a resolver it takes ten seconds.
 */
const patience = Duration.seconds(1)

/**
 * How long to wait for the first bytes from the address. The server is on the VM's own host and answers within
 * milliseconds; outside the cloud nothing may ever come back, and a run that has a declaration must not wait for it.
 */
const limitAtAddress = Duration.millis(500)

/** Bytes. A value has at most 256 KiB, and all together 512 KiB, which JSON may escape; the rest is a margin. */
const limits = { key: 1024 * 1024, directory: 4 * 1024 * 1024 } as const

/** What is asked for, or put there if there is a text. */
interface Question {
  readonly path: string
  readonly size: keyof typeof limits
  readonly text?: string
}

/**
 * A missing key is a 404. All answers of the server carry the same header, and an answer without it is not trusted, a
 * 404 included. The HTTP client must follow no redirects and use no proxy. Source:
 * cloud.google.com/compute/docs/metadata/querying-metadata.
 */
export const makeMetadataConnection = (
  client: HttpClient.HttpClient,
  { host, address }: MetadataHosts
): MetadataConnection => {
  // Once the address has answered, the name is not tried again.
  let found = host
  const urlAt = (at: string, path: string) => `http://${at}/computeMetadata/v1/${path}`

  const ask = (url: string, { text }: Question) =>
    client
      .execute(
        (text === undefined
          ? HttpClientRequest.get(url)
          : HttpClientRequest.put(url).pipe(HttpClientRequest.bodyText(text))
        ).pipe(HttpClientRequest.setHeader("Metadata-Flavor", "Google"))
      )
      .pipe(Effect.mapError((error) => unreachable(url, error)))

  const askAt = Effect.fnUntraced(function* (at: string, question: Question) {
    const url = urlAt(at, question.path)
    return yield* answerOf(url, yield* ask(url, question), question.size)
  }, Effect.scoped)

  /** `none` if no metadata server is at the address. Another cloud's server there is none of ours. */
  const askAddress = Effect.fnUntraced(function* (at: string, question: Question) {
    const url = urlAt(at, question.path)
    const response = yield* ask(url, question).pipe(
      Effect.timeoutOption(limitAtAddress),
      Effect.orElseSucceed(() => Option.none<HttpClientResponse.HttpClientResponse>())
    )
    if (Option.isNone(response) || !isGoogles(response.value)) return Option.none<Option.Option<Tagged>>()
    found = at
    return Option.some(yield* answerOf(url, response.value, question.size))
  }, Effect.scoped)

  /** By name, and by address once the name is known not to resolve or takes too long. */
  const askEither = Effect.fnUntraced(function* (at: string, question: Question) {
    const named = yield* Effect.forkScoped(askAt(host, question))
    const unresolved = Fiber.join(named).pipe(
      Effect.matchEffect({
        onSuccess: () => Effect.never,
        onFailure: (error) => (isUnresolved(error) ? Effect.void : Effect.never)
      })
    )
    const other = yield* Effect.timeoutOption(unresolved, patience).pipe(
      Effect.andThen(askAddress(at, question)),
      Effect.forkScoped
    )
    const byName = Fiber.join(named).pipe(
      Effect.catchIf(isUnresolved, (error) =>
        Effect.flatMap(
          Fiber.join(other),
          Option.match({ onNone: () => Effect.fail(norAt(at, error)), onSome: Effect.succeed })
        )
      )
    )
    const byAddress = Effect.flatMap(
      Fiber.join(other),
      Option.match({ onNone: () => Effect.never, onSome: Effect.succeed })
    )
    return yield* Effect.raceFirst(byName, byAddress)
  }, Effect.scoped)

  const answer = (question: Question) =>
    (address === undefined || found === address ? askAt(found, question) : askEither(address, question)).pipe(
      // The server takes no part in tracing.
      Effect.provideService(HttpClient.TracerPropagationEnabled, false)
    )

  return {
    read: (path) =>
      Effect.map(
        answer({ path, size: "key" }),
        Option.map(({ body }) => body)
      ),
    readTagged: (path) => answer({ path, size: "directory" }),
    write: (path, text) => Effect.map(answer({ path, size: "key", text }), Option.isSome),
    urlOf: (path) => urlAt(found, path)
  }
}

/** An answer of the metadata server. */
const answerOf = Effect.fnUntraced(function* (
  url: string,
  response: HttpClientResponse.HttpClientResponse,
  size: Question["size"]
) {
  const { status } = response
  if (status !== 200 && status !== 404) {
    return yield* new MetadataError({ reason: new MetadataRefused({ url, statusCode: status }) })
  }
  if (!isGoogles(response)) return yield* invalid(url, `it answered ${status} without "Metadata-Flavor: Google"`)
  if (status === 404) return Option.none<Tagged>()
  const body = yield* boundedBody(response, limits[size], {
    broken: (error) => unreachable(url, error),
    tooLong: () => invalid(url, `its answer is longer than ${limits[size]} bytes`)
  })
  return Option.some<Tagged>({ body, etag: Option.fromNullishOr(response.headers["etag"]) })
})

const isGoogles = ({ headers }: HttpClientResponse.HttpClientResponse): boolean =>
  headers["metadata-flavor"] === "Google"

/** Something else answered. */
export const invalid = (url: string, detail: string) =>
  new MetadataError({ reason: new MetadataInvalid({ url, detail }) })

/** Only system errors are quoted ("connect ECONNREFUSED"): other causes may quote an answer. */
const unreachable = (url: string, error: HttpClientError.HttpClientError) => {
  const system = systemError(error)
  const reason = new MetadataUnreachable({
    url,
    detail: system?.message ?? "the connection failed",
    ...(system?.syscall === "getaddrinfo" ? { isUnresolved: true } : {})
  })
  return new MetadataError({ reason })
}

const isUnresolved = ({ reason }: MetadataError): boolean =>
  reason._tag === "MetadataUnreachable" && reason.isUnresolved === true

const norAt = (address: string, error: MetadataError): MetadataError =>
  error.reason._tag === "MetadataUnreachable"
    ? new MetadataError({
        reason: new MetadataUnreachable({
          ...error.reason,
          detail: `${error.reason.detail}, and none is at ${address}`
        })
      })
    : error
