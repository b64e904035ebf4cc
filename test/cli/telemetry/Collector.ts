import { createServer, type IncomingHttpHeaders } from "node:http"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { listening } from "../../engine/registryProcess.ts"

const Value = Schema.Struct({
  stringValue: Schema.optional(Schema.String),
  boolValue: Schema.optional(Schema.Boolean),
  intValue: Schema.optional(Schema.Union([Schema.Int, Schema.String])),
  doubleValue: Schema.optional(Schema.Finite)
})
const Attributes = Schema.Array(Schema.Struct({ key: Schema.String, value: Value }))
/** Nanoseconds since 1970, as text. */
const Time = Schema.String.check(Schema.isPattern(/^\d+$/))
const Resource = Schema.Struct({ attributes: Attributes })

const Span = Schema.Struct({
  traceId: Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/)),
  spanId: Schema.String.check(Schema.isPattern(/^[0-9a-f]{16}$/)),
  parentSpanId: Schema.optional(Schema.String.check(Schema.isPattern(/^[0-9a-f]{16}$/))),
  name: Schema.String,
  kind: Schema.Int,
  startTimeUnixNano: Time,
  endTimeUnixNano: Time,
  attributes: Attributes,
  events: Schema.Array(Schema.Struct({ name: Schema.String, timeUnixNano: Time, attributes: Attributes })),
  status: Schema.Struct({ code: Schema.Int, message: Schema.optional(Schema.String) })
})
export type Span = typeof Span.Type

const Traces = Schema.Struct({
  resourceSpans: Schema.Array(
    Schema.Struct({
      resource: Resource,
      scopeSpans: Schema.Array(
        Schema.Struct({ scope: Schema.Struct({ name: Schema.String }), spans: Schema.Array(Span) })
      )
    })
  )
})

const point = { attributes: Attributes, startTimeUnixNano: Time, timeUnixNano: Time }
const Metric = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  unit: Schema.String,
  sum: Schema.optional(
    Schema.Struct({
      isMonotonic: Schema.Boolean,
      aggregationTemporality: Schema.Literal(2),
      dataPoints: Schema.Array(Schema.Struct({ ...point, asInt: Schema.Int }))
    })
  ),
  histogram: Schema.optional(
    Schema.Struct({
      aggregationTemporality: Schema.Literal(2),
      dataPoints: Schema.Array(
        Schema.Struct({
          ...point,
          count: Schema.Int,
          sum: Schema.Finite,
          bucketCounts: Schema.Array(Schema.Int),
          explicitBounds: Schema.Array(Schema.Finite)
        })
      )
    })
  )
})
export type Metric = typeof Metric.Type

const Metrics = Schema.Struct({
  resourceMetrics: Schema.Array(
    Schema.Struct({
      resource: Resource,
      scopeMetrics: Schema.Array(Schema.Struct({ metrics: Schema.Array(Metric) }))
    })
  )
})

const decodeTraces = Schema.decodeUnknownSync(Schema.fromJsonString(Traces))
const decodeMetrics = Schema.decodeUnknownSync(Schema.fromJsonString(Metrics))

/** Attributes as a record. */
export const attributesOf = (attributes: typeof Attributes.Type): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** A collector on loopback that speaks OTLP/JSON over HTTP, and refuses what is none. */
export const makeCollector = Effect.acquireRelease(
  Effect.promise(async () => {
    const spans: Array<Span> = []
    /** As they were sent last. */
    const metrics = new Map<string, Metric>()
    const resources: Array<Readonly<Record<string, unknown>>> = []
    const requests: Array<{ readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }> = []
    const problems: Array<string> = []
    const receive = (path: string, body: string) => {
      if (path.endsWith("/v1/traces")) {
        for (const { resource, scopeSpans } of decodeTraces(body).resourceSpans) {
          resources.push(attributesOf(resource.attributes))
          spans.push(...scopeSpans.flatMap(({ spans }) => spans))
        }
      } else if (path.endsWith("/v1/metrics")) {
        for (const { resource, scopeMetrics } of decodeMetrics(body).resourceMetrics) {
          resources.push(attributesOf(resource.attributes))
          for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) metrics.set(metric.name, metric)
        }
      } else throw new Error(`there is no ${path}`)
    }
    const server = createServer((request, response) => {
      let body = ""
      request.on("data", (bytes) => (body += String(bytes)))
      request.on("end", () => {
        const path = request.url ?? ""
        requests.push({ path, headers: request.headers, body })
        try {
          if (request.method !== "POST") throw new Error(`${request.method} is not OTLP`)
          if (request.headers["content-type"] !== "application/json") throw new Error("it is no JSON")
          receive(path, body)
          response.writeHead(200, { "Content-Type": "application/json" }).end("{}")
        } catch (error) {
          problems.push(String(error))
          response.writeHead(400).end()
        }
      })
    })
    const port = await listening(server)
    return {
      endpoint: `http://127.0.0.1:${port}`,
      spans,
      metrics,
      resources,
      requests,
      problems,
      /** Each series of a counter: its value by its attributes. */
      counted: (name: string) =>
        Object.fromEntries(
          (metrics.get(name)?.sum?.dataPoints ?? []).map(({ attributes, asInt }) => [
            Object.values(attributesOf(attributes)).join(" "),
            asInt
          ])
        ),
      stop: () => {
        server.closeAllConnections()
        server.close()
      }
    }
  }),
  ({ stop }) => Effect.sync(stop)
)
