import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { oneLine } from "../../text/printable.ts"
import { stopwatch } from "../../timing/stopwatch.ts"
import { systemError } from "../../vm/http/systemError.ts"
import { runTracer } from "./runTracer.ts"
import type { TelemetrySettings } from "./telemetrySettings.ts"

/** How long one request may take; the default of OpenTelemetry. */
const requestLimit = Duration.seconds(10)

/** How long the end of a run may wait for the collector. */
const lastLimit = Duration.seconds(1)

/** A first export, so that a collector that does not answer is known by the end, and not waited for. */
const firstExport = Duration.seconds(1)

const intervals = { traces: Duration.seconds(5), metrics: Duration.seconds(60) } as const

type ExporterServices = HttpClient.HttpClient | OtlpExporter.Flusher | OtlpSerialization.OtlpSerialization

/** What one run tells a collector, besides what is in the settings. */
export interface TelemetrySource {
  readonly hostName: string
  readonly version: string
}

/**
 * Runs an effect whose runs are told to a collector, as OTLP/JSON over HTTP. Nothing waits for the collector but the
 * end, for a second at most; not even that where it has been silent for a second already. That it does not answer is
 * one warning.
 */
export const exportTelemetry = Effect.fnUntraced(function* <A, E, R>(
  run: Effect.Effect<A, E, R>,
  { endpoint, headers, serviceName, attributes }: TelemetrySettings,
  { hostName, version }: TelemetrySource
) {
  const collector = yield* watchedCollector(headers)
  const services = yield* Layer.build(
    Layer.mergeAll(
      layerSerialization,
      OtlpExporter.layerFlusher,
      Layer.succeed(HttpClient.HttpClient, collector.client)
    )
  )
  const options = (path: string, exportInterval: Duration.Duration) => ({
    url: new URL(path, endpoint).href,
    resource: {
      serviceName,
      serviceVersion: version,
      attributes: { "host.name": hostName, ...attributes }
    },
    exportInterval,
    shutdownTimeout: lastLimit
  })
  // Each has its scope, so that both close side by side.
  const scopes = { traces: yield* Scope.make(), metrics: yield* Scope.make() }
  const silently = <B>(made: Effect.Effect<B, never, ExporterServices | Scope.Scope>, scope: Scope.Scope) =>
    made.pipe(
      Effect.provideContext(services),
      Scope.provide(scope),
      // Whatever it logs may quote a request with its headers.
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  const tracer = yield* silently(OtlpTracer.make(options("v1/traces", intervals.traces)), scopes.traces)
  yield* silently(OtlpMetrics.make(options("v1/metrics", intervals.metrics)), scopes.metrics)
  const { flush } = Context.get(services, OtlpExporter.Flusher)
  const first = yield* Effect.forkChild(Effect.andThen(Effect.sleep(firstExport), flush))

  const end = Effect.gen(function* () {
    yield* Fiber.interrupt(first)
    const closing = yield* Effect.forkDetach(
      Effect.all([Scope.close(scopes.traces, Exit.void), Scope.close(scopes.metrics, Exit.void)], { concurrency: 2 })
    )
    const left = Duration.subtract(lastLimit, yield* collector.silence)
    if (Duration.isPositive(left)) yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(closing)), left)
  })
  return yield* run.pipe(
    Effect.provideService(Tracer.Tracer, runTracer(tracer)),
    // Its spans have headers of requests.
    Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
    Effect.ensuring(end)
  )
}, Effect.scoped)

/** The collector's client, with its headers, and how long the oldest question has had no answer. */
const watchedCollector = Effect.fnUntraced(function* (headers: Redacted.Redacted<Readonly<Record<string, string>>>) {
  const client = yield* HttpClient.HttpClient
  const logLevel = yield* References.MinimumLogLevel
  let waiting: Effect.Effect<Duration.Duration> | undefined
  let hasWarned = false
  const warn = (host: string, why: string) =>
    Effect.suspend(() => {
      if (hasWarned) return Effect.void
      hasWarned = true
      return Effect.logWarning(`telemetry does not get to ${host}: ${oneLine(why)}. The run goes on without`)
    }).pipe(Effect.provideService(References.MinimumLogLevel, logLevel))

  const watched = HttpClient.transform(
    HttpClient.mapRequest(client, (request) => HttpClientRequest.setHeaders(request, Redacted.value(headers))),
    (answer, request) =>
      Effect.gen(function* () {
        waiting ??= yield* stopwatch
        const { host } = new URL(request.url)
        return yield* answer.pipe(
          Effect.timeoutOrElse({
            duration: requestLimit,
            orElse: () =>
              Effect.fail(
                new HttpClientError.HttpClientError({
                  reason: new HttpClientError.TransportError({ request, description: "it did not answer" })
                })
              )
          }),
          Effect.tap(({ status }) => {
            waiting = undefined
            return status < 400 ? Effect.void : warn(host, `it answered ${status}`)
          }),
          Effect.tapError((error) => warn(host, systemError(error)?.message ?? "it did not answer"))
        )
      })
  )
  return {
    client: watched,
    silence: Effect.suspend(() => waiting ?? Effect.succeed(Duration.zero))
  }
})

/** OTLP/JSON. The unit of a metric is none of its attributes. */
const layerSerialization = Layer.effect(
  OtlpSerialization.OtlpSerialization,
  Effect.map(OtlpSerialization.OtlpSerialization, (json) =>
    OtlpSerialization.OtlpSerialization.of({
      ...json,
      metrics: (data) => {
        for (const { scopeMetrics } of data.resourceMetrics) {
          for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
            for (const point of [...(metric.sum?.dataPoints ?? []), ...(metric.histogram?.dataPoints ?? [])]) {
              point.attributes = (point.attributes ?? []).filter(({ key }) => key !== "unit")
            }
          }
        }
        return json.metrics(data)
      }
    })
  )
).pipe(Layer.provide(OtlpSerialization.layerJson))
