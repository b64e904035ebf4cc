import type { DockerClient } from "./engine/DockerClient.ts"
import type { Firewall } from "./firewall/Firewall.ts"
import type { CommandRunner } from "./host/CommandRunner.ts"
import type { HostIdentity } from "./host/HostIdentity.ts"
import type { Gpus } from "./host/Gpus.ts"
import type { EmptyDirFolder } from "./host/EmptyDirFolder.ts"
import type { TerminationMessages } from "./host/TerminationMessages.ts"
import type { HostFiles } from "./host/HostFiles.ts"
import type { HostRandom } from "./host/HostRandom.ts"
import type { ListeningPorts } from "./host/ListeningPorts.ts"
import type { Lock } from "./host/Lock.ts"
import type { Processes } from "./host/Processes.ts"
import type { Prober } from "./probes/Prober.ts"
import type { SecurityProfiles } from "./host/SecurityProfiles.ts"
import type { StateFolder } from "./host/StateFolder.ts"
import type { StatusFile } from "./host/StatusFile.ts"
import type { WelcomeScript } from "./host/WelcomeScript.ts"
import type { MetadataProvider } from "./metadata/MetadataProvider.ts"
import type { SecretManager } from "./secrets/SecretManager.ts"
import type { Disks } from "./storage/Disks.ts"
import type { Mounts } from "./storage/Mounts.ts"

/** Everything that the startup flow needs of a VM. */
export type VmServices =
  | CommandRunner
  | Disks
  | DockerClient
  | EmptyDirFolder
  | TerminationMessages
  | Firewall
  | HostIdentity
  | Gpus
  | HostFiles
  | HostRandom
  | ListeningPorts
  | Lock
  | MetadataProvider
  | Mounts
  | SecretManager
  | Prober
  | Processes
  | SecurityProfiles
  | StateFolder
  | StatusFile
  | WelcomeScript
