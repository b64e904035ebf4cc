import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { atDigest, parseImageReference } from "../../../src/workload/ImageReference.ts"
import type { RegistryCredentials } from "../../../src/workload/RegistryCredentials.ts"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import type { DockerError } from "../../../src/vm/engine/DockerError.ts"

const image = Result.getOrThrow(parseImageReference("gcr.io/p/app:1"))
const none = Option.none<RegistryCredentials>()
const secret = "s3cr3t"

/** An engine that answers as told, on a socket of its own, and the client that speaks to it. */
const withEngine = <A, E>(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  body: (client: DockerClient["Service"], requests: ReadonlyArray<IncomingMessage>) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "slipway-fake-"))),
      (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
    )
    const requests: Array<IncomingMessage> = []
    const path = join(directory, "docker.sock")
    const server = createServer((request, response) => {
      requests.push(request)
      answer(request, response)
    })
    yield* Effect.acquireRelease(
      Effect.promise(() => new Promise<void>((resolve) => server.listen(path, resolve))),
      () =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    return yield* Effect.flatMap(DockerClient, (client) => body(client, requests)).pipe(
      Effect.provide(DockerClient.layer({ _tag: "Socket", path }))
    )
  })

const reasonOf = <A>(call: Effect.Effect<A, DockerError>) =>
  Effect.map(Effect.flip(call), (error) => {
    assert.notInclude(JSON.stringify(error), secret)
    return error.reason
  })

const lines = (...values: ReadonlyArray<object>) => values.map((value) => `${JSON.stringify(value)}\n`).join("")

/** containerd's, of a registry that said no. */
const wordless = 'failed to resolve reference "x": unexpected status from HEAD request to https://x/v2/: 403 Forbidden'

