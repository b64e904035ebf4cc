import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import {
  MetadataError,
  MetadataHostInvalid,
  MetadataInvalid,
  MetadataRefused,
  MetadataUnreachable
} from "./MetadataError.ts"
import { oneLine } from "./OneLine.ts"

/** A declaration's text and where it was found. */
export interface DeclarationText {
  /** Names the place in messages: a file's path, or `metadata:<key>`. */
  readonly file: string
  /** May hold secrets: never printed. */
  readonly text: string | Uint8Array
}

/** A disk that is attached to the VM. */
export interface AttachedDisk {
  readonly deviceName: string
  readonly mode: "READ_WRITE" | "READ_ONLY"
}

/** The VM's metadata server. */
export class MetadataProvider extends Context.Service<
  MetadataProvider,
  {
    /** The key `slipway-declaration`, else `gce-container-declaration`; `none` where the VM has neither. */
    readonly declaration: Effect.Effect<Option.Option<DeclarationText>, MetadataError>
    readonly disks: Effect.Effect<ReadonlyArray<AttachedDisk>, MetadataError>
    /** An access token of the VM's default service account; `none` where the VM has no service account. */
    readonly token: Effect.Effect<Option.Option<Redacted.Redacted>, MetadataError>
  }
>()("slipway/vm/MetadataProvider") {
  /**
   * Reads `http://<host>/computeMetadata/v1/instance/…`. `host` may carry a port; where it is absent the setting
   * `GCE_METADATA_HOST` holds it, else it is `metadata.google.internal`. A missing key is a 404, with the same header as
   * all of the server's answers: without that header nothing is believed, a 404 neither. Redirects are answers like any
   * other; the HTTP client must not follow them, nor use a proxy.
   * Source: cloud.google.com/compute/docs/metadata/querying-metadata.
   */
  static readonly layer = (host?: string) =>
    Layer.effect(
      MetadataProvider,
      Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        const address = host || (yield* Config.String("GCE_METADATA_HOST").pipe(Config.withDefault(""))) || defaultHost
        if (!isMetadataHost(address)) return yield* new MetadataHostInvalid({ host: oneLine(address) })
        const urlOf = (path: string) => `http://${address}/computeMetadata/v1/instance/${path}`

        /** The answer's body; `none` for 404. */
        const read = Effect.fnUntraced(
          function* (path: string) {
            const url = urlOf(path)
            const request = HttpClientRequest.get(url).pipe(HttpClientRequest.setHeader("Metadata-Flavor", "Google"))
            const response = yield* client.execute(request).pipe(Effect.mapError((error) => unreachable(url, error)))
            const { status } = response
            if (status !== 200 && status !== 404) {
              return yield* new MetadataError({ reason: new MetadataRefused({ url, statusCode: status }) })
            }
            if (response.headers["metadata-flavor"] !== "Google") {
              return yield* invalid(url, `it answered ${status} without "Metadata-Flavor: Google"`)
            }
            return status === 404 ? Option.none<Uint8Array>() : Option.some(yield* body(url, response))
          },
          Effect.scoped,
          // The server is no part of a trace.
          Effect.provideService(HttpClient.TracerPropagationEnabled, false)
        )

        const readJson = Effect.fnUntraced(function* <A>(path: string, decode: (json: string) => Option.Option<A>) {
          const bytes = yield* read(path)
          if (Option.isNone(bytes)) return Option.none<A>()
          const decoded = decode(new TextDecoder().decode(bytes.value))
          // What did not fit is not quoted: it may hold a token.
          if (Option.isNone(decoded)) return yield* invalid(urlOf(path), "its JSON is not of the documented shape")
          return decoded
        })

        const attribute = (key: string) =>
          Effect.map(
            read(`attributes/${key}`),
            Option.map((text): DeclarationText => ({ file: `metadata:${key}`, text }))
          )

        return MetadataProvider.of({
          // Both at once: most VMs have the second only.
          declaration: Effect.gen(function* () {
            const second = yield* Effect.forkScoped(attribute("gce-container-declaration"))
            const first = yield* attribute("slipway-declaration")
            return Option.isSome(first) ? first : yield* Fiber.join(second)
          }).pipe(Effect.scoped, Effect.withSpan("MetadataProvider.declaration")),
          disks: readJson("disks/?recursive=true", decodeDisks).pipe(
            Effect.map(Option.getOrElse(() => [])),
            Effect.withSpan("MetadataProvider.disks")
          ),
          token: readJson("service-accounts/default/token", decodeToken).pipe(
            Effect.map(Option.map(({ access_token }) => Redacted.make(access_token))),
            Effect.withSpan("MetadataProvider.token")
          )
        })
      })
    )
}

const defaultHost = "metadata.google.internal"

/** A host name or address, with a port or without. */
export const isMetadataHost = (text: string): boolean => /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(text)

/** 1 MiB. Values are at most 256 KiB; the rest is left for a server that thinks otherwise. */
const limitBytes = 1024 * 1024

const decodeDisks = Schema.decodeUnknownOption(
  Schema.fromJsonString(
    Schema.Array(Schema.Struct({ deviceName: Schema.String, mode: Schema.Literals(["READ_WRITE", "READ_ONLY"]) }))
  )
)

const decodeToken = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ access_token: Schema.NonEmptyString }))
)

const invalid = (url: string, detail: string) => new MetadataError({ reason: new MetadataInvalid({ url, detail }) })

/** Of the causes only a system error is quoted, as in "connect ECONNREFUSED": others may quote an answer. */
const unreachable = (url: string, error: HttpClientError.HttpClientError) => {
  const { cause } = error.reason
  const detail = [cause, cause instanceof Error ? cause.cause : undefined].flatMap((cause) =>
    cause instanceof Error && "syscall" in cause ? [cause.message] : []
  )[0]
  return new MetadataError({ reason: new MetadataUnreachable({ url, detail: detail ?? "the connection failed" }) })
}

/** The body, as long as it is no longer than it may be. */
const body = (url: string, response: HttpClientResponse.HttpClientResponse) =>
  response.stream.pipe(
    Stream.mapError((error) => unreachable(url, error)),
    Stream.runFoldEffect(
      (): { readonly chunks: Array<Uint8Array>; size: number } => ({ chunks: [], size: 0 }),
      (body, chunk) => {
        body.chunks.push(chunk)
        body.size += chunk.length
        return body.size > limitBytes
          ? Effect.fail(invalid(url, `its answer is longer than ${limitBytes} bytes`))
          : Effect.succeed(body)
      }
    ),
    Effect.map(({ chunks, size }) => {
      const whole = new Uint8Array(size)
      let offset = 0
      for (const chunk of chunks) {
        whole.set(chunk, offset)
        offset += chunk.length
      }
      return whole
    })
  )
