import type { FirewallObservation } from "../vm/firewall/Firewall.ts"
import { type Accepted, distinctPorts, isOpenFor } from "../vm/firewall/FirewallRules.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"
import type { OpenIptables } from "./PlanSettings.ts"
import type { StepList } from "./Step.ts"

const families = [
  ["ipv4", "IPv4"],
  ["ipv6", "IPv6"]
] as const

/**
 * What the host's firewall should accept. Of declared ports, those by which the host is reached: the containers' on the
 * host's network, the published ones on a Pod's own.
 */
export const acceptedFor = (setting: OpenIptables, workload: Workload): Accepted => {
  if (setting === "all") return "all"
  if (setting === "no") return []
  const declared = allContainers(workload).flatMap(({ ports }) => ports)
  return distinctPorts(
    declared.flatMap(({ containerPort, hostPort, protocol }) => {
      const port = workload.network._tag === "Host" ? containerPort : hostPort
      return port === undefined ? [] : [{ port, protocol }]
    })
  )
}

/** Opens or closes the firewall if it does not accept what it should; gives the ids of the steps. */
export const planFirewall = (
  steps: StepList,
  firewall: FirewallObservation,
  accepted: Accepted,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const differing = families.filter(([family]) => !isOpenFor(firewall[family], accepted))
  if (differing.length === 0) return []
  const names = differing.map(([, name]) => name).join(" and ")
  if (accepted === "all") {
    return [steps.add("open", "firewall", { _tag: "OpenFirewall" }, `our ${names} rules are not all there`, needs)]
  }
  return accepted.length === 0
    ? [
        steps.add(
          "close",
          "firewall",
          { _tag: "CloseFirewall" },
          `${names} rules of ours are there, and are not wanted`,
          needs
        )
      ]
    : [
        steps.add(
          "open",
          "firewall",
          { _tag: "OpenPorts", ports: accepted },
          `our ${names} rules do not accept just the declared ports`,
          needs
        )
      ]
}

/** Warns if nothing can be opened because the host has no such firewall. */
export const firewallWarnings = (firewall: FirewallObservation, accepted: Accepted): ReadonlyArray<string> =>
  families.flatMap(([family, name]) =>
    accepted.length > 0 && firewall[family] === "Unavailable"
      ? [`the host has no iptables for ${name}: nothing was opened there`]
      : []
  )
