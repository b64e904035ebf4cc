import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { MetadataProvider } from "../../../src/vm/metadata/MetadataProvider.ts"

const secret = "hunter2"
const flavor = { "Metadata-Flavor": "Google" }
const base = "http://metadata.google.internal/computeMetadata/v1/instance"
const own = `${base}/attributes/slipway-declaration`
const konlets = `${base}/attributes/gce-container-declaration`
const keys = `${base}/attributes/`
const disks = `${base}/disks/?recursive=true`
const token = `${base}/service-accounts/default/token`

type Answers = Readonly<Record<string, () => Response>>

const answer =
  (body: string | Uint8Array<ArrayBuffer>, status = 200, headers: Readonly<Record<string, string>> = flavor) =>
  () =>
    new Response(body, { status, headers })
const json = (value: unknown) => answer(JSON.stringify(value))
const absent = answer("<!DOCTYPE html>", 404)

/** A server that has these answers, and takes no request for anything else. */
const withServer = (answers: Answers) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const client = HttpClient.make((request, url) =>
    Effect.suspend(() => {
      requests.push(request)
      const found = answers[url.href]
      return found === undefined
        ? Effect.die(new Error(`unscripted request: ${url.href}`))
        : Effect.succeed(HttpClientResponse.fromWeb(request, found()))
    })
  )
  const layer = MetadataProvider.layer().pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))),
    Layer.orDie
  )
  return { requests, layer }
}

type Metadata = MetadataProvider["Service"]

/** What is read of a server that has these answers. */
const reading = <A, E>(read: (metadata: Metadata) => Effect.Effect<A, E>, answers: Answers): Effect.Effect<A, E> =>
  Effect.flatMap(MetadataProvider, read).pipe(Effect.provide(withServer(answers).layer))

const declaration = (metadata: Metadata) => metadata.declaration
const attached = (metadata: Metadata) => metadata.disks
const account = (metadata: Metadata) => metadata.token

