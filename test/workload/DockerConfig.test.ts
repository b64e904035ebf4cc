import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { credentialsFor, parseDockerConfig } from "../../src/workload/DockerConfig.ts"
import { parseImageReference } from "../../src/workload/ImageReference.ts"

const base64 = (text: string) => Buffer.from(text).toString("base64")
const image = (text: string) => Result.getOrThrow(parseImageReference(text))
const parse = (auths: unknown) => parseDockerConfig(JSON.stringify({ auths }), "dockerconfigjson")

/** The users that are tried for an image, in order, of a configuration with one of its own for each place. */
const triedFor = (reference: string, places: ReadonlyArray<string>) =>
  credentialsFor(
    Result.getOrThrow(parse(Object.fromEntries(places.map((place) => [place, { username: place, password: "p" }])))),
    image(reference)
  ).map(({ username }) => username)

describe("parseDockerConfig", () => {
  const only = (config: ReturnType<typeof parse>) => {
    const [entry] = Result.getOrThrow(config)
    return { ...entry?.credentials, password: Redacted.value(entry!.credentials.password), place: entry?.place }
  }

  it("reads user and password of auth, which goes before the others; a password may have colons", () => {
    const shop = { username: "shop", password: "pa:ss=wörd", place: "registry.example" }
    const auth = base64("shop:pa:ss=wörd")
    assert.deepStrictEqual(only(parse({ "registry.example": { auth } })), shop)
    assert.deepStrictEqual(only(parse({ "registry.example": { auth: auth.replace(/=+$/, "") } })), shop)
    assert.deepStrictEqual(only(parse({ "registry.example": { auth, username: "x", password: "y" } })), shop)
    const { username, password } = shop
    assert.deepStrictEqual(only(parse({ "registry.example": { username, password, auth: "", email: "a@b" } })), shop)
    const old = JSON.stringify({ "https://registry.example": { auth } })
    assert.deepStrictEqual(only(parseDockerConfig(old, "dockercfg")), shop)
  })

  it.each([
    ["https://index.docker.io/v1/", "index.docker.io"],
    ["http://registry.example:5000/v2/", "registry.example:5000"],
    ["registry.example/", "registry.example"],
    ["https://registry.example/v2/team/app", "registry.example/team/app"],
    ["registry.example/v1", "registry.example/v1"],
    ["*.example", "*.example"]
  ])("takes %s for %s", (location, place) => {
    assert.strictEqual(only(parse({ [location]: { username: "u", password: "p" } })).place, place)
  })

  const secret = "hunter2"
  it.each([
    ["no JSON", secret, /is not JSON/],
    ["no auths", JSON.stringify({ [secret]: {} }), /no mapping "auths"/],
    ["auths that are a list", JSON.stringify({ auths: [secret] }), /no mapping "auths"/],
    ["an entry that is a text", JSON.stringify({ auths: { host: secret } }), /needs "auth"/],
    ["a password that is a number", JSON.stringify({ auths: { host: { password: 1 } } }), /needs "auth"/],
    ["an auth that is no base64", JSON.stringify({ auths: { host: { auth: `${secret}!` } } }), /not the base64 of/],
    ["an auth without a colon", JSON.stringify({ auths: { host: { auth: base64(secret) } } }), /not the base64 of/]
  ] as const)("refuses %s without quoting it", (_, text, says) => {
    const failure = Result.getOrThrow(Result.flip(parseDockerConfig(text, "dockerconfigjson")))
    assert.match(failure, says)
    assert.notInclude(failure, secret)
  })

  it.prop(
    "takes anything without throwing, and so does the choice of credentials",
    [Schema.Json, Schema.String],
    ([json, text]) => {
      for (const given of [JSON.stringify(json), text, JSON.stringify({ auths: { [text]: { username: "u" } } })]) {
        const config = Result.getOrElse(parseDockerConfig(given, "dockerconfigjson"), () => [])
        assert.isArray(credentialsFor(config, image("registry.example/app")))
      }
    },
    { arbitrary: { seed: 5, runs: 100 } }
  )
})

describe("credentialsFor", () => {
  it("are those of the registry, the most specific first", () => {
    const places = ["registry.example", "registry.example/team", "registry.example/team/app", "other.example"]
    assert.deepStrictEqual(triedFor("registry.example/team/app:1", places), [
      "registry.example/team/app",
      "registry.example/team",
      "registry.example"
    ])
    assert.deepStrictEqual(triedFor("registry.example/else", places), ["registry.example"])
    assert.deepStrictEqual(triedFor("else.example/team/app", places), [])
    assert.deepStrictEqual(triedFor("registry.example:5000/team/app", places), [])
    assert.deepStrictEqual(triedFor("registry.example:5000/app", ["registry.example:5000", "registry.example:443"]), [
      "registry.example:5000"
    ])
  })

  it("are Docker Hub's under each of its names", () => {
    for (const reference of ["nginx", "shop/app:1", "docker.io/shop/app", "index.docker.io/shop/app"]) {
      assert.deepStrictEqual(triedFor(reference, ["https://index.docker.io/v1/", "quay.io"]), [
        "https://index.docker.io/v1/"
      ])
      assert.deepStrictEqual(triedFor(reference, ["docker.io"]), ["docker.io"])
    }
    assert.deepStrictEqual(triedFor("quay.io/nginx", ["https://index.docker.io/v1/"]), [])
    // What names the image's own registry goes before the default's.
    assert.deepStrictEqual(triedFor("shop/app", ["docker.io/shop", "index.docker.io"]), ["docker.io/shop"])
  })

  it("may have wildcards in a host's labels, which do not reach over a dot", () => {
    assert.deepStrictEqual(triedFor("eu.gcr.example/app", ["*.gcr.example"]), ["*.gcr.example"])
    assert.deepStrictEqual(triedFor("a.eu.gcr.example/app", ["*.gcr.example"]), [])
    assert.deepStrictEqual(triedFor("gcr.example/app", ["*.gcr.example"]), [])
    assert.deepStrictEqual(triedFor("my-eu-hub.example/app", ["my-*-hub.example", "my-*-web.example", "*.example"]), [
      "my-*-hub.example",
      "*.example"
    ])
    assert.deepStrictEqual(triedFor(`${"a".repeat(60)}.example/app`, [`${"*a".repeat(60)}b.example`]), [])
  })
})
