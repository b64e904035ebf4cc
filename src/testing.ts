/**
 * A VM in memory, for the tests of programs that start containers with Slipway.
 *
 * ```ts
 * import { assert, it } from "@effect/vitest"
 * import * as Effect from "effect/Effect"
 * import { defaultSettings, startup } from "slipway"
 * import { runInVirtualTime, SimulatedVm } from "slipway/testing"
 *
 * it.effect("starts the declared container", () =>
 *   Effect.gen(function* () {
 *     const vm = yield* SimulatedVm
 *     const report = yield* startup(defaultSettings)
 *     assert.strictEqual(report._tag, "Running")
 *     assert.strictEqual(vm.engine.containers[0]?.status, "running")
 *   }).pipe(
 *     Effect.provide(
 *       SimulatedVm.layer({
 *         seed: 7,
 *         declaration: "spec: { containers: [{ name: web, image: 'nginx:1.29' }] }",
 *         images: [{ reference: "nginx:1.29" }]
 *       })
 *     ),
 *     runInVirtualTime
 *   )
 * )
 * ```
 */

export type { CallName, EngineCall, MetadataCall, ProgramName, SecretsCall } from "./simulation/CallName.ts"
export {
  AgentCrashed,
  type Call,
  Caller,
  type Calls,
  type EngineSays,
  type Fault,
  type PlainFault,
  type Process,
  type Received
} from "./simulation/Calls.ts"
export { type FleetOptions, type FleetResult, fleetLimits, type Load, runFleet } from "./simulation/fleet/Fleet.ts"
export type { MetadataManners } from "./simulation/network/SimulatedMetadata.ts"
export { type NetworkLimits, type RateLimit, SimulatedNetwork } from "./simulation/network/SimulatedNetwork.ts"
export type { Happened, SimulatedContainer } from "./simulation/engine/SimulatedContainer.ts"
export type { EndedBy, Inhabitant, MountSeen, Surroundings } from "./simulation/engine/Surroundings.ts"
export type { SimulatedDisk, SimulatedContent } from "./simulation/host/SimulatedDisks.ts"
export type { SimulatedEngine } from "./simulation/engine/SimulatedEngine.ts"
export type { Mounted, SimulatedFiles } from "./simulation/host/SimulatedFiles.ts"
export type { FileTree } from "./simulation/host/FileTree.ts"
export type { SimulatedFirewall } from "./simulation/host/SimulatedFirewall.ts"
export type { SimulatedHost, SystemState } from "./simulation/host/SimulatedHost.ts"
export type { SimulatedImage, SimulatedRegistry } from "./simulation/network/SimulatedRegistry.ts"
export { type SecretAnswer, SimulatedSecrets } from "./simulation/network/SimulatedSecrets.ts"
export { SimulatedVm } from "./simulation/SimulatedVm.ts"
export type { VmServices } from "./vm/VmServices.ts"
export type * from "./simulation/VmDescription.ts"
export { runInVirtualTime } from "./simulation/host/VirtualTime.ts"
export { sampleDeclaration, vmFor } from "./simulation/sample.ts"
