import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

/** The variables of OpenTelemetry that count here. The first one switches telemetry on. */
export const telemetryVariables = {
  endpoint: "OTEL_EXPORTER_OTLP_ENDPOINT",
  headers: "OTEL_EXPORTER_OTLP_HEADERS",
  serviceName: "OTEL_SERVICE_NAME",
  resource: "OTEL_RESOURCE_ATTRIBUTES",
  disabled: "OTEL_SDK_DISABLED"
} as const

/** Where telemetry goes, and as whose. */
export interface TelemetrySettings {
  /** The collector's base, below which `v1/traces` and `v1/metrics` are. */
  readonly endpoint: URL
  /** Sent with each request. They may be credentials. */
  readonly headers: Redacted.Redacted<Readonly<Record<string, string>>>
  readonly serviceName: string
  /** Of the resource, besides its service's name. */
  readonly attributes: Readonly<Record<string, string>>
}

/** An empty variable is one that is not set, as OpenTelemetry has it. */
const variable = (name: string) =>
  Effect.orElseSucceed(
    Effect.map(
      Config.option(Config.String(name)),
      Option.getOrElse(() => "")
    ),
    () => ""
  )

/** The collector's address as it is given, empty where telemetry is off. */
export const givenEndpoint = Effect.gen(function* () {
  const isDisabled = (yield* variable(telemetryVariables.disabled)).trim().toLowerCase() === "true"
  return isDisabled ? "" : (yield* variable(telemetryVariables.endpoint)).trim()
})

/** The settings, or what is wrong with them, without their values: telemetry keeps no container from being started. */
export const readTelemetrySettings = Effect.fnUntraced(function* (endpoint: string) {
  const headers = yield* variable(telemetryVariables.headers)
  const serviceName = yield* variable(telemetryVariables.serviceName)
  const resource = yield* variable(telemetryVariables.resource)
  return Result.gen(function* () {
    const url = yield* baseOf(endpoint)
    const { "service.name": named = "", ...attributes } = yield* pairsIn(telemetryVariables.resource, resource)
    const settings: TelemetrySettings = {
      endpoint: url,
      headers: Redacted.make(yield* pairsIn(telemetryVariables.headers, headers)),
      serviceName: serviceName || named || "slipway",
      attributes
    }
    return settings
  })
})

const baseOf = (text: string): Result.Result<URL, string> => {
  const url = URL.parse(text.endsWith("/") ? text : `${text}/`)
  return url !== null && (url.protocol === "http:" || url.protocol === "https:")
    ? Result.succeed(url)
    : Result.fail(`${telemetryVariables.endpoint} must be the collector's address, as in http://localhost:4318`)
}

/** `name=value,name=value`, both percent-encoded; the last of a name counts. */
const pairsIn = (name: string, text: string): Result.Result<Readonly<Record<string, string>>, string> =>
  Result.mapError(
    Result.try(() =>
      Object.fromEntries(
        text
          .split(",")
          .filter((pair) => pair.trim() !== "")
          .map((pair) => {
            const at = pair.indexOf("=")
            if (at < 1) throw new Error("no name")
            return [decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())]
          })
      )
    ),
    () => `${name} must be name=value,name=value, percent-encoded`
  )
