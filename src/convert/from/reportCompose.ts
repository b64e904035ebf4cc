import type { Losses } from "../Losses.ts"
import { deployKeys, idleValues, serviceKeys } from "./composeKeys.ts"
import { reportOthers } from "./composeLists.ts"
import type { ComposeService } from "./ComposeService.ts"

/** Everything that is not carried over, by its key. */
export const reportService = (service: ComposeService, losses: Losses): void => {
  for (const layer of service.layers) {
    for (const [key, value] of layer.entries) {
      // What extends it may have taken it back.
      if (key.startsWith("x-") || !service.all(key).includes(value)) continue
      const isKnown = Object.hasOwn(serviceKeys, key)
      const reason = isKnown ? serviceKeys[key] : "Compose has no such key of a service."
      if (reason !== undefined && !(idleValues[key] ?? []).includes(value.text ?? "")) losses.add(value.path, reason)
    }
    for (const [key, value] of layer.get("deploy")?.entries ?? []) {
      if (key.startsWith("x-")) continue
      const reason = Object.hasOwn(deployKeys, key) ? deployKeys[key] : "Compose has no such key of deploy."
      if (reason !== undefined) losses.add(value.path, reason)
    }
    for (const kind of ["limits", "reservations"]) {
      const amounts = layer.get("deploy", "resources", kind)
      if (amounts !== undefined) reportOthers(amounts, ["cpus", "memory", "devices"], losses)
    }
    for (const key of ["scale", "deploy.replicas"]) {
      const count = layer.get(...key.split("."))
      if (count !== undefined && count.text !== "1") losses.add(count.path, "A Pod has each container once.")
    }
    const network = layer.get("networks")
    for (const [, one] of network?.kind === "mapping" ? network.entries : []) {
      reportOthers(one, ["aliases"], losses, "A Pod's network is the engine's choice.")
    }
    const logging = layer.get("logging")
    if (logging !== undefined) reportOthers(logging, ["driver", "options"], losses)
  }
}
