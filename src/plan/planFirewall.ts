import type { FirewallObservation } from "../vm/firewall/Firewall.ts"
import { isOpenFor } from "../vm/firewall/FirewallRules.ts"
import type { StepList } from "./Step.ts"

const families = [
  ["ipv4", "IPv4"],
  ["ipv6", "IPv6"]
] as const

/** Opens or closes the firewall where it is not as it should be; gives back the ids of the steps. */
export const firewallSteps = (
  steps: StepList,
  firewall: FirewallObservation,
  open: boolean,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const differing = families.filter(([family]) => !isOpenFor(firewall[family], open ? "all" : []))
  if (differing.length === 0) return []
  const names = differing.map(([, name]) => name).join(" and ")
  return open
    ? [steps.add("open", "firewall", { _tag: "OpenFirewall" }, `our ${names} rules are not all there`, needs)]
    : [
        steps.add(
          "close",
          "firewall",
          { _tag: "CloseFirewall" },
          `${names} rules of ours are there, and are not wanted`,
          needs
        )
      ]
}

/** What cannot be opened because the host has no such firewall. */
export const firewallWarnings = (firewall: FirewallObservation, open: boolean): ReadonlyArray<string> =>
  families.flatMap(([family, name]) =>
    open && firewall[family] === "Unavailable" ? [`the host has no iptables for ${name}: nothing was opened there`] : []
  )
