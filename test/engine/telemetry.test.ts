import { createServer } from "node:http"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { attributesOf, makeCollector } from "../cli/telemetry/Collector.ts"
import { slipway } from "./executable.ts"
import { declareWeb } from "./LivingAgent.ts"
import { listening } from "./registryProcess.ts"
import { layerVm, onClearVm, Vm } from "./Vm.ts"

const secret = "s3cr3t-v4lue"
const key = "slipway-declaration"

const declare = (container: Record<string, unknown> = {}): string =>
  declareWeb({ env: [{ name: "PASSWORD", value: secret }], ...container })

/** A collector that takes every request and answers none. */
const silentCollector = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = createServer(() => {})
    return { server, endpoint: `http://127.0.0.1:${await listening(server)}` }
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

/** An agent that is ended by SIGTERM once it has said this. */
const agentUntil = (words: RegExp, env: Readonly<Record<string, string>>) => {
  let isEnded = false
  return slipway(["agent"], { SLIPWAY_LOG_FORMAT: "plain", ...env }, (stderr, kill) => {
    if (isEnded || !words.test(stderr)) return
    isEnded = true
    kill("SIGTERM")
  })
}

describe.skipIf(inject("bench") === undefined)("what an executable tells others", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a collector: a trace and the metrics of a run; the VM's guest attributes: its status", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const collector = yield* makeCollector
        vm.metadata.attributes[key] = declare()
        vm.metadata.guestAttributes = {}
        const env = {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
          OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${secret}`,
          OTEL_SERVICE_NAME: "shop"
        }
        const up = yield* slipway(["up"], env)
        assert.strictEqual(up.exitCode, 0, up.stderr)
        assert.notInclude(up.stderr, "telemetry")
        assert.deepStrictEqual(collector.problems, [])
        const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined)
        assert.deepStrictEqual(
          roots.map(({ name }) => name),
          ["slipway.startup"]
        )
        assert.strictEqual(attributesOf(roots[0]!.attributes)["slipway.result"], "done")
        const steps = collector.spans.filter(({ name }) => name === "slipway.step")
        assert.isNotEmpty(steps)
        assert.isTrue(collector.spans.some(({ name }) => name === "slipway.DockerClient.call"))
        assert.deepStrictEqual(collector.counted("slipway.runs"), { done: 1 })
        assert.strictEqual(collector.metrics.get("slipway.time_to_running")?.histogram?.dataPoints[0]?.count, 1)

        const told = JSON.parse(vm.metadata.guestAttributes["status"] ?? "{}")
        assert.strictEqual(told.verdict, "as declared")
        assert.strictEqual(told.running[0].status, "running")
        assert.match(told.running[0].image, /app:1$/)

        vm.metadata.attributes[key] = declare({ command: ["/bin/sh", "-c", `echo no $PASSWORD; exit 3`] })
        const agent = yield* agentUntil(/The next try is in/, env)
        assert.strictEqual(agent.exitCode, 143, agent.stderr)
        assert.strictEqual(collector.counted("slipway.failures")["ContainerFailed"], 1)
        const after = JSON.parse(vm.metadata.guestAttributes["status"] ?? "{}")
        assert.strictEqual(after.verdict, "not as declared")
        assert.match(after.why[0], /exit code 3/)

        const outside = [...collector.requests.map(({ body }) => body), JSON.stringify(vm.metadata.guestAttributes)]
        for (const text of outside) assert.notInclude(text, secret)
        vm.metadata.guestAttributes = undefined
      }).pipe(Effect.scoped))

    test("a collector that never answers is in nobody's way", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const { endpoint } = yield* silentCollector
        vm.metadata.attributes[key] = declare()
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
        const up = yield* slipway(["up"], env)
        assert.strictEqual(up.exitCode, 0, up.stderr)
        const agent = yield* agentUntil(/was as declared: running/, env)
        assert.strictEqual(agent.exitCode, 143, agent.stderr)
        assert.include(agent.stderr, "the VM has no guest attributes")
      }).pipe(Effect.scoped))
  })
})
