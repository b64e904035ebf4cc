import type { ContainerNamespaces } from "../vm/engine/ContainerNamespaces.ts"
import { sortedSysctls } from "../vm/engine/ContainerNamespaces.ts"
import { namespaceOf } from "../workload/Namespaces.ts"
import type { Workload } from "../workload/Workload.ts"

/**
 * The namespaces of a container; undefined where it has all its own, with the kernel's defaults. Settings belong to
 * whatever holds their namespace: those of the network to the sandbox, where there is one, those of IPC to each container.
 */
export const namespacesOf = (
  { namespaces: { hostPid, hostIpc, sysctls = [] } = {} }: Workload,
  { isSandbox, joinsSandbox }: { readonly isSandbox: boolean; readonly joinsSandbox: boolean }
): ContainerNamespaces | undefined => {
  const own = sortedSysctls(
    sysctls.flatMap(({ name, value }) => {
      const isHeld = namespaceOf(name) === "net" ? !joinsSandbox : !isSandbox
      return isHeld ? [[name, value] as const] : []
    })
  )
  const namespaces: ContainerNamespaces = {
    ...(hostPid === undefined || isSandbox ? {} : { pid: "host" }),
    ...(hostIpc === undefined || isSandbox ? {} : { ipc: "host" }),
    ...(own === undefined ? {} : { sysctls: own })
  }
  return Object.keys(namespaces).length === 0 ? undefined : namespaces
}
