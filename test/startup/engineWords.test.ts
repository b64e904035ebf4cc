import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { renderError } from "../../src/cli/output/renderError.ts"
import type { EngineSays } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { describeStep } from "../../src/plan/describe.ts"
import { describeFailure } from "../../src/progress/Progress.ts"
import type { Action } from "../../src/plan/Step.ts"
import { app, boot, declare, other, refused, running, started, test } from "./SimulatedBoot.ts"

const url = 'Get "https://registry.example/v2/": '
const x509 = `${url}tls: failed to verify certificate: x509: `

/** Whoever is asked for the image says this, for the digest and for the pull. */
const sayOfImages = (says: string) => {
  const fault: EngineSays = { says }
  return ({ name }: { readonly name: string }) => (/^docker (resolve digest|pull)$/.test(name) ? fault : undefined)
}

/** The VM has booted before, and boots again while its images' registry says this. */
const bootedWhile = Effect.fnUntraced(function* (says: string) {
  const vm = yield* SimulatedVm
  yield* started(declare())
  yield* vm.reboot
  vm.setFaults(sayOfImages(says))
  const since = vm.transcript.length
  const result = yield* Effect.result(boot(declare()))
  const pulls = vm.transcript.slice(since).filter(({ name }) => name === "docker pull").length
  return { result, pulls }
})

describe("what a registry says of an image", () => {
  /** The registry's word, or the image's fault: what the engine holds is not started in its place. */
  for (const [words, reason] of [
    ["denied: requested access to the resource is denied", "ImageAccessDenied"],
    ["manifest unknown: manifest unknown", "ImageNotFound"],
    ["no matching manifest for linux/amd64 in the manifest list entries", "PlatformMissing"],
    ["failed to register layer: archive/tar: invalid tar header", "ImageUnusable"],
    ["unsupported media type application/vnd.cncf.helm.config.v1+json", "ImageUnusable"]
  ] as const) {
    test(`is final where it is a no: ${reason}, ${words}`, {}, () =>
      Effect.gen(function* () {
        const { result, pulls } = yield* bootedWhile(words)
        if (result._tag !== "Failure") return assert.fail("it came up")
        const { failure } = result
        assert.strictEqual(failure._tag === "DockerError" ? failure.reason._tag : failure._tag, reason)
        assert.strictEqual(pulls, 1)
      })
    )
  }

  /** The registry was not asked at all: trying again does not help, and nothing is said against the image. */
  for (const words of [
    `${x509}certificate signed by unknown authority`,
    `${url}http: server gave HTTP response to HTTPS client`,
    `${url}Proxy Authentication Required`,
    "write /var/lib/docker/tmp/GetImageBlob1: no space left on device",
    "error creating temporary lease: write /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db: read-only file system"
  ]) {
    test(`is not asked for again, and what is there is started: ${words}`, {}, () =>
      Effect.gen(function* () {
        const { result, pulls } = yield* bootedWhile(words)
        if (result._tag !== "Success" || result.success._tag !== "Running") return assert.fail("it did not come up")
        assert.strictEqual(pulls, 1)
        assert.match(result.success.degraded.join(), /cached registry\.example\/app:1/)
        assert.deepStrictEqual(yield* running, [result.success.containers[0].name])
      })
    )
  }

  for (const words of [
    "denied: you have exceeded pull rate limit, please authenticate",
    "toomanyrequests: Quota exceeded for quota metric 'Requests per project per region'",
    `${x509}certificate has expired or is not yet valid: current time 1970-01-01T00:00:20Z is before 2026-01-01T00:00:00Z`,
    `${url}dial tcp: lookup registry.example on 169.254.169.254:53: no such host`,
    "failed to copy: httpReadSeeker: failed open: could not fetch content descriptor sha256:1 (application/vnd.oci.image.layer.v1.tar+gzip) from remote: not found",
    `${url}proxyconnect tcp: dial tcp 192.0.2.7:3128: connect: connection refused`
  ]) {
    test(`is asked for again where it may pass, then what is there is started: ${words}`, {}, () =>
      Effect.gen(function* () {
        const { result, pulls } = yield* bootedWhile(words)
        if (result._tag !== "Success" || result.success._tag !== "Running") return assert.fail("it did not come up")
        assert.strictEqual(pulls, 5)
        assert.match(result.success.degraded.join(), /cached registry\.example\/app:1/)
      })
    )
  }

  test("an image for another processor is refused, and what runs runs on", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare())
      vm.publish({ ...other, platform: "linux/arm64" })
      const failure = yield* refused(declare({ image: other.reference }))
      assert.match(
        renderError(failure),
        /^pull registry\.example\/app\S*: the image is not built for this machine: no matching manifest for linux\/amd64/
      )
      assert.include(renderError(failure), "buildx build --platform")
      assert.deepStrictEqual(yield* running, [before.name])
    })
  )

  test("a full disk is named, with what is free there", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(
        sayOfImages(
          "failed to copy: write /var/lib/containerd/io.containerd.content.v1.content/ingest/1/data: no space left on device"
        )
      )
      const failure = yield* refused(declare())
      assert.include(failure.message, "the engine's disk is full at /var/lib/containerd: write ")
      const asked = vm.transcript.filter(({ name }) => name === "run stat").map(({ subject }) => subject)
      assert.isTrue(asked.some((subject) => subject.includes("/var/lib/containerd")))
    })
  )
})

