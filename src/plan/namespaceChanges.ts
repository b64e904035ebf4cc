import { isSame } from "./isSame.ts"
import type { ContainerConfig } from "../vm/engine/ContainerConfig.ts"
import type { ContainerNamespaces } from "../vm/engine/ContainerNamespaces.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"

/** The fields of a container's namespaces but the network, and whether each differs from what is declared now. */
export const namespaceChanges = (
  { namespaces: has = {} }: ContainerConfig,
  { namespaces: wanted = {} }: ContainerSpec
): ReadonlyArray<readonly [field: string, differs: boolean]> => [
  ["hostPID", (has.pid === "host") !== (wanted.pid === "host")],
  ["shareProcessNamespace", isShared(has) !== isShared(wanted)],
  ["hostIPC", has.ipc !== wanted.ipc],
  ["sysctls", !isSame(has.sysctls, wanted.sysctls)]
]

const isShared = ({ pid }: ContainerNamespaces): boolean => typeof pid === "object"
