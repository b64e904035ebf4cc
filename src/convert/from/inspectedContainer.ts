import type { Losses } from "../Losses.ts"
import { textOf } from "./ComposeService.ts"
import { type DockerContainer, dockerContainer, type DockerHealth, type DockerPort } from "./DockerContainer.ts"
import { hostGateway, parseExtraHost } from "./dockerWords.ts"
import { configKeys, hostConfigKeys, idleHostConfig } from "./inspectKeys.ts"
import { inspectedMounts } from "./inspectedMounts.ts"
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
  reportKeys(node, image, losses)
  if (image === undefined) {
    losses.add(
      config.path,
      "What it has of its image cannot be told from what it was given, so that all of it is carried over, and a newer image " +
        "changes none of it. Give `docker inspect CONTAINER IMAGE` to leave to the image what is the image's."
    )
  }
  const isImages = (key: string) => image !== undefined && jsonOf(config.at(key)) === jsonOf(own.at(key))
  const isEntrypointImages = isImages("Entrypoint")
  const entrypoint = isEntrypointImages ? undefined : config.list("Entrypoint")
  const command = isEntrypointImages && isImages("Cmd") ? undefined : config.list("Cmd")
  const known = new Set(own.texts("Env").map(({ value }) => value))
  const name = node.get("Name")
  const memory = host.amount("Memory")
  const swap = host.amount("MemorySwap")
  // Docker's default: as much swap as memory.
  if (swap !== undefined && memory !== undefined && ![memory.value, 2 * memory.value].includes(swap.value)) {
    losses.add(swap.at.path, "A limit of memory is without swap.")
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
      ...(entrypoint && { entrypoint }),
      ...(command && (command.value.length > 0 || entrypoint?.value.length === 0) && { command }),
      ...optional("workingDir", isImages("WorkingDir") ? undefined : config.text("WorkingDir")),
      env: config.texts("Env").flatMap(({ value, at }) => {
        const [, name = value, text = ""] = /^([^=]*)=([^]*)$/.exec(value) ?? []
        return known.has(value)
          ? []
          : [{ value: { name, value: text }, at: { ...at, path: `${config.path}.Env.${name}` } }]
      }),
      ports: portsOf({ config, host, image: image && own }, losses),
      mounts: inspectedMounts(node, losses),
      restart: restartOf(host, node),
      ...optional("cpuMillis", cpuOf(host, losses)),
      ...optional("cpuShares", host.amount("CpuShares")),
      ...optional("memory", memory),
      ...optional("memoryReservation", host.amount("MemoryReservation")),
      ...optional("gpus", gpusOf(host, losses)),
      ...optional("shmSize", unless(host.amount("ShmSize"), defaultShmSize)),
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
      ...optional("runtime", unless(host.text("Runtime"), "runc", "io.containerd.runc.v2"))
    }
  )
}

/** By the name that its container was created with. An ID says nothing to a registry: then it is a name of the image. */
const imageTold = (config: Inspected, image: SourceNode | undefined, losses: Losses): Told<string> | undefined => {
  const told = config.text("Image")
  if (told === undefined || !/^(?:sha256:)?[0-9a-f]{64}$/.test(told.value)) return told
  const name = image?.get("RepoTags")?.items[0]?.text ?? image?.get("RepoDigests")?.items[0]?.text
  if (name === undefined) return undefined
  losses.add(told.at.path, "The image was given by its ID: it is named by its tag, which may be another image by now.")
  return { value: name, at: told.at }
}

/** A part of what was inspected, by its keys. */
class Inspected {
  readonly path: string
  readonly #node: SourceNode | undefined

  constructor(node: SourceNode | undefined, key: string) {
    this.#node = node?.get(key)
    this.path = this.#node?.path ?? key
  }

  at(key: string): SourceNode | undefined {
    return this.#node?.get(key)
  }

  /** Undefined where it is empty. */
  text(key: string): Told<string> | undefined {
    const told = textOf(this.at(key))
    return told?.value === "" ? undefined : told
  }

  texts(key: string): ReadonlyArray<Told<string>> {
    return (this.at(key)?.items ?? []).flatMap((item) => textOf(item) ?? [])
  }

  list(key: string): Told<ReadonlyArray<string>> | undefined {
    const node = this.at(key)
    return node?.kind === "list" ? { value: node.items.map(({ text }) => text ?? ""), at: node.at } : undefined
  }

  boolean(key: string): Told<boolean> | undefined {
    const node = this.at(key)
    return node?.boolean === undefined ? undefined : { value: node.boolean, at: node.at }
  }

  /** Undefined where it is 0 or less, which asks for nothing. */
  amount(key: string): Told<number> | undefined {
    const node = this.at(key)
    return node?.number === undefined || node.number <= 0 ? undefined : { value: node.number, at: node.at }
  }
}

const optional = <K extends string, A>(key: K, value: A | undefined): { readonly [Key in K]?: A } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [Key in K]: A })

const unless = <A>(told: Told<A> | undefined, ...defaults: ReadonlyArray<A>): Told<A> | undefined =>
  told !== undefined && defaults.includes(told.value) ? undefined : told

/** 64 MiB */
const defaultShmSize = 67_108_864

