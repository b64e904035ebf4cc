import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { HostIdentity } from "../../vm/host/HostIdentity.ts"
import type { Platform } from "../Platform.ts"
import { givenEndpoint, readTelemetrySettings } from "./telemetrySettings.ts"

/**
 * Tells a collector of the runs of an effect, where `OTEL_EXPORTER_OTLP_ENDPOINT` names one. What that takes is loaded then
 * alone. Settings that cannot work are a warning: they keep no container from being started.
 */
export const withTelemetry =
  ({ layerHttp, version }: Pick<Platform, "layerHttp" | "version">) =>
  <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | HostIdentity> =>
    Effect.gen(function* () {
      const endpoint = yield* givenEndpoint
      if (endpoint === "") return yield* run
      const settings = yield* readTelemetrySettings(endpoint)
      if (Result.isFailure(settings)) {
        yield* Effect.logWarning(`no telemetry: ${settings.failure}`)
        return yield* run
      }
      const { exportTelemetry } = yield* Effect.promise(() => import("./exportTelemetry.ts"))
      const hostName = yield* Effect.flatMap(HostIdentity, ({ name }) => name)
      return yield* exportTelemetry(run, settings.success, { hostName, version }).pipe(Effect.provide(layerHttp))
    })
