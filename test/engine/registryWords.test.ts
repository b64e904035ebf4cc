import { mkdtempSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { afterAll, beforeAll, inject } from "vitest"
import { parseImageReference } from "../../src/workload/ImageReference.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { type Engine, startEngine } from "./engineProcess.ts"
import { type StandInRegistry, startStandInRegistry } from "./StandInRegistry.ts"

const none = Option.none()

describe.skipIf(inject("bench") === undefined)("what this engine says", () => {
  let engine: Engine
  let registry: StandInRegistry
  beforeAll(async () => {
    registry = await startStandInRegistry()
    const { proxy } = registry
    engine = await startEngine(mkdtempSync("/tmp/slipway-words-"), {
      HTTP_PROXY: proxy,
      HTTPS_PROXY: proxy,
      NO_PROXY: "127.0.0.1"
    })
  }, 60_000)
  afterAll(async () => {
    await engine.stop()
    registry.stop()
  }, 60_000)

  /** By repository of the stand-in, or by a whole name. */
  const cases: ReadonlyArray<readonly [image: string, reason: string, what: string]> = [
    ["limited", "RateLimited", "a limit that is called denied"],
    ["too-many", "RateLimited", "too many requests"],
    ["closed", "ImageAccessDenied", "no access"],
    ["missing", "ImageNotFound", "no such image"],
    ["failing", "RegistryFailed", "a registry that fails"],
    ["foreign", "PlatformMissing", "an image for another machine"],
    ["old", "ImageUnusable", "an image of schema 1"],
    ["damaged", "ImageUnusable", "a layer that is no archive"],
    ["partial", "LayerMissing", "a layer that is missing"],
    ["untrusted.example/web", "CertificateUntrusted", "a certificate of nobody's"],
    ["expired.example/web", "CertificateOutOfDate", "a certificate that has expired"],
    ["future.example/web", "CertificateOutOfDate", "a certificate that is not yet valid"],
    ["plain.example/web", "RegistryWithoutTls", "plain http"],
    ["closed-proxy.example/web", "ProxyRefused", "a proxy that wants a password"],
    ["broken-proxy.example/web", "ProxyFailed", "a proxy that fails"],
    ["127.0.0.1:1/forbidden-fruit/denied", "RegistryUnreachable", "a registry that is down, by a name that misleads"]
  ]
  for (const [name, reason, what] of cases) {
    it.effect(
      `is taken for what it means: ${what}`,
      () =>
        Effect.gen(function* () {
          const docker = yield* DockerClient
          const text = `${name.includes("/") ? name : `${registry.address}/${name}`}:1`
          const image = Result.getOrThrow(parseImageReference(text))
          const failure = yield* Effect.flip(Stream.runDrain(docker.pull(image, none)))
          assert.strictEqual(failure.reason._tag, reason, failure.message)
          assert.isDefined(failure.advice)
          // The tag is there, or the engine cannot ask: nothing to be said of. Otherwise it is the same.
          const asked = yield* Effect.result(docker.resolveDigest(image, none))
          if (Result.isFailure(asked)) assert.strictEqual(asked.failure.reason._tag, reason, asked.failure.message)
        }).pipe(Effect.provide(DockerClient.layer({ _tag: "Socket", path: engine.socketPath })), TestClock.withLive),
      300_000
    )
  }
})
