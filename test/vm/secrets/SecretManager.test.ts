import { readFileSync } from "node:fs"
import { createServer as createSecureServer } from "node:https"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import { crc32c } from "../../../src/vm/secrets/crc32c.ts"
import { MetadataProvider } from "../../../src/vm/metadata/MetadataProvider.ts"
import { SecretManager } from "../../../src/vm/secrets/SecretManager.ts"
import { SecretManagerError } from "../../../src/vm/secrets/SecretManagerError.ts"
import { startSecretManagerServer } from "../../engine/SecretManagerServer.ts"
import { secretManagerContract, SecretsFixture } from "./SecretManagerContract.ts"

const value = "hunter2-correct-horse"
const token = "ya29.c.b0Aaekm1K"
const asked = { project: "project", secret: "db-password", version: "latest" }
const name = "projects/123456/secrets/db-password/versions/7"

/** A metadata server that has these tokens, one after the other, and no word of anything else. */
const metadataWith = (tokens: () => string | null) =>
  Layer.mock(MetadataProvider)({
    token: Effect.sync(() => Option.map(Option.fromNullishOr(tokens()), (text) => Redacted.make(text)))
  })

const layerAt = (url: string | undefined, env: Readonly<Record<string, string>> = {}) =>
  SecretManager.layer(url).pipe(
    Layer.provide(metadataWith(() => token)),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))
  )

const access = Effect.flatMap(SecretManager, (secrets) => secrets.access(asked))

/** What is made of an answer with this body. */
const answered = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) => {
  const urls: Array<string> = []
  const client = HttpClient.make((request, url) => {
    urls.push(url.href)
    const text = body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body)
    return Effect.succeed(
      HttpClientResponse.fromWeb(request, new Response(text as string, { status, headers: { ...headers } }))
    )
  })
  return access.pipe(
    Effect.provide(
      layerAt("https://secrets.example/base/").pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
        Layer.orDie
      )
    ),
    Effect.map((found) => ({ ...found, urls }))
  )
}

/** Why an answer is refused; nothing of it is quoted. */
const refusal = Effect.fnUntraced(function* (body: unknown, status = 200) {
  const error = yield* Effect.flip(answered(body, status, { Location: `https://${value}/` }))
  if (!Schema.is(SecretManagerError)(error)) return assert.fail(error.message)
  const shown = JSON.stringify(error) + error.message + String(error)
  assert.notInclude(shown, value)
  assert.notInclude(shown, base64(value).slice(0, 12))
  assert.notInclude(shown, token)
  return error
})

const base64 = (text: string) => Buffer.from(text).toString("base64")
const secret = (changed: Readonly<Record<string, unknown>> = {}, payload: Readonly<Record<string, unknown>> = {}) => ({
  name,
  payload: { data: base64(value), dataCrc32c: `${crc32c(Buffer.from(value))}`, ...payload },
  ...changed
})

