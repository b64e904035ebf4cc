import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  formatImageReference,
  isGoogleHosted,
  parseImageReference,
  pullReference,
  suggestImageReference
} from "../../src/workload/ImageReference.ts"

const sha256 = `sha256:${"0123456789abcdef".repeat(4)}`

const parse = (text: string) => Result.getOrThrow(parseImageReference(text))

const isValid = (text: string) => Result.isSuccess(parseImageReference(text))

const isGoogle = (text: string) => isGoogleHosted(parse(text))

/** Parts of references, good and bad ones, to be put together in any order. */
const piece = Arbitrary.schema(
  Schema.Literals([
    ..."aAz09._-/:@[]% \n".split(""),
    ..."__ -- gcr.io .gcr.io pkg.dev docker.io index.docker.io localhost library nginx latest V1 [::1] evil".split(" "),
    sha256,
    "sha256:abc",
    "é",
    "x".repeat(130)
  ])
)
const anyText = Arbitrary.map(Arbitrary.array(piece, { maxLength: 8 }), (pieces) => pieces.join(""))

const component = Arbitrary.schema(Schema.Literals(["a", "nginx", "web-1", "a.b", "a_b", "a__b", "a---b", "0"]))
const validReference = Arbitrary.map(
  Arbitrary.all({
    domain: Arbitrary.schema(
      Schema.Literals([
        "",
        "gcr.io/",
        "localhost/",
        "LOCAL/",
        "host:5000/",
        "[::1]:80/",
        "docker.io/",
        "a.b-c.example/"
      ])
    ),
    path: Arbitrary.array(component, { minLength: 1, maxLength: 4 }),
    tag: Arbitrary.schema(Schema.Literals(["", ":1", ":latest", ":V1.2_3-4", `:${"t".repeat(128)}`])),
    digest: Arbitrary.schema(Schema.Literals(["", `@${sha256}`, `@sha512:${"0".repeat(128)}`]))
  }),
  ({ domain, path, tag, digest }) => domain + path.join("/") + tag + digest
)

describe("parseImageReference", () => {
  it("reads the parts", () => {
    const cases: ReadonlyArray<
      readonly [text: string, domain: string, path: string, tag?: string | undefined, digest?: string]
    > = [
      ["nginx", "docker.io", "library/nginx"],
      ["nginx:1.25", "docker.io", "library/nginx", "1.25"],
      ["team/app", "docker.io", "team/app"],
      ["docker.io/nginx", "docker.io", "library/nginx"],
      ["index.docker.io/nginx", "docker.io", "library/nginx"],
      ["docker.io/team/app:v1", "docker.io", "team/app", "v1"],
      ["localhost/app", "localhost", "app"],
      ["localhost:5000/app", "localhost:5000", "app"],
      ["LOCAL/app", "LOCAL", "app"],
      ["[2001:db8::1]:443/a/b", "[2001:db8::1]:443", "a/b"],
      ["gcr.io/p/i:t", "gcr.io", "p/i", "t"],
      [`gcr.io/p/i@${sha256}`, "gcr.io", "p/i", undefined, sha256],
      [`gcr.io/p/i:t@${sha256}`, "gcr.io", "p/i", "t", sha256]
    ]
    for (const [text, domain, path, tag, digest] of cases) {
      assert.deepEqual(parse(text), { text, domain, path, tag, digest })
    }
  })

  it("refuses what the engine refuses", () => {
    const refused = [
      "",
      " nginx",
      "nginx ",
      "a b",
      "https://gcr.io/a",
      "Nginx",
      "gcr.io/Acme/app",
      "a//b",
      "/a",
      "a/",
      "-a",
      "a-",
      "a..b",
      "a___b",
      "gcr.io/",
      "nginx:",
      "nginx:.1",
      `nginx:${"t".repeat(129)}`,
      "nginx@sha256:abc",
      `nginx@sha256:${"A".repeat(64)}`,
      `nginx@md5:${"a".repeat(32)}`,
      `nginx@${sha256}0`,
      `nginx@${sha256}:tag`,
      "f".repeat(64),
      "[fe80::1%eth0]/a",
      "a_b.c/d",
      "-host.io/a",
      "host:port/a",
      `gcr.io/${"a".repeat(249)}`,
      "é"
    ]
    assert.deepEqual(refused.filter(isValid), [])
    assert.isTrue(isValid(`gcr.io/${"a".repeat(248)}`))
    assert.isTrue(isValid(`${"f".repeat(63)}`))
  })

  it.prop("never throws, and what it takes means the same when it is spelt out", [anyText], ([text]) => {
    const parsed = parseImageReference(text)
    if (Result.isFailure(parsed)) return assert.isString(parsed.failure)
    const spelt = formatImageReference(parsed.success)
    assert.deepEqual({ ...parse(spelt), text }, parsed.success)
  })

  it.prop("takes every reference of the grammar", [validReference], ([text]) => {
    const reference = parse(text)
    assert.strictEqual(reference.text, text)
    assert.deepEqual({ ...parse(formatImageReference(reference)), text }, reference)
    assert.isTrue(isValid(pullReference(reference)))
  })
})

