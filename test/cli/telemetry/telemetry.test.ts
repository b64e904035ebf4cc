import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import { agent } from "../../../src/agent/agent.ts"
import { exportTelemetry } from "../../../src/cli/telemetry/exportTelemetry.ts"
import type { TelemetrySettings } from "../../../src/cli/telemetry/telemetrySettings.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../../src/startup/Settings.ts"
import { startup } from "../../../src/startup/startup.ts"
import { app, dead, declare, other, secret, token } from "../../startup/SimulatedBoot.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declared, images, secret as declaredSecret } from "../declared.ts"
import { attributesOf, makeCollector, type Span } from "./Collector.ts"

const credential = "Bearer c0llector-t0ken"

const settingsFor = (endpoint: string): TelemetrySettings => ({
  endpoint: new URL(`${endpoint}/`),
  headers: Redacted.make({ "x-api-key": credential }),
  serviceName: "slipway",
  attributes: { "deployment.environment": "test" }
})
const source = { hostName: "vm", version: "1.2.3" }

/** Metrics of this test alone. */
const freshMetrics = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => Effect.provideService(effect, Metric.MetricRegistry, new Map()))

/** A run that is told: in virtual time, to a real collector. */
const told = <A, E>(run: Effect.Effect<A, E, SimulatedVm | Layer.Success<ReturnType<typeof SimulatedVm.layer>>>) =>
  Effect.gen(function* () {
    const collector = yield* makeCollector
    const simulated = run.pipe(Effect.provide(SimulatedVm.layer({ images: [app, other, dead], token })), (effect) =>
      Effect.suspend(() => runInVirtualTime(effect))
    )
    yield* exportTelemetry(simulated, settingsFor(collector.endpoint), source).pipe(
      Effect.provide(NodeHttpClient.layerNodeHttp)
    )
    assert.deepStrictEqual(collector.problems, [])
    for (const { body } of collector.requests) {
      for (const hidden of [secret, declaredSecret, token, credential]) assert.notInclude(body, hidden)
    }
    return collector
  }).pipe(freshMetrics)

const rootsOf = (spans: ReadonlyArray<Span>) => spans.filter(({ parentSpanId }) => parentSpanId === undefined)

const setDeclaration = (text: string) => Effect.map(SimulatedVm, (vm) => vm.setDeclaration(text))

