import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Disks } from "./storage/Disks.ts"
import { DockerClient } from "./engine/DockerClient.ts"
import { configuredEngineAddress, type EngineAddress } from "./engine/EngineAddress.ts"
import { Firewall } from "./firewall/Firewall.ts"
import { layerHost } from "./host/Host.ts"
import { HostRandom } from "./host/HostRandom.ts"
import { Lock } from "./host/Lock.ts"
import { MetadataProvider } from "./metadata/MetadataProvider.ts"
import { Mounts } from "./storage/Mounts.ts"
import { StateFolder } from "./host/StateFolder.ts"
import { WelcomeScript } from "./host/WelcomeScript.ts"

/** Where the VM's own things are: what its live layers are made with. */
export interface HostSettings {
  readonly engine: EngineAddress
  /** Where the host's /proc is seen; found out where none is named. */
  readonly hostProcPath: string | undefined
  readonly lockPath: string
  readonly welcomeScriptPath: string
  readonly statePath: string
}

/**
 * All the services of the VM that this process runs on. What is left out is as for the executable: the engine where
 * `DOCKER_HOST` says, the rest where each layer has it.
 */
export const layerVm = ({ engine, hostProcPath, lockPath, welcomeScriptPath, statePath }: Partial<HostSettings> = {}) =>
  Layer.mergeAll(
    Disks.layer,
    Mounts.layer,
    Firewall.layer,
    HostRandom.layer,
    Lock.layer(lockPath),
    WelcomeScript.layer(welcomeScriptPath),
    StateFolder.layer(statePath)
  ).pipe(
    Layer.provideMerge(layerHost(hostProcPath)),
    Layer.merge(
      engine === undefined
        ? Layer.unwrap(Effect.map(configuredEngineAddress, DockerClient.layer))
        : DockerClient.layer(engine)
    ),
    Layer.merge(MetadataProvider.layer())
  )
