import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { runCli } from "./cli/slipway.ts"
import { decodeDeclaration } from "./declaration/Declaration.ts"
import { sampleDeclaration, vmFor } from "./simulation/sample.ts"
import { SimulatedVm } from "./simulation/SimulatedVm.ts"
import { runInVirtualTime } from "./simulation/VirtualTime.ts"

/** Says nothing. */
const silence: Console.Console = new Proxy({} as Console.Console, { get: () => () => {} })

/**
 * Two boots of a VM in memory, before a start-up snapshot is taken of what is loaded: it then holds what they made V8
 * compile, which takes a boot of a real VM longer than loading it. Real time, chance and environment have no part in it.
 */
export const warmUp = Effect.gen(function* () {
  const text = sampleDeclaration
  const { workload } = yield* Effect.fromResult(
    decodeDeclaration({ file: "sample.yaml", text: new TextEncoder().encode(text) })
  )
  const vm = yield* Effect.cached(Layer.build(SimulatedVm.layer(vmFor(workload, text))))
  const boot = runCli(["up", "--log-format", "plain"], {
    version: "",
    outside: {
      layerVm: () => Layer.effectContext(vm),
      layerRunner: Layer.effectContext(vm),
      program: [],
      isTerminal: false,
      isJournal: false,
      rewrite: undefined,
      write: () => Effect.void
    }
  })
  return [yield* boot, yield* boot]
}).pipe(
  Effect.provideService(Console.Console, silence),
  Effect.provide(
    Layer.merge(
      NodeServices.layer,
      ConfigProvider.layer(ConfigProvider.fromEnv({ env: {}, preserveEmptyStrings: true }))
    )
  ),
  Effect.scoped,
  runInVirtualTime
)
