import { readFileSync } from "node:fs"
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import type { Target } from "../../../src/vm/probes/ProbeAnswer.ts"
import { Prober } from "../../../src/vm/probes/Prober.ts"
import { grpcServer } from "./grpcServer.ts"
import { ProbedPorts, proberContract } from "./ProberContract.ts"

const listening = (make: () => TcpServer) =>
  Effect.acquireRelease(
    Effect.callback<TcpServer>((resume) => {
      const server = make()
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        if ("closeAllConnections" in server) (server as Server).closeAllConnections()
        server.close()
      })
  ).pipe(Effect.map((server): Target => ({ host: "127.0.0.1", port: (server.address() as AddressInfo).port })))

const http = () =>
  createServer((request, response) => {
    const [path] = (request.url ?? "").split("?")
    const status = path === "/ok" ? 200 : path === "/moved" ? 302 : path === "/busy" ? 503 : 404
    response.writeHead(status, path === "/moved" ? { location: "ok" } : {}).end("body")
  })

/** A port that was free a moment ago. */
const closed = Effect.scoped(listening(() => createTcpServer()))

const silent = () => {
  const server = createTcpServer((socket) => void sockets.push(socket))
  const sockets: Array<{ destroy: () => void }> = []
  server.on("close", () => sockets.forEach((socket) => socket.destroy()))
  const close = server.close.bind(server)
  server.close = (done) => (sockets.forEach((socket) => socket.destroy()), close(done))
  return server
}

const ports = Layer.effect(
  ProbedPorts,
  Effect.gen(function* () {
    return ProbedPorts.of({
      http: yield* listening(http),
      grpc: yield* listening(() => grpcServer({ "": 1, db: 1, queue: 2 })),
      silent: yield* listening(silent),
      closed: yield* closed
    })
  })
)

proberContract("the prober of this host", Layer.merge(Prober.layer, ports), { run: TestClock.withLive })

describe("HTTP probes", () => {
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, scheme: "HTTP" | "HTTPS" = "HTTP") => ({
    scheme,
    path: path.split("?", 1).join(),
    query: path.includes("?") ? Redacted.make(path.slice(path.indexOf("?") + 1)) : undefined,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value: Redacted.make(value) }))
  })
  const probe = (target: Target, request: ReturnType<typeof get>) =>
    Effect.flatMap(Prober, (prober) => prober.httpGet(target, request)).pipe(Effect.provide(Prober.layer))

  it.effect("send the kubelet's headers, unless others are declared, and the path as it is", () =>
    Effect.gen(function* () {
      const seen: Array<IncomingHttpHeaders & { readonly url: string }> = []
      const target = yield* listening(() =>
        createServer((request, response) => {
          seen.push({ ...request.headers, url: request.url ?? "" })
          response.end()
        })
      )
      yield* probe(target, get("/a b/ü?q=1&r=%20#part"))
      yield* probe(target, get("/", { Host: "app.example", "User-Agent": "mine", "X-Token": "t" }))
      assert.strictEqual(seen[0]?.url, "/a%20b/%C3%BC?q=1&r=%20")
      assert.match(seen[0]?.["user-agent"] ?? "", /^kube-probe\//)
      assert.strictEqual(seen[0]?.accept, "*/*")
      assert.strictEqual(seen[0]?.host, `127.0.0.1:${target.port}`)
      assert.deepInclude(seen[1], { host: "app.example", "user-agent": "mine", "x-token": "t" })
    })
  )

  it.effect(
    "follow redirects on the same host, nine times, with their headers, and take one to another host for success",
    () =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const target = yield* listening(() =>
          createServer((request, response) => {
            const { pathname, searchParams } = new URL(request.url ?? "/", "http://here")
            seen.push(`${pathname} ${request.headers["x-token"]}`)
            const left = Number(searchParams.get("left") ?? 0)
            const location =
              pathname === "/away"
                ? "http://elsewhere.invalid/"
                : pathname === "/nowhere"
                  ? "http://["
                  : left > 0
                    ? `?left=${left - 1}`
                    : undefined
            response.writeHead(location === undefined ? 204 : 307, location === undefined ? {} : { location }).end()
          })
        )
        assert.deepStrictEqual(yield* probe(target, get("/x?left=9", { "X-Token": "t" })), {
          isSuccess: true,
          detail: "HTTP 204",
          status: 204
        })
        assert.deepStrictEqual([...new Set(seen)], ["/x t"])
        assert.lengthOf(seen, 10)
        assert.isFalse((yield* probe(target, get("/x?left=10"))).isSuccess)
        assert.deepStrictEqual(yield* probe(target, get("/away")), { isSuccess: true, detail: "HTTP 307", status: 307 })
        assert.isFalse((yield* probe(target, get("/nowhere"))).isSuccess)
      })
  )

  it.effect("over HTTPS do not verify the certificate", () =>
    Effect.gen(function* () {
      const file = (name: string) => readFileSync(new URL(`../../fixtures/certificates/${name}`, import.meta.url))
      const target = yield* listening(() =>
        createTlsServer({ key: file("key.pem"), cert: file("untrusted.pem") }, (_, response) => void response.end())
      )
      assert.deepStrictEqual(yield* probe(target, get("/", {}, "HTTPS")), {
        isSuccess: true,
        detail: "HTTP 200",
        status: 200
      })
      assert.isFalse((yield* probe(target, get("/"))).isSuccess)
      const plain = yield* listening(http)
      assert.deepStrictEqual(yield* probe(plain, get("/ok", {}, "HTTPS")), {
        isSuccess: false,
        detail: "there is no TLS"
      })
    })
  )

  it.effect("do not wait for the end of a long body, and say what is no HTTP", () =>
    Effect.gen(function* () {
      const endless = yield* listening(() =>
        createServer((_, response) => {
          const write = () => {
            while (response.write("x".repeat(1024)));
            response.once("drain", write)
          }
          write()
        })
      )
      assert.deepStrictEqual(yield* probe(endless, get("/")), { isSuccess: true, detail: "HTTP 200", status: 200 })
      const other = yield* listening(() => createTcpServer((socket) => void socket.end("220 mail\r\n")))
      assert.deepStrictEqual(yield* probe(other, get("/")), { isSuccess: false, detail: "the answer is no HTTP" })
      const rude = yield* listening(() => createTcpServer((socket) => void socket.end()))
      const { isSuccess, detail } = yield* probe(rude, get("/"))
      assert.isFalse(isSuccess)
      assert.match(detail, /closed without an answer|reset/)
      assert.isFalse((yield* probe({ host: "no host", port: 80 }, get("/"))).isSuccess)
    })
  )
})
