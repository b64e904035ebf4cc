import type { ContainerNamespaces } from "../vm/engine/ContainerNamespaces.ts"
import { sortedSysctls } from "../vm/engine/ContainerNamespaces.ts"
import { namespaceOf } from "../workload/Namespaces.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import type { Workload } from "../workload/Workload.ts"

/**
 * The namespaces of a container; undefined where it has all its own, with the kernel's defaults. Settings belong to
 * whatever holds their namespace: those of the network to the sandbox, where there is one, those of IPC to each container.
 * `sandbox` is the name of the one that the container joins.
 */
export const namespacesOf = (
  workload: Workload,
  { isSandbox, sandbox }: { readonly isSandbox: boolean; readonly sandbox: string | undefined }
): ContainerNamespaces | undefined => {
  const { namespaces: { hostPid, hostIpc, sysctls = [] } = {} } = workload
  const own = sortedSysctls(
    sysctls.flatMap(({ name, value }) => {
      const isHeld = namespaceOf(name) === "net" ? sandbox === undefined : !isSandbox
      return isHeld ? [[name, value] as const] : []
    })
  )
  const namespaces: ContainerNamespaces = {
    ...(hostPid === undefined || isSandbox ? {} : { pid: "host" }),
    ...(sandbox === undefined || !sharesProcesses(workload) ? {} : { pid: { _tag: "Container", id: sandbox } }),
    ...(hostIpc === undefined || isSandbox ? {} : { ipc: "host" }),
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