describe("telemetry of a simulated run", () => {
  it.live("is one trace, whose spans are within each other, and the metrics of it", () =>
    Effect.gen(function* () {
      const { spans, counted, metrics, resources, requests } = yield* told(
        Effect.andThen(setDeclaration(declare()), startup(defaultSettings))
      )
      const [root, ...others] = rootsOf(spans)
      assert.deepStrictEqual(others, [])
      assert.isDefined(root)
      assert.strictEqual(root.name, "slipway.startup")
      assert.strictEqual(root.status.code, 1)
      assert.deepStrictEqual(attributesOf(root.attributes)["slipway.result"], "done")
      const byId = new Map(spans.map((span) => [span.spanId, span]))
      for (const span of spans) {
        assert.strictEqual(span.traceId, root.traceId)
        assert.match(span.name, /^slipway\.[A-Za-z.]+$/)
        for (const { key } of span.attributes) assert.match(key, /^(slipway|effect)\./)
        assert.deepStrictEqual(span.events, [])
        if (span.parentSpanId !== undefined) assert.isTrue(byId.has(span.parentSpanId), span.name)
        assert.isTrue(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano))
      }
      const steps = spans
        .filter(({ name }) => name === "slipway.step")
        .map(({ attributes }) => attributesOf(attributes))
      assert.include(
        steps.map((step) => step["slipway.step"]),
        `pull ${app.reference}`
      )
      for (const step of steps) assert.isString(step["slipway.cause"])

      assert.deepStrictEqual(counted("slipway.runs"), { done: 1 })
      assert.deepStrictEqual(counted("slipway.failures"), {})
      const running = metrics.get("slipway.time_to_running")
      assert.isDefined(running)
      assert.strictEqual(running.unit, "s")
      const [point] = running.histogram?.dataPoints ?? []
      assert.isDefined(point)
      assert.strictEqual(point.count, 1)
      // The image and three seconds of confirmation, in virtual time.
      assert.isAbove(point.sum, 3)
      assert.isBelow(point.sum, 30)
      assert.deepStrictEqual(point.attributes, [])

      for (const resource of resources) {
        assert.deepInclude(resource, {
          "service.name": "slipway",
          "service.version": "1.2.3",
          "host.name": "vm",
          "deployment.environment": "test"
        })
      }
      for (const { headers } of requests) assert.strictEqual(headers["x-api-key"], credential)
    })
  )

  it.live("says of what failed its kind, and of the run its message, without what is declared", () =>
    Effect.gen(function* () {
      const args = [`--password=${secret}`]
      const { spans, counted } = yield* told(
        Effect.gen(function* () {
          yield* setDeclaration(declare())
          yield* startup(defaultSettings)
          const vm = yield* SimulatedVm
          vm.setDeclaration(declare({ args, image: other.reference }))
          // The engine quotes what it was to execute.
          vm.setFaults(({ name }) =>
            name === "docker start"
              ? { says: `exec: "--password=${secret}": executable file not found in $PATH` }
              : undefined
          )
          yield* Effect.flip(startup(defaultSettings))
        })
      )
      const roots = rootsOf(spans)
      assert.deepStrictEqual(
        roots.map(({ status }) => status.code),
        [1, 2]
      )
      assert.notStrictEqual(roots[0]?.traceId, roots[1]?.traceId)
      assert.include(roots[1]?.status.message, "could not be started")
      const failed = spans.filter(({ status, parentSpanId }) => status.code === 2 && parentSpanId !== undefined)
      assert.isNotEmpty(failed)
      for (const { status } of failed) assert.match(status.message ?? "", /^[A-Za-z]+$/)
      assert.deepStrictEqual(counted("slipway.runs"), { done: 1, failed: 1 })
      assert.strictEqual(Object.values(counted("slipway.failures")).length, 1)
    })
  )

  it.live("of an agent is one trace for each of its looks, and none for what it waits for", () =>
    Effect.gen(function* () {
      const { spans, counted } = yield* told(
        Effect.gen(function* () {
          yield* setDeclaration(declare())
          const fiber = yield* Effect.forkChild(agent(defaultSettings))
          yield* Effect.sleep("1 minute")
          yield* setDeclaration(declare({ image: other.reference }))
          yield* Effect.sleep("1 minute")
          yield* Fiber.interrupt(fiber)
        })
      )
      const roots = rootsOf(spans)
      assert.deepStrictEqual(
        roots.map(({ name }) => name),
        ["slipway.startup", "slipway.startup"]
      )
      assert.notInclude(
        spans.map(({ name }) => name),
        "slipway.MetadataProvider.declarationAfter"
      )
      assert.deepStrictEqual(counted("slipway.runs"), { done: 2 })
    })
  )
})