/** Equal texts for equal values: null, and what is empty, are nothing. */
const jsonOf = (node: SourceNode | undefined): string => {
  if (node === undefined || node.kind === "null") return ""
  if (node.kind === "list") return node.items.length === 0 ? "" : `[${node.items.map(jsonOf).join(",")}]`
  if (node.kind === "mapping") {
    const entries = node.entries.map(([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`)
    return entries.length === 0 ? "" : `{${entries.toSorted().join(",")}}`
  }
  return node.text === "" ? "" : JSON.stringify(node.text)
}

const asksForNothing = (node: SourceNode): boolean =>
  jsonOf(node) === "" ||
  node.number === 0 ||
  node.plainBoolean === false ||
  (node.kind === "list" && node.items.every(({ number }) => number === 0))

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

const restartOf = (host: Inspected, node: SourceNode): Told<string> => {
  const policy = host.at("RestartPolicy")
  const name = policy?.get("Name")?.text || "no"
  const retries = policy?.get("MaximumRetryCount")?.number ?? 0
  return { value: name === "on-failure" && retries > 0 ? `on-failure:${retries}` : name, at: policy?.at ?? node.at }
}

const cpuOf = (host: Inspected, losses: Losses): Told<number> | undefined => {
  const nanos = host.amount("NanoCpus")
  const quota = host.amount("CpuQuota")
  const period = host.amount("CpuPeriod")
  if (nanos !== undefined) return { value: Math.ceil(nanos.value / 1e6), at: nanos.at }
  if (quota === undefined && period !== undefined) losses.add(period.at.path, "Without a quota it limits nothing.")
  return quota && { value: Math.ceil((quota.value * 1000) / (period?.value ?? 100_000)), at: quota.at }
}

const gpusOf = (host: Inspected, losses: Losses): Told<number> | undefined => {
  let gpus: Told<number> | undefined
  for (const request of host.at("DeviceRequests")?.items ?? []) {
    const ids = request.get("DeviceIDs")?.items ?? []
    const count = request.get("Count")?.number ?? 0
    const isGpu = request.get("Driver")?.text === "nvidia" || jsonOf(request.get("Capabilities")).includes('"gpu"')
    if (!isGpu) losses.add(request.path, "Devices are not passed on but for GPUs.")
    else if (ids.length > 0) {
      losses.add(
        request.path,
        "Their number is carried over, not which ones they are: GPUs are given from the first one on."
      )
      gpus = { value: ids.length, at: request.at }
    } else if (count > 0) gpus = { value: count, at: request.at }
    else
      losses.add(
        request.path,
        'Their number has to be said: write "nvidia.com/gpu" into the limits, with how many the VM has.'
      )
  }
  return gpus
}

/** Where the engine's lists of what is hidden are empty, and the container is not privileged, somebody has asked for it. */
const unmaskedOf = (host: Inspected): DockerContainer["securityOptions"] => {
  const masked = host.at("MaskedPaths")
  const isAsked = masked?.kind === "list" && masked.items.length === 0 && host.boolean("Privileged")?.value !== true
  return isAsked ? [{ value: "systempaths=unconfined", at: masked.at }] : []
}

const loggingOf = (host: Inspected): DockerContainer["logging"] => {
  const node = host.at("LogConfig")
  const driver = node?.get("Type")?.text ?? ""
  const options = (node?.get("Config")?.entries ?? []).map(([name, value]) => [name, value.text ?? ""] as const)
  // The engine's own default.
  if (node === undefined || (options.length === 0 && (driver === "" || driver === "json-file"))) return undefined
  return { at: node.at, value: { driver, options: Object.fromEntries(options) } }
}

const healthOf = (node: SourceNode | undefined, losses: Losses): Told<DockerHealth> | undefined => {
  if (node === undefined || node.kind !== "mapping" || node.entries.length === 0) return undefined
  const seconds = (key: string): number | undefined => {
    const nanos = node.get(key)?.number
    return nanos === undefined ? undefined : nanos / 1e9
  }
  const interval = node.get("StartInterval")
  if (interval?.number !== undefined && interval.number > 0) losses.add(interval.path, "A probe has one period.")
  return {
    at: node.at,
    value: {
      test: node.get("Test")?.items.map(({ text }) => text ?? "") ?? [],
      interval: seconds("Interval"),
      timeout: seconds("Timeout"),
      startPeriod: seconds("StartPeriod"),
      retries: node.get("Retries")?.number
    }
  }
}

/** What an image exposes may be listened on by nobody: only what was asked for beside that is declared. */
const portsOf = (
  {
    config,
    host,
    image
  }: { readonly config: Inspected; readonly host: Inspected; readonly image: Inspected | undefined },
  losses: Losses
): ReadonlyArray<Told<DockerPort>> => {
  const portOf = (text: string) => {
    const [port = "", protocol = "tcp"] = text.split("/")
    return { containerPort: Number(port), protocol }
  }
  const bindings = host.at("PortBindings")?.entries ?? []
  const published = bindings.flatMap(([key, list]) =>
    list.items.map((binding): Told<DockerPort> => {
      const port = Number(binding.get("HostPort")?.text ?? "")
      const address = binding.get("HostIp")?.text ?? ""
      if (!(port > 0)) losses.add(list.path, "The engine would choose a port of the host: write one as hostPort.")
      const value = {
        ...portOf(key),
        hostPort: port > 0 ? port : undefined,
        hostIp: ["", "0.0.0.0"].includes(address) || !(port > 0) ? undefined : address
      }
      return { value, at: list.at }
    })
  )
  const names = new Set([
    ...bindings.map(([key]) => key),
    ...(image?.at("ExposedPorts")?.entries ?? []).map(([key]) => key)
  ])
  const exposed = (image === undefined ? [] : (config.at("ExposedPorts")?.entries ?? [])).flatMap(
    ([key, node]): ReadonlyArray<Told<DockerPort>> => (names.has(key) ? [] : [{ value: portOf(key), at: node.at }])
  )
  return [...published, ...exposed]
}

/** Everything that is not carried over, by its key. */
const reportKeys = (node: SourceNode, image: SourceNode | undefined, losses: Losses): void => {
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
