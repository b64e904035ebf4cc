import type { Losses } from "../Losses.ts"
import { jsonOf } from "./Inspected.ts"
import { configKeys, hostConfigKeys, idleHostConfig } from "./inspectKeys.ts"
import type { SourceNode } from "./SourceNode.ts"

/** Everything that is not carried over, by its key. */
export const reportInspected = (node: SourceNode, image: SourceNode | undefined, losses: Losses): void => {
  for (const [part, keys] of [
    ["Config", configKeys],
    ["HostConfig", hostConfigKeys]
  ] as const) {
    for (const [key, value] of node.get(part)?.entries ?? []) {
      const reason = Object.hasOwn(keys, key) ? keys[key] : "No field of a declaration says it."
      const isIdle =
        asksForNothing(value) || (part === "HostConfig" && idleHostConfig[key]?.includes(value.text ?? "") === true)
      const isImages = part === "Config" && image !== undefined && jsonOf(value) === jsonOf(image.get("Config", key))
      if (reason !== undefined && !isIdle && !isImages && !(key === "Labels" && isOurs(value)))
        losses.add(value.path, reason)
    }
  }
  const networks: ReadonlyArray<readonly [string, SourceNode]> = node.get("NetworkSettings", "Networks")?.entries ?? []
  for (const [, network] of networks.slice(1)) losses.add(network.path, "A Pod has one network.")
}

/** Labels that Slipway, or Compose, gave it. */
const isOurs = (labels: SourceNode): boolean =>
  labels.entries.every(([key]) => key.startsWith("slipway.") || key.startsWith("com.docker.compose."))

const asksForNothing = (node: SourceNode): boolean =>
  jsonOf(node) === "" ||
  node.number === 0 ||
  node.plainBoolean === false ||
  (node.kind === "list" && node.items.every(({ number }) => number === 0))
