import * as Effect from "effect/Effect"
import type { NetworkSpec } from "../../vm/engine/ContainerNetwork.ts"
import type { EngineParts } from "./EngineParts.ts"
import { refused } from "./refused.ts"

/** What the simulated engine answers about networks, and does with them. */
export const networkRequests = ({ containers, networks, requests: { receive } }: EngineParts) => ({
  listNetworks: (label: string) =>
    receive({
      name: "list networks",
      subject: "",
      latencyMillis: 3,
      answer: Effect.sync(() => networks.all.filter(({ labels }) => label in labels))
    }),
  createNetwork: (spec: NetworkSpec) =>
    receive({
      name: "create network",
      subject: spec.name,
      latencyMillis: 60,
      answer: Effect.suspend(() =>
        networks.named(spec.name) === undefined
          ? Effect.succeed(networks.add(spec).id)
          : refused(`create network ${spec.name}`, 409, `network with name ${spec.name} already exists`)
      )
    }),
  removeNetwork: (idOrName: string) =>
    receive({
      name: "remove network",
      subject: idOrName,
      latencyMillis: 60,
      answer: Effect.sync(() => {
        const network = networks.named(idOrName)
        if (network === undefined) return "absent"
        if (containers.all.some((container) => container.isUp && container.isOn(network))) return "in use"
        networks.remove(network)
        return "removed"
      })
    })
})
