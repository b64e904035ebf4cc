import type { DeclaredWorkload } from "../../workload/DeclaredWorkload.ts"

/** Whether containers see each other's processes: one that is alone shares them with nobody. */
const sharesProcesses = ({ namespaces, containers, initContainers }: DeclaredWorkload): boolean =>
  namespaces?.sharesProcesses === true &&
  containers.length + initContainers.filter(({ isSidecar }) => isSidecar).length > 1

/** What the containers of a Pod share, and whether a container is needed that holds it. */
export interface PodShape {
  readonly needsSandbox: boolean
  readonly sharesProcesses: boolean
}

export const podShape = (workload: DeclaredWorkload): PodShape => {
  const { network, containers, initContainers } = workload
  const isSeveral = containers.length + initContainers.length > 1
  return {
    sharesProcesses: sharesProcesses(workload),
    needsSandbox:
      (network._tag === "Pod" && (isSeveral || network.isAddressNeeded === true)) || sharesProcesses(workload)
  }
}
