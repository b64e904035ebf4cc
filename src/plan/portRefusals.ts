import { isActive, type Observation } from "../observation/Observation.ts"
import type { TakenPort } from "../observation/observePorts.ts"
import type { Workload } from "../workload/Workload.ts"
import { type Fate, isStarted } from "./comparison.ts"
import { HostPortInUse } from "./PlanRefused.ts"
import { hostPorts } from "./podNetwork.ts"

/**
 * The ports of new containers that something else has taken. A process that listens may belong to a container of ours:
 * what ours publish is theirs, and while one of ours runs on the host's network only other containers' ports are known
 * to be taken.
 */
export const portRefusals = (
  workload: Workload,
  { takenPorts, containers, lost }: Observation,
  fates: ReadonlyArray<Fate>
): ReadonlyArray<HostPortInUse> => {
  const active = containers.filter(isActive)
  const published = active.flatMap(({ config }) => config.ports)
  const isOnHost = lost.some(isActive) || active.some(({ config }) => config.networkMode === "host")
  const isOurs = ({ port, protocol }: TakenPort) =>
    isOnHost || published.some((one) => one.hostPort === port && one.protocol === protocol)
  const taken = takenPorts.filter((one) => one.container !== undefined || !isOurs(one))
  // A sandbox publishes the ports of all that share it; on the host's network each container has its own.
  const holder = fates.find(({ member }) => member.role === "sandbox" && member.spec.networkMode !== "host")
  return fates.flatMap(({ member, fate }) => {
    if (!isStarted(holder ?? { fate }) || member.role === "init") return []
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
