import { noSwap } from "./dockerLimits.ts"
import type { Losses } from "../Losses.ts"
import { type DockerContainer, dockerContainer } from "./DockerContainer.ts"
import { hostGateway, parseExtraHost } from "./dockerWords.ts"
import { Inspected, jsonOf } from "./Inspected.ts"
import { inspectedMounts } from "./inspectedMounts.ts"
import { cpuOf, gpusOf, healthOf, imageTold, loggingOf, portsOf, restartOf, unmaskedOf } from "./inspectedParts.ts"
import { optional } from "./optional.ts"
import { reportInspected } from "./reportInspected.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { Told } from "./Value.ts"

/** A container as it was created, without what it has of its image. */
export const inspectedContainer = (
  node: SourceNode,
  image: SourceNode | undefined,
  losses: Losses
): DockerContainer => {
  const config = new Inspected(node, "Config")
  const host = new Inspected(node, "HostConfig")
  const own = new Inspected(image, "Config")
  reportInspected(node, image, losses)
  if (image === undefined) {
    losses.note(
      config.path,
      "What it has of its image cannot be told from what it was given, so that all of it is carried over, and a newer image " +
        "changes none of it. Give `docker inspect CONTAINER IMAGE` to leave to the image what is the image's."
    )
  }
  const isImages = (key: string) => image !== undefined && jsonOf(config.at(key)) === jsonOf(own.at(key))
  const isEntrypointImages = isImages("Entrypoint")
  const entrypoint = isEntrypointImages ? undefined : config.words("Entrypoint")
  const command = isEntrypointImages && isImages("Cmd") ? undefined : config.list("Cmd")
  const known = new Set(own.texts("Env").map(({ value }) => value))
  const name = node.get("Name")
  const memory = host.amount("Memory")
  const swap = host.amount("MemorySwap")
  // Docker's default: as much swap as memory.
  if (swap !== undefined && memory !== undefined && ![memory.value, 2 * memory.value].includes(swap.value)) {
    losses.add(swap.at.path, noSwap)
  }
  const hasOwnName =
    config.at("Hostname")?.text !== undefined && !(node.get("Id")?.text ?? "").startsWith(config.at("Hostname")!.text!)
  const isHostNetwork = host.at("NetworkMode")?.text === "host"
  const health = isImages("Healthcheck") ? undefined : healthOf(config.at("Healthcheck"), losses)
  return dockerContainer(
    node.at,
    imageTold(config, image, losses) ?? { value: "", at: { ...node.at, path: `${config.path}.Image` } },
    {
      ...(name?.text !== undefined && { name: { value: nameOf(name.text), at: name.at } }),
      hosts: hostsOf(node),
      ...optional("id", node.get("Id")?.text),
      ...(entrypoint && { entrypoint }),
      ...(command && (command.value.length > 0 || entrypoint?.value.length === 0) && { command }),
      ...optional("workingDir", isImages("WorkingDir") ? undefined : config.text("WorkingDir")),
      env: config.texts("Env").flatMap(({ value, at }) => {
        const [, name = value, text = ""] = /^([^=]*)=([^]*)$/.exec(value) ?? []
        return known.has(value) || isEngines(name, text, config)
          ? []
          : [{ value: { name, value: text }, at: { ...at, path: `${config.path}.Env.${name}` } }]
      }),
      ports: portsOf({ config, host, image: image && own }, losses),
      mounts: inspectedMounts(node, losses),
      // What became of the mounts has those of others.
      volumesFrom: node.get("Mounts") === undefined ? host.texts("VolumesFrom") : [],
      links: host.texts("Links").flatMap(({ value, at }) => {
        const [, container, alias] = /^\/?([^:]+):\/?(?:.*\/)?([^/]+)$/.exec(value) ?? []
        return container === undefined || alias === undefined ? [] : [{ value: { container, alias }, at }]
      }),
      restart: restartOf(host, node),
      ...optional("cpuMillis", cpuOf(host, losses)),
      ...optional("cpuShares", host.amount("CpuShares")),
      ...optional("memory", memory),
      ...optional("memoryReservation", host.amount("MemoryReservation")),
      ...optional("gpus", gpusOf(host, losses)),
      ...optional("shmSize", unless(host.amount("ShmSize"), ...defaultShmSizes)),
      ...optional("user", isImages("User") ? undefined : config.text("User")),
      groups: host.texts("GroupAdd"),
      capAdd: host.texts("CapAdd"),
      capDrop: host.texts("CapDrop"),
      ...optional("privileged", host.boolean("Privileged")),
      ...optional("readOnly", host.boolean("ReadonlyRootfs")),
      securityOptions: [
        ...host
          .texts("SecurityOpt")
          .filter(({ value }) => !(value === "label=disable" && host.boolean("Privileged")?.value === true)),
        ...unmaskedOf(host)
      ],
      sysctls: (host.at("Sysctls")?.entries ?? []).map(([name, value]) => ({
        value: { name, value: value.text ?? "" },
        at: value.at
      })),
      ...optional("stdin", config.boolean("OpenStdin")),
      ...optional("stdinOnce", config.boolean("StdinOnce")),
      ...optional("tty", config.boolean("Tty")),
      ...optional("stopSignal", isImages("StopSignal") ? undefined : config.text("StopSignal")),
      ...optional("stopTimeout", config.amount("StopTimeout")),
      ...optional("health", health),
      ...optional("logging", loggingOf(host)),
      ...optional("hostname", hasOwnName && !isHostNetwork ? config.text("Hostname") : undefined),
      dns: host.texts("Dns"),
      dnsSearch: host.texts("DnsSearch"),
      dnsOptions: host.texts("DnsOptions"),
      extraHosts: host.texts("ExtraHosts").flatMap(({ value: text, at }) => {
        const value = parseExtraHost(text)
        if (value === undefined || value.ip === "host-gateway") losses.add(at.path, hostGateway)
        return value === undefined || value.ip === "host-gateway" ? [] : [{ value, at }]
      }),
      ...optional("network", host.text("NetworkMode")),
      ...optional("pid", host.text("PidMode")),
      ...optional("ipc", host.text("IpcMode")),
      ...optional("runtime", unless(host.text("Runtime"), "runc", "io.containerd.runc.v2", "oci"))
    }
  )
}

const unless = <A>(told: Told<A> | undefined, ...defaults: ReadonlyArray<A>): Told<A> | undefined =>
  told !== undefined && defaults.includes(told.value) ? undefined : told

/** Docker's and Podman's. */
const defaultShmSizes = [67_108_864, 65_536_000]

/** Podman writes them into each container. */
const isEngines = (name: string, value: string, config: Inspected): boolean =>
  (name === "container" && value === "podman") || (name === "HOSTNAME" && value === config.at("Hostname")?.text)

/** konlet's and Slipway's names for a container without what they add. */
const nameOf = (name: string): string => {
  const plain = name.replace(/^\//, "")
  return /^klt-(.*)-[a-z]{4}$/.exec(plain)?.[1] ?? plain
}

/** Other containers on its networks find it by these. */
const hostsOf = (node: SourceNode): ReadonlyArray<string> => {
  const networks = node.get("NetworkSettings", "Networks")?.entries ?? []
  const aliases = networks
    .filter(([name]) => name !== "bridge" && name !== "host")
    .flatMap(([, network]) => [
      (node.get("Name")?.text ?? "").replace(/^\//, ""),
      ...(network.get("Aliases")?.items.flatMap(({ text }) => text ?? []) ?? [])
    ])
  return [...new Set(aliases)].filter((name) => name !== "")
}
