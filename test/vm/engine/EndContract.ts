import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import { hooksText } from "../../../src/vm/engine/hooksLabel.ts"
import type { Hooks } from "../../../src/workload/Lifecycle.ts"
import { created, type DockerHost, found } from "./DockerContract.ts"
import { type EngineRun, engineTest } from "./engineTest.ts"

const secret = "h00k-s3cr3t"
const hooks: Hooks = {
  postStart: { _tag: "Exec", command: Redacted.make(["/bin/sh", "-c", `echo ${secret}`]) },
  preStop: {
    _tag: "HttpGet",
    scheme: "HTTP",
    host: undefined,
    port: 8080,
    path: "/drain",
    query: Redacted.make(`token=${secret}`),
    headers: [{ name: "X-Token", value: Redacted.make(secret) }]
  }
}

/** What an engine keeps of a container's end, on whichever engine. */
export const endContract = (name: string, layer: Layer.Layer<DockerHost, unknown>, options: EngineRun) =>
  describe(name, () => {
    const test = engineTest(layer, options)

    test(
      "stop signal, grace period and hooks are told as they were declared, and the hooks' secrets stay hidden",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { id } = yield* created("runs", { stopSignal: "SIGQUIT", stopTimeout: 25, hooks })
        const inspection = yield* found(id)
        const { config, labels } = inspection
        assert.strictEqual(config.stopSignal, "SIGQUIT")
        assert.strictEqual(config.stopTimeout, 25)
        assert.strictEqual(hooksText(config.hooks ?? {}), hooksText(hooks))
        const { postStart, preStop } = config.hooks ?? {}
        assert.isTrue(postStart?._tag === "Exec" && Redacted.value(postStart.command)[2] === `echo ${secret}`)
        assert.isTrue(preStop?._tag === "HttpGet" && Redacted.value(preStop.headers[0]!.value) === secret)
        // An image may bring labels of its own.
        assert.strictEqual(labels["contract.label"], "of ours")
        assert.notProperty(labels, "slipway.hooks")
        const listed = (yield* docker.listContainers).find((container) => container.id === id)
        assert.strictEqual(listed?.labels["contract.label"], "of ours")
        assert.notProperty(listed?.labels, "slipway.hooks")
        assert.notInclude(JSON.stringify([inspection, listed]), secret)
      })
    )

    test(
      "a container without them has neither",
      Effect.gen(function* () {
        const { config } = yield* found((yield* created("runs")).id)
        assert.isUndefined(config.stopTimeout)
        assert.isUndefined(config.hooks)
      })
    )
  })
