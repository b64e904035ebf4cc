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
  ["shareProcessNamespace", isJoined(has.pid) !== isJoined(wanted.pid)],
  ["hostIPC", (has.ipc === "host") !== (wanted.ipc === "host")],
  ["the IPC of its Pod", isJoined(has.ipc) !== isJoined(wanted.ipc)],
  ["sysctls", !isSame(has.sysctls, wanted.sysctls)]
]

const isJoined = (mode: ContainerNamespaces["pid" | "ipc"]): boolean => typeof mode === "object"
