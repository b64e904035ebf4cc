import { isActive, type Observation } from "../observation/Observation.ts"
import type { Workload } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import { HostPortInUse } from "./PlanRefused.ts"
import { hostPorts } from "./podNetwork.ts"

/**
 * The ports of containers that are to be created which something else has. What a process listens on may be a container's
 * of ours, which is about to be stopped: where one runs, only the ports of other containers are known to be taken.
 */
export const portRefusals = (
  workload: Workload,
  { takenPorts, containers, lost }: Observation,
  fates: ReadonlyArray<Fate>
): ReadonlyArray<HostPortInUse> => {
  const ours = [...containers, ...lost].some(isActive)
  const taken = takenPorts.filter(({ container }) => container !== undefined || !ours)
  // Those that share a sandbox are published by it.
  const holder = fates.find(({ member }) => member.role === "sandbox")
  return fates.flatMap(({ member, fate }) => {
    const isCreated = holder === undefined ? isNew(fate) : isNew(holder.fate)
    if (!isCreated || member.role === "init") return []
    return hostPorts(member.container, workload).flatMap(({ port, protocol }) => {
      const other = taken.find((one) => one.port === port && one.protocol === protocol)
      return other === undefined
        ? []
        : [
            new HostPortInUse({
              container: member.container.name,
              port,
              protocol,
              ...(other.container === undefined ? {} : { takenBy: other.container })
            })
          ]
    })
  })
}

const isNew = (fate: Fate["fate"]): boolean => fate === "new" || fate === "replaced"
