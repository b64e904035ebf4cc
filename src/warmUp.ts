import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Layer from "effect/Layer"
import { runCli } from "./cli/commands/slipway.ts"
import { decodeDeclaration } from "./declaration/Declaration.ts"
import { sampleDeclaration, vmFor } from "./simulation/sample.ts"
import { SimulatedVm } from "./simulation/SimulatedVm.ts"
import { runInVirtualTime } from "./simulation/host/VirtualTime.ts"

/** Says nothing. */
const silence: Console.Console = new Proxy({} as Console.Console, { get: () => () => {} })

/**
 * Two boots of a VM in memory, to be run before a start-up snapshot is taken: what they made V8 compile is then in it, which
 * a boot of a real VM need not do. Real time, chance and environment have no part in them.
 */
export const warmUp = Effect.gen(function* () {
  const text = sampleDeclaration
  const { workload } = yield* Effect.fromResult(
    decodeDeclaration({ file: "sample.yaml", text: new TextEncoder().encode(text) })
  )
  const vm = yield* Effect.cached(Layer.build(SimulatedVm.layer(vmFor(workload, text))))
  const boot = runCli(["up", "--log-format", "plain"], {
    version: "",
    platform: {
      layerVm: () => Layer.effectContext(vm),
      layerHost: Layer.effectContext(Effect.die("no command here needs it")),
      layerHttp: Layer.effectContext(Effect.die("no collector is asked")),
      program: [],
      isTerminal: false,
      isJournal: false,
      rewrite: undefined,
      write: () => Effect.void,
      signalListeners: new Set()
    }
  })
  const codes = [yield* boot, yield* boot]
  if (codes.some((code) => code !== 0)) return yield* Effect.die(new Error(`a boot ended with ${codes.join(", ")}`))
}).pipe(
  Effect.provideService(Console.Console, silence),
  // What is counted here is no run of the VM's.
  Effect.provideService(Metric.MetricRegistry, new Map()),
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: {}, preserveEmptyStrings: true }))),
  Effect.scoped,
  runInVirtualTime
)
