import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Disks } from "./storage/Disks.ts"
import { DockerClient } from "./engine/DockerClient.ts"
import { configuredEngineAddress, type EngineAddress } from "./engine/EngineAddress.ts"
import { Firewall } from "./firewall/Firewall.ts"
import { layerHost } from "./host/Host.ts"
import { HostIdentity } from "./host/HostIdentity.ts"
import { Gpus } from "./host/Gpus.ts"
import { EmptyDirFolder } from "./host/EmptyDirFolder.ts"
import { TerminationMessages } from "./host/TerminationMessages.ts"
import { HostRandom } from "./host/HostRandom.ts"
import { ListeningPorts } from "./host/ListeningPorts.ts"
import { Lock } from "./host/Lock.ts"
import { MetadataProvider } from "./metadata/MetadataProvider.ts"
import { Mounts } from "./storage/Mounts.ts"
import { SecretManager } from "./secrets/SecretManager.ts"
import { Prober } from "./probes/Prober.ts"
import { SecurityProfiles } from "./host/SecurityProfiles.ts"
import { StateFolder } from "./host/StateFolder.ts"
import { StatusFile } from "./host/StatusFile.ts"
import { WelcomeScript } from "./host/WelcomeScript.ts"

/** Where the VM's own things are: the settings of its live layers. */
export interface HostSettings {
  readonly engine: EngineAddress
  /** Where the host's /proc is; detected if undefined. */
  readonly hostProcPath: string | undefined
  readonly lockPath: string
  readonly welcomeScriptPath: string
  readonly statePath: string
  readonly statusPath: string
}

/**
 * All services of the VM that this process runs on. Defaults are the executable's: the engine of `DOCKER_HOST`, and
 * each layer's own path.
 */
export const layerVm = ({
  engine,
  hostProcPath,
  lockPath,
  welcomeScriptPath,
  statePath,
  statusPath
}: Partial<HostSettings> = {}) =>
  Layer.mergeAll(
    Disks.layer,
    Mounts.layer,
    Firewall.layer,
    HostIdentity.layer,
    Gpus.layer,
    HostRandom.layer,
    ListeningPorts.layer,
    Lock.layer(lockPath),
    Prober.layer,
    WelcomeScript.layer(welcomeScriptPath),
    StateFolder.layer(statePath),
    StatusFile.layer(statusPath),
    EmptyDirFolder.layer(statePath),
    TerminationMessages.layer(statePath),
    SecurityProfiles.layer(statePath)
  ).pipe(
    Layer.provideMerge(layerHost(hostProcPath)),
    Layer.merge(
      engine === undefined
        ? Layer.unwrap(Effect.map(configuredEngineAddress, DockerClient.layer))
        : DockerClient.layer(engine)
    ),
    Layer.merge(SecretManager.layer().pipe(Layer.provideMerge(MetadataProvider.layer())))
  )
