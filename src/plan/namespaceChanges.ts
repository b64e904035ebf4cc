import type { ContainerConfig } from "../vm/engine/ContainerConfig.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"

/** The fields of a container's namespaces but the network, and whether each differs from what is declared now. */
export const namespaceChanges = (
  { namespaces: has = {} }: ContainerConfig,
  { namespaces: wanted = {} }: ContainerSpec
): ReadonlyArray<readonly [field: string, differs: boolean]> => [
  ["hostPID", has.pid !== wanted.pid],
  ["hostIPC", has.ipc !== wanted.ipc],
  ["sysctls", JSON.stringify(has.sysctls) !== JSON.stringify(wanted.sysctls)]
]
