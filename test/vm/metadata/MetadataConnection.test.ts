import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { MetadataProvider } from "../../../src/vm/metadata/MetadataProvider.ts"

const secret = "hunter2"
const flavor = { "Metadata-Flavor": "Google" }

const failing = (cause: unknown) =>
  HttpClient.make((request) =>
    Effect.fail(new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) }))
  )
const tokenBy = (client: HttpClient.HttpClient) =>
  Effect.flatMap(MetadataProvider, (metadata) => metadata.token).pipe(
    Effect.provide(
      MetadataProvider.layer("127.0.0.1:1").pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
        Layer.orDie
      )
    )
  )

/** A server on loopback until the scope closes; gives its address. */
const serve = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer(listener)
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  ).pipe(Effect.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`))

const tokenFrom = (address: string) =>
  Effect.flatMap(MetadataProvider, (metadata) => metadata.token).pipe(
    Effect.provide(MetadataProvider.layer(address).pipe(Layer.provide(NodeHttpClient.layerNodeHttp), Layer.orDie))
  )

describe("MetadataProvider over a connection", () => {
  it.effect("says why nothing answered, and quotes nothing but the system", () =>
    Effect.gen(function* () {
      const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { syscall: "connect" })
      for (const cause of [refused, new TypeError("fetch failed", { cause: refused })]) {
        const error = yield* Effect.flip(tokenBy(failing(cause)))
        assert.include(error.message, "connect ECONNREFUSED 127.0.0.1:1")
        assert.isTrue(error.isRetryable)
      }
      const other = yield* Effect.flip(tokenBy(failing(new Error(`Parse Error: ${secret}`))))
      assert.strictEqual(other.reason._tag, "MetadataUnreachable")
      assert.notInclude(JSON.stringify(other) + other.message, secret)
    })
  )

  it.live("follows no redirect", () =>
    Effect.gen(function* () {
      const paths: Array<string | undefined> = []
      const address = yield* serve((request, response) => {
        paths.push(request.url)
        response.writeHead(302, { ...flavor, Location: "/elsewhere" }).end()
      })
      const error = yield* Effect.flip(tokenFrom(address))
      assert.strictEqual(error.reason._tag, "MetadataRefused")
      assert.deepStrictEqual(paths, ["/computeMetadata/v1/instance/service-accounts/default/token"])
    })
  )

  it.live("does not take the half of an answer for the whole", () =>
    Effect.gen(function* () {
      const address = yield* serve((request, response) => {
        assert.strictEqual(request.headers["metadata-flavor"], "Google")
        response.writeHead(200, { ...flavor, "Content-Length": "1000" })
        response.write(JSON.stringify({ access_token: secret }), () => response.destroy())
      })
      const error = yield* Effect.flip(tokenFrom(address))
      assert.strictEqual(error.reason._tag, "MetadataUnreachable")
      assert.isTrue(error.isRetryable)
    })
  )

  it.live("does not wait for the end of an answer that has none", () =>
    Effect.gen(function* () {
      const address = yield* serve((_, response) => {
        response.writeHead(200, flavor)
        const more = () => response.write(Buffer.alloc(65_536, " "), (error) => error ?? more())
        more()
      })
      const error = yield* Effect.flip(tokenFrom(address))
      assert.strictEqual(error.reason._tag, "MetadataInvalid")
    })
  )
})

describe("a metadata server whose name does not resolve", () => {
  const name = "metadata.google.internal"
  const address = "169.254.169.254"
  const notFound = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
    syscall: "getaddrinfo",
    code: "ENOTFOUND"
  })
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { syscall: "connect" })

  type Answers = Readonly<Record<string, Error | Response | "silence">>
  const account = () => new Response(JSON.stringify({ access_token: secret }), { headers: flavor })

  /** What hosts answer; `asked` lists them in order. */
  const network = (answers: Answers) => {
    const asked: Array<string> = []
    const client = HttpClient.make((request, { host }) =>
      Effect.suspend(() => {
        asked.push(host)
        const answer = answers[host]
        if (answer === undefined) return Effect.die(new Error(`nobody is to ask ${host}`))
        if (answer === "silence") return Effect.never
        if (answer instanceof Response) return Effect.succeed(HttpClientResponse.fromWeb(request, answer.clone()))
        const reason = new HttpClientError.TransportError({ request, cause: answer })
        return Effect.fail(new HttpClientError.HttpClientError({ reason }))
      })
    )
    return { asked, client }
  }
  const metadata = (client: HttpClient.HttpClient, env: Readonly<Record<string, string>> = {}, at?: string) =>
    Effect.provide(
      MetadataProvider,
      MetadataProvider.layer(undefined, at).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
        Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))),
        Layer.orDie
      )
    )

  it.effect("is asked at its address, and there at once the next time", () =>
    Effect.gen(function* () {
      const { asked, client } = network({ [name]: notFound, [address]: account() })
      const { token } = yield* metadata(client)
      for (const _ of [1, 2]) assert.strictEqual(Redacted.value(Option.getOrThrow(yield* token)), secret)
      assert.deepStrictEqual(asked, [name, address, address])
    })
  )

  it.effect("where nothing answers there, is away after half a second, by its name", () =>
    Effect.gen(function* () {
      const { client } = network({ [name]: notFound, [address]: "silence" })
      const { token } = yield* metadata(client)
      const run = yield* Effect.forkChild(Effect.flip(token))
      yield* TestClock.adjust(Duration.millis(500))
      const error = yield* Fiber.join(run)
      assert.strictEqual(error.reason._tag, "MetadataUnreachable")
      assert.match(error.message, /ENOTFOUND metadata\.google\.internal, and none is at 169\.254\.169\.254$/)
    })
  )

  it.effect.each([
    ["refuses", refused],
    ["is another cloud's", new Response(secret, { status: 404 })],
    ["is another cloud's, which wants a token of its own", new Response(secret, { status: 401 })]
  ] as const)("is away too where what is there %s", ([, there]) =>
    Effect.gen(function* () {
      const { client } = network({ [name]: notFound, [address]: there })
      const { token } = yield* metadata(client)
      const error = yield* Effect.flip(token)
      assert.strictEqual(error.reason._tag, "MetadataUnreachable")
      assert.include(error.message, "ENOTFOUND")
      assert.notInclude(JSON.stringify(error) + error.message, secret)
    })
  )

  it.effect("is asked at its address beside a resolver that does not answer", () =>
    Effect.gen(function* () {
      const { asked, client } = network({ [name]: "silence", [address]: account() })
      const { token } = yield* metadata(client)
      const run = yield* Effect.forkChild(token)
      yield* TestClock.adjust(Duration.seconds(1))
      assert.isTrue(Option.isSome(yield* Fiber.join(run)))
      assert.deepStrictEqual(asked, [name, address])
    })
  )

  it.effect("is not asked there where the name does resolve, or another is set", () =>
    Effect.gen(function* () {
      const resolved = network({ [name]: refused })
      const closed = yield* Effect.flip((yield* metadata(resolved.client)).token)
      assert.include(closed.message, "ECONNREFUSED")
      const set = network({ "metadata.example": notFound })
      const other = yield* metadata(set.client, { GCE_METADATA_HOST: "metadata.example" })
      assert.notInclude((yield* Effect.flip(other.token)).message, address)
      assert.deepStrictEqual([...resolved.asked, ...set.asked], [name, "metadata.example"])
    })
  )

  it.live("is asked at its address over a connection", () =>
    Effect.gen(function* () {
      const at = yield* serve((_, response) => {
        response.writeHead(200, flavor).end(JSON.stringify({ access_token: secret }))
      })
      const real = yield* HttpClient.HttpClient
      const { client: unresolving } = network({ [name]: notFound })
      const client = HttpClient.make((request, url) =>
        url.host === at ? real.execute(request) : unresolving.execute(request)
      )
      const { token } = yield* metadata(client, {}, at)
      assert.strictEqual(Redacted.value(Option.getOrThrow(yield* token)), secret)
    }).pipe(Effect.provide(NodeHttpClient.layerNodeHttp))
  )
})