describe("DockerClient", () => {
  it.effect("nobody at the socket", () =>
    Effect.gen(function* () {
      const client = yield* DockerClient
      const reason = yield* reasonOf(client.ping)
      assert.strictEqual(reason._tag, "EngineUnreachable")
      assert.include(reason.detail, "unix:///nowhere/docker.sock")
    }).pipe(Effect.provide(DockerClient.layer({ _tag: "Socket", path: "/nowhere/docker.sock" })))
  )

  for (const [server, product] of [
    ["Docker/20.10.24+dfsg1 (linux)", { name: "Docker", version: "20.10.24+dfsg1" }],
    ["Libpod/5.8.6 (linux)", { name: "Podman", version: "5.8.6" }],
    ["nginx", { name: "Docker", version: undefined }],
    [undefined, { name: "Docker", version: undefined }]
  ] as const) {
    it.effect(`says which engine it is that calls itself ${server ?? "nothing"}`, () =>
      withEngine(
        (_, response) => void response.writeHead(200, server === undefined ? {} : { server }).end("OK"),
        (client) => Effect.map(client.ping, (found) => assert.deepStrictEqual(found, product))
      )
    )
  }

  it.effect("is pinged over a connection of its own, as an engine that goes down serves those that it has", () =>
    withEngine(
      (_, response) => void response.end("[]"),
      (client, requests) =>
        Effect.gen(function* () {
          for (const call of [client.listContainers, client.listContainers, client.ping]) yield* call
          const [first, second, ping] = requests.map(({ socket }) => socket)
          assert.strictEqual(first, second)
          assert.notStrictEqual(ping, second)
        })
    )
  )

  it.effect("a connection that is cut is an answer lost", () =>
    withEngine(
      (request) => void request.socket.destroy(),
      (client) => Effect.map(reasonOf(client.ping), ({ _tag }) => assert.strictEqual(_tag, "AnswerLost"))
    )
  )

  it.effect("an answer that is not the engine's is said to be none", () =>
    withEngine(
      (_, response) => void response.end(JSON.stringify({ html: secret })),
      (client) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* reasonOf(client.listContainers))._tag, "AnswerInvalid")
          assert.strictEqual((yield* reasonOf(client.inspectContainer("x")))._tag, "AnswerInvalid")
          assert.strictEqual((yield* reasonOf(client.resolveDigest(image, none)))._tag, "AnswerInvalid")
        })
    )
  )

  it.effect("credentials go into their header, and nowhere without any", () =>
    withEngine(
      (_, response) => void response.writeHead(500).end(JSON.stringify({ message: "unauthorized" })),
      (client, requests) =>
        Effect.gen(function* () {
          const shown = Option.some({ username: "shop", password: Redacted.make(secret) })
          yield* reasonOf(client.resolveDigest(image, shown))
          yield* reasonOf(Stream.runDrain(client.pull(image, shown)))
          for (const request of requests) {
            const header = Buffer.from(String(request.headers["x-registry-auth"]), "base64url").toString()
            assert.deepStrictEqual(JSON.parse(header), {
              username: "shop",
              password: secret,
              serveraddress: image.domain
            })
            assert.notInclude(request.url, secret)
          }
          yield* reasonOf(client.resolveDigest(image, none))
          assert.isUndefined(requests.at(-1)?.headers["x-registry-auth"])
          // Docker Hub has a name of its own there.
          const hub = Result.getOrThrow(parseImageReference("shop/app"))
          yield* reasonOf(client.resolveDigest(hub, shown))
          const header = Buffer.from(String(requests.at(-1)?.headers["x-registry-auth"]), "base64url").toString()
          assert.strictEqual(JSON.parse(header).serveraddress, "https://index.docker.io/v1/")
        })
    )
  )

  it.effect("an error inside of a pull is an error of the pull", () =>
    withEngine(
      (_, response) =>
        void response.end(lines({ status: "Pulling from p/app", id: "1" }, { error: "manifest unknown" })),
      (client) =>
        Effect.map(reasonOf(Stream.runDrain(client.pull(image, none))), ({ _tag }) =>
          assert.strictEqual(_tag, "ImageNotFound")
        )
    )
  )

  it.effect("a refusal of which only the status is quoted is asked about again, for the registry's words", () =>
    withEngine(
      (request, response) =>
        request.method === "POST"
          ? void response.writeHead(500).end(JSON.stringify({ message: wordless }))
          : void response
              .writeHead(403)
              .end(JSON.stringify({ message: "denied: you have exceeded pull rate limit, please authenticate" })),
      (client, requests) =>
        Effect.gen(function* () {
          const reason = yield* reasonOf(Stream.runDrain(client.pull(image, none)))
          assert.strictEqual(reason._tag, "RateLimited")
          assert.match(reason.operation, /^pull /)
          assert.lengthOf(requests, 2)
        })
    )
  )

  it.effect("a refusal about which no more can be learnt stays what it was", () =>
    withEngine(
      (request, response) =>
        void response
          .writeHead(request.method === "POST" ? 500 : 404)
          .end(JSON.stringify({ message: request.method === "POST" ? wordless : "Not Found" })),
      (client) =>
        Effect.map(reasonOf(Stream.runDrain(client.pull(image, none))), ({ _tag }) =>
          assert.strictEqual(_tag, "ImageAccessDenied")
        )
    )
  )

  it.effect("an engine that lacks the question for a digest says so in its router's words", () =>
    Effect.forEach(["page not found", "404 page not found", "Not Found"], (message) =>
      withEngine(
        (_, response) => void response.writeHead(404).end(JSON.stringify({ message })),
        (client) =>
          Effect.map(client.resolveDigest(image, none), (digest) => assert.isTrue(Option.isNone(digest), message))
      )
    )
  )

  it.effect("a pull that ends without the engine's last word has been cut off", () =>
    withEngine(
      (_, response) => void response.end(lines({ status: "Downloading", id: "a" })),
      (client) =>
        Effect.map(reasonOf(Stream.runDrain(client.pull(image, none))), ({ _tag }) =>
          assert.strictEqual(_tag, "AnswerLost")
        )
    )
  )

  it.effect(
    "a pull that ends without it is believed where the image is there that its last line names, as Podman's does",
    () =>
      Effect.gen(function* () {
        const id = "2e32cc2860c2"
        const podman = lines(
          { status: "Pulling fs layer", progressDetail: {}, id: "58b7f05089b0" },
          { status: "Download complete", progressDetail: {}, id: "58b7f05089b0" },
          { status: "Download complete", progressDetail: {}, id }
        )
        const pulling = (heldId: string | undefined, tried = image) =>
          withEngine(
            (request, response) => {
              if (request.method === "POST") return void response.end(podman)
              const held = JSON.stringify({ Id: `sha256:${heldId}`, RepoDigests: [], Size: 1 })
              return void response.writeHead(heldId === undefined ? 404 : 200).end(held)
            },
            (client) => Effect.result(Stream.runDrain(client.pull(tried, none)))
          )
        assert.isTrue(Result.isSuccess(yield* pulling(`${id}${"0".repeat(52)}`)))
        // An older image under the tag is no proof, but under a digest there is no older one.
        assert.isTrue(Result.isFailure(yield* pulling("0".repeat(64))))
        assert.isTrue(Result.isFailure(yield* pulling(undefined)))
        const pinned = atDigest(image, `sha256:${"a".repeat(64)}`)
        assert.isTrue(Result.isSuccess(yield* pulling("0".repeat(64), pinned)))
        assert.isTrue(Result.isFailure(yield* pulling(undefined, pinned)))
      })
  )

  it.effect("an engine that cannot ask a registry is told from a registry that does not have the image", () =>
    Effect.gen(function* () {
      const asking = (statusCode: number, body: string) =>
        withEngine(
          (_, response) => void response.writeHead(statusCode, { "content-type": "text/plain" }).end(body),
          (client) => Effect.result(client.resolveDigest(image, none))
        )
      for (const words of ["Not Found\n", "404 page not found\n", JSON.stringify({ message: "page not found" })]) {
        assert.deepStrictEqual(yield* asking(404, words), Result.succeed(Option.none()), words)
      }
      const missing = yield* asking(404, JSON.stringify({ message: "manifest unknown: gcr.io/p/app:1 not found" }))
      assert.isTrue(Result.isFailure(missing) && missing.failure.reason._tag === "ImageNotFound")
    })
  )

  it.effect("an image with other names is not asked to be removed, in whatever words an engine would refuse it", () =>
    Effect.gen(function* () {
      const digest = `sha256:${"a".repeat(64)}`
      const removing = (names: object) =>
        withEngine(
          (request, response) => void response.end(request.method === "GET" ? JSON.stringify(names) : "[]"),
          (client, requests) =>
            Effect.map(client.removeImage("sha256:x"), (outcome) =>
              [outcome, ...requests.map(({ method }) => method)].join(" ")
            )
        )
      const [gone, stays] = ["removed GET DELETE", "in use GET"]
      assert.strictEqual(yield* removing({ RepoTags: ["r/app:1"], RepoDigests: [`r/app@${digest}`] }), gone)
      assert.strictEqual(yield* removing({ RepoTags: null, RepoDigests: null }), gone)
      // As engine 28.5 lists it.
      const listed = { RepoTags: ["r:5000/app:1", `r:5000/app@${digest}`], RepoDigests: [`r:5000/app@${digest}`] }
      assert.strictEqual(yield* removing(listed), gone)
      assert.strictEqual(yield* removing({ RepoTags: ["r/app:1", "r/app:2"], RepoDigests: [] }), stays)
      assert.strictEqual(yield* removing({ RepoTags: ["r/app:1"], RepoDigests: [`s/app@${digest}`] }), stays)
      assert.strictEqual(yield* removing({ RepoTags: [], RepoDigests: [`r/a@${digest}`, `r/b@${digest}`] }), stays)
    })
  )

  it.effect("a pull in pieces, cut within a character, is read whole", () =>
    withEngine(
      (_, response) => {
        const bytes = Buffer.from(lines({ status: "Grüße", id: "a" }, { status: "Status: Downloaded" }))
        response.write(bytes.subarray(0, 14))
        response.write(bytes.subarray(14, 15))
        response.end(bytes.subarray(15))
      },
      (client) =>
        Effect.map(Stream.runCollect(client.pull(image, none)), ([first]) =>
          assert.strictEqual(first?._tag === "Layer" ? first.status : "", "Grüße")
        )
    )
  )

  it.effect("only the tag or the digest that is meant is pulled", () =>
    withEngine(
      (_, response) => void response.end(lines({ status: "Status: Downloaded" })),
      (client, requests) =>
        Effect.gen(function* () {
          const digest = `sha256:${"a".repeat(64)}`
          for (const [text, name, tag] of [
            ["nginx", "docker.io/library/nginx", "latest"],
            ["localhost:5000/app:2", "localhost:5000/app", "2"],
            [`gcr.io/p/app:1@${digest}`, "gcr.io/p/app", digest]
          ] as const) {
            yield* Stream.runDrain(client.pull(Result.getOrThrow(parseImageReference(text)), none))
            const { searchParams } = new URL(requests.at(-1)?.url ?? "", "http://engine")
            assert.deepStrictEqual([searchParams.get("fromImage"), searchParams.get("tag")], [name, tag])
          }
        })
    )
  )

  it.effect("an archive is sent as it is, with each change", () => {
    const bodies: Array<Buffer> = []
    const archive = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
    return withEngine(
      (request, response) => {
        const chunks: Array<Buffer> = []
        request
          .on("data", (chunk) => chunks.push(chunk))
          .on("end", () => {
            bodies.push(Buffer.concat(chunks))
            response.end(lines({ status: "sha256:abc" }))
          })
      },
      (client, requests) =>
        Effect.gen(function* () {
          yield* client.importImage(archive, image, ['ENTRYPOINT ["/a b"]', "CMD []"])
          const { pathname, searchParams } = new URL(requests[0]?.url ?? "", "http://engine")
          assert.deepStrictEqual([requests[0]?.method, pathname], ["POST", "/images/create"])
          assert.deepStrictEqual(
            ["fromSrc", "repo", "tag"].map((name) => searchParams.get(name)),
            ["-", "gcr.io/p/app", "1"]
          )
          assert.deepStrictEqual(searchParams.getAll("changes"), ['ENTRYPOINT ["/a b"]', "CMD []"])
          assert.strictEqual(requests[0]?.headers["content-type"], "application/tar")
          assert.isTrue(bodies[0]?.equals(archive))
        })
    )
  })

  it.effect("an error inside of an import is an error of the import", () =>
    Effect.gen(function* () {
      const importing = (line: object) =>
        withEngine(
          (request, response) => void request.resume().on("end", () => response.end(lines(line))),
          (client) => reasonOf(client.importImage(new Uint8Array(512), image, []))
        )
      const full = "Error processing tar file(exit status 1): write /pause: no space left on device"
      assert.strictEqual((yield* importing({ error: full, errorDetail: { message: full } }))._tag, "NoSpace")
      assert.strictEqual((yield* importing({ error: "unexpected EOF" }))._tag, "EngineFailed")
    })
  )

  it.effect("networks are asked for by their label, and one that is in use stays, in whatever words", () =>
    Effect.gen(function* () {
      const removing = (statusCode: number, message = "") =>
        withEngine(
          (_, response) => void response.writeHead(statusCode).end(message === "" ? "" : JSON.stringify({ message })),
          (client) => client.removeNetwork("n")
        )
      assert.strictEqual(yield* removing(204), "removed")
      assert.strictEqual(yield* removing(404, "network n not found"), "absent")
      const inUse = "error while removing network: network n id 1 has active endpoints"
      assert.strictEqual(yield* removing(403, inUse), "in use")
      yield* withEngine(
        (_, response) => void response.end(JSON.stringify([{ Id: "1", Name: "n", Labels: null }])),
        (client, requests) =>
          Effect.gen(function* () {
            assert.deepStrictEqual(yield* client.listNetworks("slipway.network"), [{ id: "1", name: "n", labels: {} }])
            const { searchParams } = new URL(requests[0]?.url ?? "", "http://engine")
            assert.deepStrictEqual(JSON.parse(searchParams.get("filters") ?? ""), { label: ["slipway.network"] })
          })
      )
    })
  )

  it.effect("giving a call up closes its connection", () =>
    Effect.gen(function* () {
      let asked: () => void
      let closed: () => void
      const isAsked = new Promise<void>((resolve) => (asked = resolve))
      const isClosed = new Promise<void>((resolve) => (closed = resolve))
      yield* withEngine(
        (request) => {
          request.socket.on("close", () => closed())
          asked()
        },
        (client) =>
          Effect.gen(function* () {
            const call = yield* Effect.forkChild(client.stopContainer("x", Duration.seconds(1)))
            yield* Effect.promise(() => isAsked)
            yield* Fiber.interrupt(call)
            yield* Effect.promise(() => isClosed)
          })
      )
    })
  )
})
