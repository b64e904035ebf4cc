import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { DockerErrorReason } from "../../../src/vm/engine/DockerError.ts"
import { engineFailure, registryFailure, startReasonIn } from "../../../src/vm/engine/EngineFailure.ts"
import { containerWords, imageWords, logWords, type Row, type Said } from "../../../src/vm/engine/EngineWords.ts"
import { withoutNames } from "../../../src/vm/engine/withoutNames.ts"

/**
 * What was said: by the engines named, provoked against a registry that answers as Docker Hub, Artifact Registry, GitHub's
 * and Harbor do, and by others, as their users report it. Hosts, digests and directories are made the same everywhere.
 */
interface Quoted {
  readonly by: ReadonlyArray<string>
  readonly reason: string
  readonly of: "image" | "container"
  readonly image?: string
  readonly status: number
  readonly words: string
  readonly directory?: string
}

const quotes = readFileSync("test/fixtures/engine-words.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Quoted)

const reasonOf = ({ status, words, image }: Pick<Quoted, "status" | "words" | "image">) =>
  engineFailure("an operation", "unix:///x", { statusCode: status, code: undefined, message: words }, image).reason

describe("what engines and registries say", () => {
  for (const reason of new Set(quotes.map(({ reason }) => reason))) {
    it(`is judged by what it means: ${reason}`, () => {
      for (const quote of quotes.filter((quote) => quote.reason === reason)) {
        assert.strictEqual(reasonOf(quote)._tag, reason, `${quote.by.join()}: ${quote.words}`)
      }
    })
  }

  it("comes from every engine", () => {
    for (const engine of ["Docker 20.10", "Docker 26.1", "Docker 28.5", "Podman 5.8"]) {
      assert.isAbove(quotes.filter(({ by }) => by.includes(engine)).length, 60, engine)
    }
    for (const engine of ["Docker 26.1, containerd", "Docker 28.5, containerd"]) {
      assert.isAbove(quotes.filter(({ by }) => by.includes(engine)).length, 60, engine)
    }
  })

  /** The rows that decide none of these words. */
  const idle = <S extends Said>(rows: ReadonlyArray<Row<S>>, said: ReadonlyArray<string>) =>
    rows.filter((row) => !said.some((words) => rows.find(({ words: pattern }) => pattern.test(words)) === row))

  it("reaches every row of the table", () => {
    const of = (kind: Quoted["of"]) =>
      quotes.filter((quote) => quote.of === kind).map(({ words, image }) => withoutNames(words, image))
    assert.deepStrictEqual(idle(imageWords, of("image")), [])
    assert.deepStrictEqual(idle(containerWords, of("container")), [])
  })

  const traps = [
    ["denied", "forbidden-fruit", "unauthorized", "not-found", "toomanyrequests", "rate-limit", "manifest-unknown"],
    ["x509", "eof", "tls", "connection-refused", "no-space-left-on-device", "quota", "schema", "unknown", "blob"]
  ].flat()

  it("is judged without the names in it", () => {
    for (const [index, first] of traps.entries()) {
      const second = traps[(index + 5) % traps.length]
      const tag = traps[(index + 9) % traps.length]
      for (const quote of quotes) {
        const { image } = quote
        if (image?.endsWith("/shop/web:1") !== true) continue
        const named = (text: string) =>
          text.replaceAll("shop/web:1", `${first}/${second}:${tag}`).replaceAll("shop/web", `${first}/${second}`)
        const words = named(quote.words)
        assert.strictEqual(reasonOf({ ...quote, words, image: named(image) })._tag, quote.reason, words)
      }
    }
  })

  it("is judged without a name of one word, as Docker Hub's are", () => {
    for (const name of traps) {
      const image = `docker.io/library/${name}:1`
      for (const [words, reason] of [
        [`manifest for ${name}:1 not found: manifest unknown: manifest unknown`, "ImageNotFound"],
        [
          `pull access denied for ${name}, repository does not exist or may require 'docker login'`,
          "ImageAccessDenied"
        ],
        [`Head "https://registry-1.docker.io/v2/library/${name}/manifests/1": EOF`, "TransferBroken"],
        [`failed to resolve reference "${image}": ${image}: not found`, "ImageNotFound"]
      ] as const) {
        assert.strictEqual(registryFailure("pull", image, words).reason._tag, reason, words)
      }
    }
  })

  it("names the directory that is full, where the words do", () => {
    const told = quotes.filter(({ reason }) => reason === "NoSpace" || reason === "EngineDiskFailed")
    assert.isTrue(told.some(({ directory }) => directory !== undefined))
    for (const quote of told) {
      const reason = reasonOf(quote)
      assert.strictEqual("directory" in reason ? reason.directory : undefined, quote.directory, quote.words)
    }
    const words =
      "failed to copy: write /mnt/fast/containerd/io.containerd.content.v1.content/ingest/1/data: no space left on device"
    const { message } = registryFailure("pull web:1", "docker.io/library/web:1", words)
    assert.match(message, /^pull web:1: the engine's disk is full at \/mnt\/fast\/containerd: write /)
  })

  it("tells the VM's time where a certificate is not valid by it", () => {
    const told = quotes.filter(({ reason }) => reason === "CertificateOutOfDate")
    for (const { words, image = "" } of told) {
      const { message, advice = "" } = registryFailure("pull", image, words)
      assert.include(message, "is not valid by this VM's clock, 2026-11-26T13:00:20Z: ")
      assert.include(advice, "timedatectl")
    }
  })

  it("never fails to be judged, and not by how long it is", () => {
    for (const words of ["", "\n", "x".repeat(1_000_000), `${'"'.repeat(50_000)}denied`, "a: ".repeat(100_000)]) {
      for (const image of [undefined, "registry.example/shop/web:1"]) {
        const { detail } = reasonOf({ status: 500, words, ...(image === undefined ? {} : { image }) })
        assert.isAtMost(detail.length, 601)
      }
    }
    // The cause is at the end of what is too long to be shown.
    const long = `failed to extract layer ${"very ".repeat(200)}long: archive/tar: invalid tar header`
    const { _tag, detail } = reasonOf({ status: 200, words: long, image: "registry.example/shop/web:1" })
    assert.strictEqual(_tag, "ImageUnusable")
    assert.match(detail, /^failed to extract layer .* … .*: archive\/tar: invalid tar header$/)
  })
})

describe("a reason", () => {
  /** Whether it is tried again, and whether the image that the engine holds may be started instead. */
  const verdicts: Readonly<Record<string, readonly [retried: boolean, passing: boolean, origin: string]>> = {
    EngineUnreachable: [true, true, "engine"],
    EngineAccessDenied: [false, false, "host"],
    AnswerLost: [true, true, "engine"],
    RequestRefused: [false, false, "declaration"],
    NotFound: [false, false, "engine"],
    Conflict: [false, false, "engine"],
    EngineFailed: [true, true, "engine"],
    NoSpace: [false, true, "disk"],
    EngineDiskFailed: [false, true, "disk"],
    LogUnreadable: [false, false, "declaration"],
    AnswerInvalid: [false, false, "engine"],
    ImageNotFound: [false, false, "declaration"],
    ImageAccessDenied: [false, false, "registry"],
    RateLimited: [true, true, "registry"],
    RegistryFailed: [true, true, "registry"],
    RegistryRefused: [false, false, "registry"],
    LayerMissing: [true, true, "registry"],
    RegistryUnreachable: [true, true, "network"],
    TransferBroken: [true, true, "network"],
    CertificateUntrusted: [false, true, "registry"],
    CertificateOutOfDate: [true, true, "clock"],
    RegistryWithoutTls: [false, true, "registry"],
    TlsRefused: [false, true, "registry"],
    ProxyFailed: [true, true, "proxy"],
    ProxyRefused: [false, true, "proxy"],
    PlatformMissing: [false, false, "image"],
    ImageUnusable: [false, false, "image"],
    CommandNotFound: [false, false, "declaration"],
    CommandNotExecutable: [false, false, "image"],
    ExecutableForeign: [false, false, "image"],
    UserUnknown: [false, false, "image"],
    DeviceMissing: [false, false, "host"],
    PortTaken: [false, false, "host"],
    MountRefused: [false, false, "declaration"],
    ImagePartMissing: [false, false, "declaration"],
    RightsMissing: [false, false, "host"]
  }

  it("says whether it passes, whether what the engine holds may be used, and whose it is", () => {
    assert.deepStrictEqual(
      DockerErrorReason.members.map(({ identifier }) => identifier).toSorted(),
      Object.keys(verdicts).toSorted()
    )
    for (const quote of quotes) {
      const { image } = quote
      const error = engineFailure(
        "an operation",
        "unix:///x",
        { statusCode: quote.status, code: undefined, message: quote.words },
        image
      )
      assert.deepStrictEqual([error.isRetryable, error.isPassing, error.origin], verdicts[quote.reason]!, quote.reason)
    }
  })

  const adviceFor = (image: string, words: string) => registryFailure("pull", image, words).advice ?? ""
  const google = "us-docker.pkg.dev/p/r/web:1"
  const hub = "docker.io/library/web:1"

  it("speaks of IAM for Google's registries alone, and not where a rate is limited", () => {
    assert.include(adviceFor(google, "denied: Permission denied"), "Artifact Registry Reader")
    assert.notInclude(adviceFor(hub, "denied: requested access to the resource is denied"), "Artifact Registry Reader")
    const limited = "denied: you have exceeded pull rate limit"
    for (const image of [google, hub]) assert.notInclude(adviceFor(image, limited), "role")
    assert.include(adviceFor(hub, limited), "mirror")
    assert.include(adviceFor(google, limited), "quota")
    assert.notInclude(adviceFor(google, 'Get "https://us-docker.pkg.dev/v2/": Proxy Authentication Required'), "role")
  })

  it("is said once", () => {
    for (const [words, message] of [
      [
        "manifest for web:1 not found: manifest unknown: manifest unknown",
        "manifest for web:1 not found: manifest unknown"
      ],
      ["denied: denied", "denied"],
      ["error from registry: denied\ndenied", "denied"],
      [
        "unauthorized: unauthorized to access repository: library/x, action: pull: unauthorized to access repository: library/x, action: pull",
        "unauthorized: unauthorized to access repository: library/x, action: pull"
      ],
      [`failed to resolve reference "${hub}": ${hub}: not found`, "not found"]
    ] as const) {
      assert.strictEqual(registryFailure(`pull ${hub}`, hub, words).message, `pull ${hub}: ${message}`)
    }
    const start = reasonOf({
      status: 400,
      words:
        'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app": stat /app: no such file or directory: unknown'
    })
    assert.strictEqual(start.detail, 'exec: "/app": stat /app: no such file or directory')
  })
})

describe("a container's log", () => {
  it("tells why its program was not run, where it holds nothing else", () => {
    for (const [lines, reason] of [
      [["exec /bin/app: exec format error"], "ExecutableForeign"],
      [["standard_init_linux.go:228: exec user process caused: exec format error"], "ExecutableForeign"],
      [['standard_init_linux.go:190: exec user process caused "exec format error"'], "ExecutableForeign"],
      [["exec /entrypoint.sh: no such file or directory"], "CommandNotFound"],
      [["exec /data/app: permission denied"], "CommandNotExecutable"],
      // Once for each start.
      [Array.from({ length: 4 }, () => "exec /bin/app: exec format error"), "ExecutableForeign"]
    ] as const) {
      assert.strictEqual(startReasonIn("web", lines)?._tag, reason, lines[0])
    }
    for (const lines of [[], ["starting", "exec /bin/app: exec format error"], ["cannot exec format error: no"]]) {
      assert.isUndefined(startReasonIn("web", lines))
    }
    assert.lengthOf(logWords, 3)
  })
})
