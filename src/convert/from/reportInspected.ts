import type { Losses } from "../Losses.ts"
import { jsonOf } from "./Inspected.ts"
import { configKeys, hostConfigKeys, idleConfig, idleHostConfig } from "./inspectKeys.ts"
import type { SourceNode } from "./SourceNode.ts"

/** Everything that is not carried over, by its key. */
export const reportInspected = (node: SourceNode, image: SourceNode | undefined, losses: Losses): void => {
  const isPodmans = node.get("HostConfig", "CgroupManager") !== undefined
  for (const [part, keys, idle] of [
    ["Config", configKeys, idleConfig],
    ["HostConfig", hostConfigKeys, idleHostConfig]
  ] as const) {
    for (const [key, value] of node.get(part)?.entries ?? []) {
      const reason = Object.hasOwn(keys, key) ? keys[key] : "No field of a declaration says it."
      const isIdle =
        asksForNothing(value) || idle[key]?.includes(value.text ?? "") === true || (isPodmans && isOfPodman(key, value))
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

/** Podman's own limit, and what it keeps of other keys: the command line that it was called with, annotations. */
const isOfPodman = (key: string, value: SourceNode): boolean =>
  key === "CreateCommand" ||
  (key === "PidsLimit" && value.text === "2048") ||
  (key === "Annotations" &&
    value.entries.every(([name]) =>
      /^(?:io\.container\.manager$|io\.podman\.|org\.opencontainers\.image\.)/.test(name)
    ))

const asksForNothing = (node: SourceNode): boolean =>
  jsonOf(node) === "" ||
  node.number === 0 ||
  node.plainBoolean === false ||
  (node.kind === "list" && node.items.every(({ number }) => number === 0))