describe("crc32c", () => {
  it("is Castagnoli's", () => {
    // RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
    assert.strictEqual(crc32c(new TextEncoder().encode("123456789")), 0xe3069283)
    assert.strictEqual(crc32c(new Uint8Array(32)), 0x8a9136aa)
    assert.strictEqual(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
    assert.strictEqual(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e)
    assert.strictEqual(crc32c(new Uint8Array()), 0)
  })
})

describe("Secret Manager's answer", () => {
  it.effect("is asked for below the address", () =>
    Effect.gen(function* () {
      const { name: version, data, urls } = yield* answered(secret())
      assert.strictEqual(version, name)
      assert.strictEqual(Buffer.from(Redacted.value(data)).toString(), value)
      assert.deepStrictEqual(urls, [
        "https://secrets.example/base/v1/projects/project/secrets/db-password/versions/latest:access"
      ])
    })
  )

  it.effect("may have its checksum as a number, and nothing in an empty value's place", () =>
    Effect.gen(function* () {
      yield* answered(secret({}, { dataCrc32c: crc32c(Buffer.from(value)) }))
      const { data } = yield* answered({ name, payload: { dataCrc32c: "0" } })
      assert.strictEqual(Redacted.value(data).length, 0)
    })
  )

  it.effect.each([
    ["no JSON", value],
    ["not UTF-8", Uint8Array.of(0xff, 0xfe)],
    ["no payload", { name }],
    ["no name", secret({ name: undefined })],
    ["no checksum", secret({}, { dataCrc32c: undefined })],
    ["another secret", secret({ name: name.replace("db-password", value) })],
    ["another project", secret({ name: name.replace("123456", "other") })],
    ["no version", secret({ name: "projects/123456/secrets/db-password" })],
    ["an alias for a version", secret({ name: name.replace(/7$/, "latest") })],
    ["more behind the name", secret({ name: `${name}\n${value}` })],
    ["no base64", secret({}, { data: `${value}*` })],
    ["data that is no text", secret({}, { data: [value] })],
    ["too much", `${JSON.stringify(secret())}${" ".repeat(128 * 1024)}`]
  ] as const)("with %s is not Secret Manager's", ([, body]) =>
    Effect.gen(function* () {
      const error = yield* refusal(body)
      assert.strictEqual(error.reason._tag, "SecretManagerInvalid")
      assert.isFalse(error.isRetryable)
    })
  )

  it.effect("with another checksum is damaged", () =>
    Effect.gen(function* () {
      for (const dataCrc32c of ["1", "-1", value, " "]) {
        const error = yield* refusal(secret({}, { dataCrc32c }))
        assert.strictEqual(error.reason._tag, "SecretCorrupted")
        assert.isTrue(error.isRetryable)
      }
    })
  )

  const says = (status: string, reason?: string) => ({
    error: { code: 0, message: value, status, details: reason === undefined ? [] : [{ reason }, { "@type": value }] }
  })
  it.effect.each([
    [404, says("NOT_FOUND"), "SecretNotFound", false],
    [404, value, "SecretManagerRefused", false],
    [403, says("PERMISSION_DENIED"), "SecretAccessDenied", false],
    [403, "", "SecretAccessDenied", false],
    [403, says("PERMISSION_DENIED", "SERVICE_DISABLED"), "SecretManagerDisabled", false],
    [400, says("FAILED_PRECONDITION"), "SecretVersionDisabled", false],
    [400, says("INVALID_ARGUMENT"), "SecretManagerRefused", false],
    [401, says("UNAUTHENTICATED"), "SecretManagerRefused", false],
    [429, says("RESOURCE_EXHAUSTED"), "SecretManagerRefused", true],
    [500, says("INTERNAL"), "SecretManagerRefused", true],
    [503, value, "SecretManagerRefused", true],
    [302, value, "SecretManagerRefused", false],
    [204, undefined, "SecretManagerRefused", false],
    [418, says(`a ${value}`), "SecretManagerRefused", false]
  ] as const)("with status %s", ([status, body, tag, isRetryable]) =>
    Effect.gen(function* () {
      const error = yield* refusal(body === undefined ? null : body, status === 204 ? 206 : status)
      assert.strictEqual(error.reason._tag, tag)
      assert.strictEqual(error.isRetryable, isRetryable)
    })
  )

  it.effect("says that it is the access scope", () =>
    Effect.gen(function* () {
      const error = yield* refusal(says("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), 403)
      assert.match(error.message, /access scopes/)
      assert.match(error.advice ?? "", /cloud-platform/)
    })
  )

  it.effect.prop(
    "is read without a defect, whatever it is",
    [Schema.String, Schema.Json, Schema.Literals([200, 400, 403, 404, 500])],
    ([garbage, json, status]) =>
      Effect.gen(function* () {
        for (const body of [garbage, json, { error: json }, { name, payload: json }]) {
          assert.isDefined(yield* Effect.result(answered(body, status)))
        }
      }),
    { arbitrary: { seed: 23, runs: 60 } }
  )
})

describe("SLIPWAY_SECRET_MANAGER_URL", () => {
  const made = (url: string) =>
    Effect.void.pipe(
      Effect.provide(
        layerAt(undefined, { SLIPWAY_SECRET_MANAGER_URL: url }).pipe(
          Layer.provide(
            Layer.succeed(
              HttpClient.HttpClient,
              HttpClient.make(() => Effect.die("nothing is asked for"))
            )
          )
        )
      ),
      Effect.result
    )

  it.effect.each([
    "",
    "https://secretmanager.googleapis.com",
    "https://secretmanager.europe-west1.rep.googleapis.com/",
    "https://proxy.example:8443/secrets",
    "http://127.0.0.1:8085",
    "http://localhost:1",
    "http://172.31.0.1",
    "http://0x7f.1",
    "http://[::1]:1",
    "http://10.1.2.3/",
    "http://[fd00::1]"
  ])("can be %s", (url) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* made(url))._tag, "Success")
    })
  )

  it.effect.each([
    ["secretmanager.googleapis.com", /must be Secret Manager's address/],
    ["ftp://host", /must be Secret Manager's address/],
    ["https://", /must be Secret Manager's address/],
    ["https://user:hunter2@host", /must be Secret Manager's address/],
    ["https://host?x", /must be Secret Manager's address/],
    ["https://host/#x", /must be Secret Manager's address/],
    ["https://host:99999", /must be Secret Manager's address/],
    ["https://host\n", /must be Secret Manager's address/],
    ["http://secretmanager.googleapis.com", /must begin with https:/],
    ["http://8.8.8.8", /must begin with https:/],
    ["http://127.0.0.1.example", /must begin with https:/],
    ["http://172.32.0.1", /must begin with https:/],
    ["http://1270.0.0.1", /must be Secret Manager's address/],
    ["http://0x7f.1.example", /must begin with https:/],
    ["http://[2001:db8::1]", /must begin with https:/]
  ] as const)("cannot be %s", ([url, says]) =>
    Effect.gen(function* () {
      const result = yield* made(url)
      if (result._tag !== "Failure" || result.failure._tag !== "SecretManagerUrlInvalid") return assert.fail(url)
      assert.match(result.failure.message, says)
      assert.notInclude(result.failure.message, "hunter2")
    })
  )
})

/** A server until the scope closes; gives its port. */
const serve = (server: Server) =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  ).pipe(Effect.map((server) => (server.address() as AddressInfo).port))

const overConnection = (url: string) =>
  access.pipe(Effect.provide(layerAt(url).pipe(Layer.provide(NodeHttpClient.layerNodeHttp), Layer.orDie)))
const servedBy = (listener: RequestListener) =>
  Effect.flatMap(serve(createServer(listener)), (port) => overConnection(`http://127.0.0.1:${port}`))

const reasonOf = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const error = yield* Effect.flip(effect)
  return Schema.is(SecretManagerError)(error) ? error : assert.fail(String(error))
})

describe("SecretManager over a connection", () => {
  it.live("shows the token to that address alone, and takes no part in tracing", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => startSecretManagerServer()),
        ({ stop }) => Effect.sync(stop)
      )
      server.secrets.add("db-password", value)
      server.token = token
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      yield* overConnection(server.url).pipe(Effect.withSpan("run"), Effect.withTracer(tracer))
      assert.strictEqual(server.asked.length, 1)
      assert.strictEqual(server.asked[0]?.headers["authorization"], `Bearer ${token}`)
      for (const header of ["traceparent", "b3", "cookie"]) assert.isUndefined(server.asked[0]?.headers[header])
      assert.isAbove(spans.length, 1)
      for (const { attributes, name: spanName } of spans) {
        const shown = JSON.stringify([spanName, ...attributes])
        for (const secret of [value, base64(value), token]) assert.notInclude(shown, secret)
      }
    })
  )

  it.live("follows no redirect", () =>
    Effect.gen(function* () {
      const paths: Array<string | undefined> = []
      const error = yield* reasonOf(
        servedBy((request, response) => {
          paths.push(request.url)
          response.writeHead(302, { Location: "/elsewhere" }).end()
        })
      )
      assert.deepInclude({ ...error.reason }, { _tag: "SecretManagerRefused", statusCode: 302 })
      assert.strictEqual(paths.length, 1)
    })
  )

  it.live("does not take the half of an answer for the whole", () =>
    Effect.gen(function* () {
      const error = yield* reasonOf(
        servedBy((_, response) => {
          response.writeHead(200, { "Content-Length": "100000" })
          response.write(JSON.stringify(secret()), () => response.destroy())
        })
      )
      assert.strictEqual(error.reason._tag, "SecretManagerUnreachable")
      assert.isTrue(error.isRetryable)
    })
  )

  it.live("does not wait for the end of an answer that has none", () =>
    Effect.gen(function* () {
      const error = yield* reasonOf(
        servedBy((_, response) => {
          response.writeHead(200)
          const more = () => response.write(Buffer.alloc(65_536, " "), (error) => error ?? more())
          more()
        })
      )
      assert.strictEqual(error.reason._tag, "SecretManagerInvalid")
    })
  )

  it.live("does not show the token to a server whose certificate is not trusted", () =>
    Effect.gen(function* () {
      const file = (name: string) => readFileSync(new URL(`../../fixtures/certificates/${name}.pem`, import.meta.url))
      let requests = 0
      const server = createSecureServer({ key: file("key"), cert: file("untrusted") }, (_, response) => {
        requests += 1
        response.end(JSON.stringify(secret()))
      })
      const port = yield* serve(server)
      const error = yield* reasonOf(overConnection(`https://127.0.0.1:${port}`))
      assert.strictEqual(error.reason._tag, "SecretManagerUnreachable")
      assert.match(error.message, /its certificate is not trusted \([A-Z_]+\)/)
      assert.strictEqual(requests, 0)
    })
  )
})

const liveFixture = Layer.effectContext(
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => startSecretManagerServer()),
      ({ stop }) => Effect.sync(stop)
    )
    let shown: string | null = token
    const metadata = metadataWith(() => shown)
    const manager = (url: string) =>
      Effect.provide(
        SecretManager,
        SecretManager.layer(url).pipe(Layer.provide(metadata), Layer.provide(NodeHttpClient.layerNodeHttp))
      )
    return { server, manager, setToken: (next: string | null) => void (shown = next) }
  }).pipe(
    Effect.flatMap(({ server, manager, setToken }) =>
      Effect.gen(function* () {
        // Port 1 of loopback: nothing listens there.
        const [reachable, away] = [yield* manager(server.url), yield* manager("http://127.0.0.1:1")]
        let current = reachable
        return Layer.mergeAll(
          Layer.succeed(SecretManager, { access: (version) => Effect.suspend(() => current.access(version)) }),
          Layer.succeed(SecretsFixture, {
            secrets: server.secrets,
            setToken,
            setReachable: (isReachable) => void (current = isReachable ? reachable : away)
          })
        )
      })
    ),
    Effect.flatMap(Layer.build)
  )
)

secretManagerContract("keeps the contract of Secret Manager", liveFixture, { run: TestClock.withLive })
