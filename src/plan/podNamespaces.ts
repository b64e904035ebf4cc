import type { ContainerNamespaces } from "../vm/engine/ContainerNamespaces.ts"
import { sortedSysctls } from "../vm/engine/ContainerNamespaces.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import type { Workload } from "../workload/Workload.ts"

/**
 * The namespaces of a container; undefined where it has all its own, with the kernel's defaults. Where there is a
 * sandbox, it holds those of IPC and of the network, and their settings. `sandbox` is the name of the one that the
 * container joins.
 */
export const namespacesOf = (
  workload: Workload,
  { isSandbox, sandbox }: { readonly isSandbox: boolean; readonly sandbox: string | undefined }
): ContainerNamespaces | undefined => {
  const { namespaces: { hostPid, hostIpc, sysctls = [] } = {} } = workload
  const joined = sandbox === undefined ? undefined : ({ _tag: "Container", id: sandbox } as const)
  const own = joined === undefined ? sortedSysctls(sysctls.map(({ name, value }) => [name, value])) : undefined
  const ipc = hostIpc === true ? (isSandbox ? undefined : "host") : isSandbox ? "shareable" : joined
  const namespaces: ContainerNamespaces = {
    ...(hostPid === undefined || isSandbox ? {} : { pid: "host" }),
    ...(joined === undefined || !sharesProcesses(workload) ? {} : { pid: joined }),
    ...(ipc === undefined ? {} : { ipc }),
    ...(own === undefined ? {} : { sysctls: own })
  }
  return Object.keys(namespaces).length === 0 ? undefined : namespaces
}

/**
 * Whether containers see each other's processes. One that is alone when it runs shares them with nobody: an init container
 * has ended by then, but a sidecar has not.
 */
export const sharesProcesses = ({ namespaces, containers, initContainers }: DeclaredWorkload | Workload): boolean =>
  namespaces?.sharesProcesses === true &&
  containers.length + initContainers.filter(({ isSidecar }) => isSidecar).length > 1