describe("what an engine says of a container", () => {
  const absent = declare({ image: "registry.example/tools:1", command: ["/bin/serve"] })
  const tools = { images: [app, { reference: "registry.example/tools:1", programs: ["/bin/sh"] }] }

  test("a command that is not there: said, with what to do, and what ran runs again", tools, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare())
      const since = vm.transcript.length
      const failure = yield* refused(absent)
      if (failure._tag !== "ContainerFailed") return assert.fail(failure._tag)
      assert.strictEqual(failure.reason?._tag, "CommandNotFound")
      assert.include(
        failure.message,
        'could not be started: there is no such program in the image: exec: "/bin/serve": executable file not found'
      )
      assert.include(renderError(failure), "`command` replaces the image's entrypoint")
      const starts = vm.transcript.slice(since).filter(({ name }) => name === "docker start")
      // The new one once, and the old one.
      assert.lengthOf(starts, 2)
      assert.deepStrictEqual(yield* running, [before.name])
    })
  )

  test("the same by Podman, whose answer is a 500 and its exit code 0", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) =>
        name === "docker start"
          ? {
              says: 'runc: runc create failed: unable to start container process: error during container init: exec: "/app": stat /app: no such file or directory: OCI runtime attempted to invoke a command that was not found'
            }
          : undefined
      )
      const failure = yield* refused(declare())
      assert.strictEqual(failure._tag === "ContainerFailed" ? failure.reason?._tag : failure._tag, "CommandNotFound")
      assert.lengthOf(
        vm.transcript.filter(({ name }) => name === "docker start"),
        1
      )
    })
  )

  const foreign = {
    reference: "registry.example/arm:1",
    behaviour: { _tag: "Exits", afterMillis: 20, exitCode: 255, log: ["exec /bin/app: exec format error"] }
  } as const
  test("a program for another processor, which only its log tells", { images: [foreign] }, () =>
    Effect.gen(function* () {
      const failure = yield* refused(declare({ image: foreign.reference }))
      if (failure._tag !== "ContainerFailed") return assert.fail(failure._tag)
      assert.strictEqual(failure.reason?._tag, "ExecutableForeign")
      assert.include(renderError(failure), "Build the image for this machine")
    })
  )
})

describe("a step that failed", () => {
  test("is named once", {}, () =>
    Effect.gen(function* () {
      const failure = yield* refused(declare({ image: "registry.example/missing:1" }))
      assert.strictEqual(failure.message.match(/manifest unknown/g)?.length, 1)
      const pull = { _tag: "Pull", image: { text: "nginx:1", domain: "docker.io", path: "library/nginx", tag: "1" } }
      const create = { _tag: "Create", spec: { name: "klt-web-abcd" } }
      for (const [action, message, told] of [
        [pull, "pull docker.io/library/nginx:1: denied", "pull docker.io/library/nginx:1: denied"],
        [create, "create container klt-web-abcd: bad\nmore", "create container klt-web-abcd: bad"],
        [create, "the program is missing", "create klt-web-abcd: the program is missing"]
      ] as const) {
        assert.strictEqual(
          describeFailure(
            describeStep({ id: "", subject: "", action: action as unknown as Action, cause: "", needs: [] }),
            message
          ),
          told
        )
      }
    })
  )
})
