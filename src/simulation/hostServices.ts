import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Firewall } from "../vm/firewall/Firewall.ts"
import { CommandRunner } from "../vm/host/CommandRunner.ts"
import { EmptyDirFolder } from "../vm/host/EmptyDirFolder.ts"
import { Gpus } from "../vm/host/Gpus.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import { ListeningPorts } from "../vm/host/ListeningPorts.ts"
import { Lock } from "../vm/host/Lock.ts"
import { SecurityProfiles } from "../vm/host/SecurityProfiles.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import { TerminationMessages } from "../vm/host/TerminationMessages.ts"
import { Disks } from "../vm/storage/Disks.ts"
import { Mounts } from "../vm/storage/Mounts.ts"

/** The services that do all they do by a host's programs, and remember nothing of the host themselves. */
export const layerHostServices = Layer.mergeAll(
  Disks.layer,
  Mounts.layer,
  Firewall.layer,
  Gpus.layer,
  ListeningPorts.layer,
  Lock.layer(),
  StateFolder.layer(),
  SecurityProfiles.layer(),
  EmptyDirFolder.layer(),
  TerminationMessages.layer()
).pipe(Layer.provideMerge(HostFiles.layerCommands))

/** `layerHostServices`, once it is built. */
export type HostServices = Layer.Success<typeof layerHostServices>

const nowhere = Effect.die(new Error("no simulated host runs this"))

/** What runs the programs of whoever shares `layerSharedHostServices`. */
export const HostInForce = Context.Reference<CommandRunner["Service"]>("slipway/simulation/HostInForce", {
  defaultValue: () => CommandRunner.of({ run: () => nowhere, hold: () => nowhere })
})

/**
 * The same for many hosts at once, each being the one in force for what runs on it. Built anew for each they are half
 * of what a VM of a fleet takes in memory.
 */
export const layerSharedHostServices = layerHostServices.pipe(
  Layer.provide(
    Layer.succeed(
      CommandRunner,
      CommandRunner.of({
        run: (command) => Effect.flatMap(HostInForce, (runner) => runner.run(command)),
        hold: (command) => Effect.flatMap(HostInForce, (runner) => runner.hold(command))
      })
    )
  )
)