describe("pullReference", () => {
  it("names a tag or a digest, never both", () => {
    assert.strictEqual(pullReference(parse("nginx")), "docker.io/library/nginx:latest")
    assert.strictEqual(pullReference(parse("gcr.io/a/b:1")), "gcr.io/a/b:1")
    assert.strictEqual(pullReference(parse(`gcr.io/a/b:1@${sha256}`)), `gcr.io/a/b@${sha256}`)
  })
})

describe("isGoogleHosted", () => {
  it("is for Google's registries", () => {
    const hosts = ["gcr.io", "eu.gcr.io", "us-docker.pkg.dev", "europe-west1-docker.pkg.dev", "GCR.io", "gcr.io:443"]
    assert.deepEqual(
      hosts.filter((host) => !isGoogle(`${host}/project/image`)),
      []
    )
  })

  it("is not for anything that looks like them", () => {
    const others = [
      "evilgcr.io/a",
      "gcr.io.evil.com/a",
      "gcr.io-evil.com/a",
      "evil.com/gcr.io/a",
      "evil/gcr.io/a",
      "gcr.io",
      "gcr.io:443",
      "pkg.dev/a",
      "evilpkg.dev/a",
      "us-docker.pkg.dev.evil.com/a",
      "gcr.io:5000/a",
      "gcr.io:80/a",
      "gcr.io:4430/a",
      "localhost/gcr.io/a",
      "docker.io/gcr.io/a",
      "nginx"
    ]
    assert.deepEqual(others.filter(isGoogle), [])
    const refused = [
      `gcr.io@${sha256}/a`,
      "gcr.io@evil.com/a",
      "gcr.io:x@evil.com/a",
      "user@gcr.io/a",
      "gcr.io\\@evil/a",
      "gcr.io%2f/a",
      ".gcr.io/a"
    ]
    assert.deepEqual(refused.filter(isValid), [])
  })

  it.prop("only ever by the host that is asked", [anyText], ([text]) => {
    const parsed = parseImageReference(text)
    if (Result.isFailure(parsed) || !isGoogleHosted(parsed.success)) return
    const { hostname, port } = new URL(`https://${pullReference(parsed.success).replace(/@/, "%40")}`)
    assert.match(hostname, /(?:^|\.)gcr\.io$|\.pkg\.dev$/)
    assert.strictEqual(port, "")
  })
})

describe("suggestImageReference", () => {
  it("gives what was probably meant", () => {
    assert.deepEqual(
      [" nginx ", "https://gcr.io/a/b", "docker://Nginx:V1", "gcr.io/Acme/App:V1", "a//b", ""].map(
        suggestImageReference
      ),
      ["nginx", "gcr.io/a/b", "nginx:V1", "gcr.io/acme/app:V1", undefined, undefined]
    )
  })
})
