import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import { MetadataProvider } from "../../src/vm/MetadataProvider.ts"

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
