import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Tracer from "effect/Tracer"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { startup } from "../../src/startup/startup.ts"
import { layerVm } from "../../src/vm/Vm.ts"
import type { Machine } from "./machine.ts"

/** Spans in which an engine or a program of the host's works for us. */
const outside = new Set(["DockerClient.call", "ImagePull", "CommandRunner.run", "CommandRunner.hold"])

/** Milliseconds. */
export interface WorkOfOthers {
  /** The engine or a program was at work. Two that work at once count once. */
  readonly critical: number
  /** The same work, one after the other. */
  readonly inSequence: number
}

/** One boot by the library, in this process. From the run's own spans. */
export const workOfOthers = async ({ env, mountRoot, engineSocket }: Machine): Promise<WorkOfOthers> => {
  const intervals: Array<readonly [from: bigint, to: bigint]> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      if (outside.has(options.name)) {
        const end = span.end.bind(span)
        span.end = (at, exit) => {
          intervals.push([options.startTime, at])
          end(at, exit)
        }
      }
      return span
    }
  })
  const host = {
    engine: { _tag: "Socket", path: engineSocket },
    lockPath: env.SLIPWAY_LOCK,
    welcomeScriptPath: env.SLIPWAY_WELCOME_SCRIPT,
    statePath: env.SLIPWAY_STATE
  } as const
  const services = layerVm(host).pipe(
    Layer.provide(NodeHttpClient.layerNodeHttp),
    Layer.provide(NodeServices.layer),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))
  )
  const settings = { ...defaultSettings, mountRoot, openIptables: "no" as const, confirm: Duration.zero }
  await Effect.runPromise(
    startup(settings).pipe(
      Effect.provide(Layer.merge(services, Logger.layer([]))),
      Effect.provideService(Tracer.Tracer, tracer)
    )
  )
  let covered = 0n
  let sum = 0n
  let until = 0n
  for (const [from, to] of intervals.toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    sum += to - from
    if (to <= until) continue
    covered += to - (from > until ? from : until)
    until = to
  }
  return { critical: Number(covered) / 1e6, inSequence: Number(sum) / 1e6 }
}