describe("MetadataProvider.declaration", () => {
  it.effect("is our key's, byte for byte, and the predecessor's is not asked for", () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 0x73, 0x00, 0x0a)
    const { layer, requests } = withServer({ [own]: answer(bytes) })
    return Effect.gen(function* () {
      const metadata = yield* MetadataProvider
      const found = yield* metadata.declaration
      assert.deepStrictEqual(found, Option.some({ file: "metadata:slipway-declaration", text: bytes }))
      assert.strictEqual(requests.length, 1)
      assert.strictEqual(requests[0]?.headers["metadata-flavor"], "Google")
      assert.isUndefined(requests[0]?.headers["traceparent"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is the predecessor's where ours is not set, empty or not; none where neither is", () =>
    Effect.gen(function* () {
      const found = yield* reading(declaration, { [own]: absent, [konlets]: answer("spec:") })
      assert.deepStrictEqual(
        found,
        Option.some({
          file: "metadata:gce-container-declaration",
          text: new TextEncoder().encode("spec:"),
          dialect: "konlet" as const
        })
      )
      const empty = yield* reading(declaration, { [own]: absent, [konlets]: answer("") })
      assert.deepStrictEqual(Option.getOrThrow(empty).text, new Uint8Array())
      assert.deepStrictEqual(yield* reading(declaration, { [own]: absent, [konlets]: absent }), Option.none())
    })
  )

  it.effect.each([
    ["a portal's page", answer(secret, 200, {})],
    ["a portal's 404", answer(secret, 404, {})],
    ["another flavor", answer(secret, 200, { "Metadata-Flavor": "google " + secret })],
    ["too much", answer(new Uint8Array(1024 * 1024 + 1))]
  ] as const)("%s is not the metadata server's", ([, hostile]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(reading(declaration, { [own]: hostile }))
      assert.strictEqual(error.reason._tag, "MetadataInvalid")
      assert.isFalse(error.isRetryable)
      assert.notInclude(JSON.stringify(error) + error.message, secret)
    })
  )

  it.effect.each([
    [301, false],
    [403, false],
    [429, true],
    [500, true],
    [503, true]
  ] as const)("status %s", ([status, isRetryable]) =>
    Effect.gen(function* () {
      const headers = { Location: `http://${secret}/` }
      const error = yield* Effect.flip(reading(declaration, { [own]: answer(secret, status, headers) }))
      assert.strictEqual(error.reason._tag, "MetadataRefused")
      assert.strictEqual(error.isRetryable, isRetryable)
      assert.notInclude(JSON.stringify(error) + error.message, secret)
    })
  )
})

describe("MetadataProvider.declaration under both keys", () => {
  it.effect("an empty one of ours gives way to one of the predecessor's that is not, which is said", () =>
    Effect.gen(function* () {
      const found = Option.getOrThrow(
        yield* reading(declaration, { [own]: answer("# x\n"), [konlets]: answer("spec:") })
      )
      assert.deepInclude(found, { file: "metadata:gce-container-declaration", dialect: "konlet" })
      assert.match(found.notice ?? "", /"slipway-declaration" is empty/)
      for (const other of [absent, answer(""), answer("\n---\n")]) {
        const empty = Option.getOrThrow(yield* reading(declaration, { [own]: answer("# x\n"), [konlets]: other }))
        assert.strictEqual(empty.file, "metadata:slipway-declaration")
        assert.isUndefined(empty.notice)
      }
    })
  )
})

describe("MetadataProvider.keys", () => {
  const names = (metadata: Metadata) => metadata.keys

  it.effect("are the lines of the list", () =>
    Effect.gen(function* () {
      const listed = yield* reading(names, { [keys]: answer("user-data\ngce_container_declaration\n") })
      assert.deepStrictEqual(listed, ["user-data", "gce_container_declaration"])
    })
  )

  it.effect("are none where a server that stands in for Google's does not list them", () =>
    Effect.gen(function* () {
      for (const other of [absent, answer(secret, 400), answer(secret, 403), answer(secret, 200, {})]) {
        assert.deepStrictEqual(yield* reading(names, { [keys]: other }), [])
      }
      assert.isTrue((yield* Effect.flip(reading(names, { [keys]: answer(secret, 503) }))).isRetryable)
    })
  )
})

describe("MetadataProvider.disks", () => {
  it.effect("reads what it documents, and passes over the rest", () =>
    Effect.gen(function* () {
      const listed = [
        { deviceName: "boot", index: 0, interface: "SCSI", mode: "READ_WRITE", type: "PERSISTENT" },
        { deviceName: "data", index: 1, interface: "NVME", mode: "READ_ONLY", type: "PERSISTENT" }
      ]
      assert.deepStrictEqual(yield* reading(attached, { [disks]: json(listed) }), [
        { deviceName: "boot", mode: "READ_WRITE" },
        { deviceName: "data", mode: "READ_ONLY" }
      ])
    })
  )

  it.effect.each([
    [{ deviceName: secret, mode: "READ_SOMETIMES" }],
    [{ deviceName: 7, mode: secret }],
    { deviceName: secret, mode: "READ_ONLY" },
    [secret],
    null
  ])("refuses any other shape without quoting it", (value) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(reading(attached, { [disks]: json(value) }))
      assert.strictEqual(error.reason._tag, "MetadataInvalid")
      assert.notInclude(JSON.stringify(error) + error.message, secret)
    })
  )

  it.effect.prop(
    "takes any answer without a defect",
    [Schema.String, Schema.Json],
    ([garbage, value]) =>
      Effect.gen(function* () {
        for (const text of [garbage, JSON.stringify(value), `[${JSON.stringify(value)}]`]) {
          const read = yield* Effect.result(reading(attached, { [disks]: answer(text) }))
          const asToken = yield* Effect.result(reading(account, { [token]: answer(text) }))
          assert.isDefined(read)
          assert.isDefined(asToken)
        }
      }),
    { arbitrary: { seed: 19, runs: 60 } }
  )
})

describe("MetadataProvider.token", () => {
  it.effect("is redacted; none where the VM has no service account", () =>
    Effect.gen(function* () {
      const body = { access_token: secret, expires_in: 3599, token_type: "Bearer" }
      const found = Option.getOrThrow(yield* reading(account, { [token]: json(body) }))
      assert.strictEqual(Redacted.value(found), secret)
      assert.notInclude(JSON.stringify(found) + String(found), secret)
      assert.deepStrictEqual(yield* reading(account, { [token]: absent }), Option.none())
    })
  )

  it.effect.each([{ token: secret }, { access_token: "" }, { access_token: [secret] }, secret])(
    "refuses any other shape without quoting it",
    (body) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(reading(account, { [token]: json(body) }))
        assert.strictEqual(error.reason._tag, "MetadataInvalid")
        assert.notInclude(JSON.stringify(error) + error.message, secret)
      })
  )
})