describe("telemetry of a command line", () => {
  it.live("is switched on by OTEL_EXPORTER_OTLP_ENDPOINT, and named by the other variables", () =>
    Effect.gen(function* () {
      const collector = yield* makeCollector
      const layer = yield* onVm({ declaration: declared, images })
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.endpoint}/otlp/`,
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20c0llector-t0ken,x-tenant=shop",
        OTEL_SERVICE_NAME: "shop",
        OTEL_RESOURCE_ATTRIBUTES: "service.name=other,team=a%2Cb"
      }
      const surroundings = { layerVm: () => layer, layerHttp: NodeHttpClient.layerNodeHttp, env }
      const run = yield* slipway(["up", "--confirm", "0s"], surroundings)
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.notInclude(run.stderr, "telemetry")
      assert.deepStrictEqual(collector.problems, [])
      assert.deepStrictEqual(
        rootsOf(collector.spans).map(({ name }) => name),
        ["slipway.startup"]
      )
      assert.deepStrictEqual(collector.counted("slipway.runs"), { done: 1 })
      assert.isNotEmpty(collector.requests)
      for (const { path, headers, body } of collector.requests) {
        assert.match(path, /^\/otlp\/v1\/(traces|metrics)$/)
        assert.deepInclude(headers, { authorization: credential, "x-tenant": "shop" })
        assert.notInclude(body, declaredSecret)
      }
      for (const resource of collector.resources) assert.deepInclude(resource, { "service.name": "shop", team: "a,b" })

      const off = yield* slipway(["up"], { ...surroundings, env: { ...env, OTEL_SDK_DISABLED: "true" } })
      assert.strictEqual(off.exitCode, 0)
      assert.lengthOf(rootsOf(collector.spans), 1)
    }).pipe(freshMetrics)
  )

  it.effect.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector" }, "OTEL_EXPORTER_OTLP_ENDPOINT must be the collector's address"],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector", OTEL_EXPORTER_OTLP_HEADERS: "s3cr3t%" },
      "OTEL_EXPORTER_OTLP_HEADERS must be name=value"
    ]
  ] as const)("keeps no container from being started where it cannot work: %j", ([env, words]) =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const run = yield* slipway(["up"], { layerVm: () => layer, env })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.include(run.stderr, `warn no telemetry: ${words}`)
      assert.notInclude(run.stderr, "s3cr3t")
    }).pipe(runInVirtualTime)
  )
})

describe("a collector", () => {
  const clientOf = (
    answer: (
      request: HttpClientRequest.HttpClientRequest
    ) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
  ) =>
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) => answer(request))
    )

  const silent = clientOf(() => Effect.never)
  const absent = clientOf((request) =>
    Effect.fail(
      new HttpClientError.HttpClientError({
        reason: new HttpClientError.TransportError({
          request,
          cause: Object.assign(new Error("connect ECONNREFUSED"), { syscall: "connect" })
        })
      })
    )
  )
  const forbidding = clientOf((request) =>
    Effect.sync(() => {
      const response = HttpClientResponse.fromWeb(request, new Response(null, { status: 401 }))
      // Without a promise, which virtual time would wait for in vain.
      return Object.defineProperty(response, "arrayBuffer", { value: Effect.succeed(new ArrayBuffer(0)) })
    })
  )

  /** How long a run takes in all, in virtual milliseconds, and what it logs. */
  const timed = (
    collector: Layer.Layer<HttpClient.HttpClient> | undefined,
    run: Effect.Effect<unknown, unknown, SimulatedVm | Layer.Success<ReturnType<typeof SimulatedVm.layer>>>
  ) => {
    const said: Array<string> = []
    return Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      yield* Effect.ignore(
        collector === undefined
          ? run
          : exportTelemetry(run, settingsFor("http://collector.example"), source).pipe(Effect.provide(collector))
      )
      const took = (yield* Clock.currentTimeMillis) - began
      return { took, said: said.filter((line) => line.includes("telemetry")) }
    }).pipe(
      Effect.provide(
        Layer.merge(
          SimulatedVm.layer({ images: [app, other, dead], declaration: declare() }),
          Logger.layer([Logger.make(({ message }) => void said.push(String(message)))])
        )
      ),
      runInVirtualTime,
      freshMetrics
    )
  }

  it.effect.each([
    ["never answers", silent, "it did not answer"],
    ["is not there", absent, "connect ECONNREFUSED"],
    ["refuses", forbidding, "it answered 401"]
  ] as const)("that %s delays neither the start nor the end, and is said once at most", ([, collector, why]) =>
    Effect.gen(function* () {
      const run = startup(defaultSettings)
      const without = yield* timed(undefined, run)
      const { took, said } = yield* timed(collector, run)
      assert.strictEqual(took, without.took)
      assert.isAtMost(said.length, 1)
      for (const line of said) {
        assert.include(line, `telemetry does not get to collector.example: ${why}`)
        assert.notInclude(line, credential)
      }
      // Of an agent it is said, and its end is as soon.
      const living = Effect.timeoutOption(agent(defaultSettings), Duration.hours(1))
      const hour = yield* timed(collector, living)
      assert.strictEqual(hour.took, Duration.toMillis(Duration.hours(1)))
      assert.deepStrictEqual(hour.said, [
        `telemetry does not get to collector.example: ${why}. The run goes on without`
      ])
    })
  )

  it.effect("that never answers holds a run that is ended at once for a second at most", () =>
    Effect.gen(function* () {
      const { took } = yield* timed(silent, Effect.timeoutOption(agent(defaultSettings), "10 millis"))
      const without = yield* timed(undefined, Effect.timeoutOption(agent(defaultSettings), "10 millis"))
      assert.isAtMost(took - without.took, 1000)
    })
  )
})