describe("MetadataProvider.instanceName and address", () => {
  const root = "http://metadata.google.internal/computeMetadata/v1/instance/"
  const [name, address] = [`${root}name`, `${root}network-interfaces/0/ip`]

  it.effect("are what the server says, none where a stand-in for Google's server has none", () =>
    Effect.gen(function* () {
      const both = (metadata: Metadata) => Effect.all([metadata.instanceName, metadata.address])
      const found = yield* reading(both, { [name]: answer("vm-1\n"), [address]: answer("10.128.0.2") })
      assert.deepStrictEqual(found, [Option.some("vm-1"), Option.some("10.128.0.2")])
      const none = yield* reading(both, { [name]: absent, [address]: absent })
      assert.deepStrictEqual(none, [Option.none(), Option.none()])
    })
  )

  it.effect.each(["", "a b", `<html>${secret}</html>`, "a\nb"])("are nothing else, which is not quoted: %j", (text) =>
    Effect.gen(function* () {
      for (const read of [(metadata: Metadata) => metadata.instanceName, (metadata: Metadata) => metadata.address]) {
        const error = yield* Effect.flip(reading(read, { [name]: answer(text), [address]: answer(text) }))
        assert.strictEqual(error.reason._tag, "MetadataInvalid")
        assert.notInclude(JSON.stringify(error) + error.message, secret)
      }
    })
  )
})

describe("MetadataProvider.project", () => {
  const project = "http://metadata.google.internal/computeMetadata/v1/project/project-id"
  const id = (metadata: Metadata) => metadata.project

  it.effect("is the VM's project's id; none where a stand-in for Google's server has none", () =>
    Effect.gen(function* () {
      for (const text of ["shop-prod-42", "example.com:shop", "123456789012"]) {
        assert.deepStrictEqual(yield* reading(id, { [project]: answer(text) }), Option.some(text))
      }
      assert.deepStrictEqual(yield* reading(id, { [project]: absent }), Option.none())
    })
  )

  it.effect.each(["", "../x", "a/b", "Shop", "shop?alt=media", `<html>${secret}</html>`])("cannot be %s", (text) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(reading(id, { [project]: answer(text) }))
      assert.strictEqual(error.reason._tag, "MetadataInvalid")
      assert.notInclude(JSON.stringify(error) + error.message, secret)
    })
  )
})

/** The URL that is asked for the token. */
const asked = (env: Readonly<Record<string, string>>, host?: string) => {
  const urls: Array<string> = []
  const client = HttpClient.make((request, url) => {
    urls.push(url.href)
    return Effect.succeed(HttpClientResponse.fromWeb(request, absent()))
  })
  return Effect.flatMap(MetadataProvider, account).pipe(
    Effect.provide(
      MetadataProvider.layer(host).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
        Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))
      )
    ),
    Effect.as(urls)
  )
}

describe("the metadata server's address", () => {
  const path = "/computeMetadata/v1/instance/service-accounts/default/token"

  it.effect("is the parameter, else the setting, else Google's", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* asked({}), [`http://metadata.google.internal${path}`])
      assert.deepStrictEqual(yield* asked({ GCE_METADATA_HOST: "" }), [`http://metadata.google.internal${path}`])
      assert.deepStrictEqual(yield* asked({ GCE_METADATA_HOST: "127.0.0.1:81" }), [`http://127.0.0.1:81${path}`])
      assert.deepStrictEqual(yield* asked({ GCE_METADATA_HOST: "a" }, "[fd20::1]:81"), [`http://[fd20::1]:81${path}`])
    })
  )

  it.effect("is quoted on one line, however long it is", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(asked({ GCE_METADATA_HOST: `a\n${"b".repeat(100_000)}` }))
      assert.match(message, /^"a b+…" is not the address/)
      assert.isBelow(message.length, 1000)
    })
  )

  it.effect.each(["http://host", "host/path", "user@host", "host:port", "a b", "host?x", "host#x"])(
    "cannot be %s",
    (host) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(asked({ GCE_METADATA_HOST: host }))
        assert.strictEqual(error._tag, "MetadataHostInvalid")
      })
  )
})

describe("MetadataProvider.declarationAfter", () => {
  const watch = (tag: string) => `${keys}?recursive=true&wait_for_change=true&timeout_sec=60&last_etag=${tag}`
  const after = (tag: Option.Option<string>) => (metadata: Metadata) => metadata.declarationAfter(tag)
  const tagged = (value: unknown) => answer(JSON.stringify(value), 200, { ...flavor, ETag: "f00d" })

  it.effect("is at once what the keys hold, and what names their state", () =>
    Effect.gen(function* () {
      const both = { "gce-container-declaration": "konlet's", "slipway-declaration": "ours", other: "value" }
      assert.deepStrictEqual(yield* reading(after(Option.none()), { [watch("0")]: tagged(both) }), {
        declaration: Option.some({ file: "metadata:slipway-declaration", text: "ours" }),
        tag: Option.some("f00d")
      })
      assert.deepStrictEqual(yield* reading(after(Option.none()), { [watch("0")]: json({}) }), {
        declaration: Option.none(),
        tag: Option.none()
      })
    })
  )

  it.effect("asks for another state than the one that is known", () =>
    Effect.gen(function* () {
      const konlets = { "gce-container-declaration": "konlet's" }
      const found = yield* reading(after(Option.some("a/b&c")), { [watch("a%2Fb%26c")]: tagged(konlets) })
      assert.strictEqual(Option.getOrThrow(found.declaration).dialect, "konlet")
    })
  )

  it.effect("takes nothing for an empty list of keys that is not one", () =>
    Effect.gen(function* () {
      for (const broken of [absent, answer("not JSON"), json(["slipway-declaration"])]) {
        const error = yield* Effect.flip(reading(after(Option.none()), { [watch("0")]: broken }))
        assert.strictEqual(error.reason._tag, "MetadataInvalid")
        assert.isFalse(error.isRetryable)
      }
    })
  )
})

describe("MetadataProvider.preemptionAfter", () => {
  const watch = (tag: string) => `${base}/preempted?wait_for_change=true&timeout_sec=60&last_etag=${tag}`
  const after = (tag: Option.Option<string>) => (metadata: Metadata) => metadata.preemptionAfter(tag)

  it.effect("says whether the VM is taken back, and what names that state", () =>
    Effect.gen(function* () {
      const tagged = (text: string) => answer(text, 200, { ...flavor, ETag: "f00d" })
      assert.deepStrictEqual(yield* reading(after(Option.none()), { [watch("0")]: tagged("FALSE") }), {
        isPreempted: false,
        tag: Option.some("f00d")
      })
      assert.isTrue((yield* reading(after(Option.some("f00d")), { [watch("f00d")]: tagged("TRUE\n") })).isPreempted)
    })
  )

  it.effect("takes a server that knows nothing of it for one whose VMs are not taken back", () =>
    Effect.gen(function* () {
      assert.isFalse((yield* reading(after(Option.none()), { [watch("0")]: absent })).isPreempted)
      const key = `${base}/scheduling/preemptible`
      for (const [said, isPreemptible] of [
        [answer("TRUE", 200, flavor), true],
        [answer("FALSE", 200, flavor), false],
        [absent, false]
      ] as const) {
        assert.strictEqual(
          yield* reading((metadata: Metadata) => metadata.isPreemptible, { [key]: said }),
          isPreemptible
        )
      }
      const error = yield* Effect.flip(
        reading((metadata: Metadata) => metadata.isPreemptible, { [key]: answer("perhaps", 200, flavor) })
      )
      assert.strictEqual(error.reason._tag, "MetadataInvalid")
    })
  )
})

describe("a guest attribute", () => {
  const attribute = `${base}/guest-attributes/slipway/status`
  const write = (metadata: Metadata) => metadata.setGuestAttribute("status", "what runs")

  it.effect("is put, with the header that the server wants", () =>
    Effect.gen(function* () {
      const { requests, layer } = withServer({ [attribute]: answer("") })
      assert.isTrue(yield* Effect.flatMap(MetadataProvider, write).pipe(Effect.provide(layer)))
      const [request, ...others] = requests
      assert.deepStrictEqual(others, [])
      assert.strictEqual(request?.method, "PUT")
      assert.strictEqual(request?.headers["metadata-flavor"], "Google")
      assert.strictEqual(
        request?.body._tag === "Uint8Array" && new TextDecoder().decode(request.body.body),
        "what runs"
      )
    })
  )

  it.effect.each([403, 404])("is not enabled where the server answers %d", (status) =>
    Effect.gen(function* () {
      assert.isFalse(yield* reading(write, { [attribute]: answer("no", status) }))
    })
  )

  it.effect("is not written where the server fails, or is another", () =>
    Effect.gen(function* () {
      const busy = yield* Effect.flip(reading(write, { [attribute]: answer("", 503) }))
      assert.isTrue(busy.isRetryable)
      const other = yield* Effect.flip(reading(write, { [attribute]: answer("", 200, {}) }))
      assert.strictEqual(other.reason._tag, "MetadataInvalid")
    })
  )
})
