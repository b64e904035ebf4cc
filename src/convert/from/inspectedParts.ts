import { millisOfQuota, noQuota } from "./dockerLimits.ts"
import type { Losses } from "../Losses.ts"
import type { DockerContainer, DockerHealth, DockerPort } from "./DockerContainer.ts"
import { type Inspected, jsonOf } from "./Inspected.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { Told } from "./Value.ts"

/** By the name that its container was created with. An ID says nothing to a registry: then it is a name of the image. */
export const imageTold = (
  config: Inspected,
  image: SourceNode | undefined,
  losses: Losses
): Told<string> | undefined => {
  const told = config.text("Image")
  if (told === undefined || !/^(?:sha256:)?[0-9a-f]{64}$/.test(told.value)) return told
  const name = image?.get("RepoTags")?.items[0]?.text ?? image?.get("RepoDigests")?.items[0]?.text
  if (name === undefined) return undefined
  losses.note(told.at.path, "The image was given by its ID: it is named by its tag, which may be another image by now.")
  return { value: name, at: told.at }
}

export const restartOf = (host: Inspected, node: SourceNode): Told<string> => {
  const policy = host.at("RestartPolicy")
  const name = policy?.get("Name")?.text || "no"
  const retries = policy?.get("MaximumRetryCount")?.number ?? 0
  return { value: name === "on-failure" && retries > 0 ? `on-failure:${retries}` : name, at: policy?.at ?? node.at }
}

export const cpuOf = (host: Inspected, losses: Losses): Told<number> | undefined => {
  const nanos = host.amount("NanoCpus")
  const quota = host.amount("CpuQuota")
  const period = host.amount("CpuPeriod")
  if (nanos !== undefined) return { value: Math.ceil(nanos.value / 1e6), at: nanos.at }
  if (quota === undefined && period !== undefined) losses.add(period.at.path, noQuota)
  return millisOfQuota(quota, period)
}

export const gpusOf = (host: Inspected, losses: Losses): Told<number> | undefined => {
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
export const unmaskedOf = (host: Inspected): DockerContainer["securityOptions"] => {
  const masked = host.at("MaskedPaths")
  const isAsked = masked?.kind === "list" && masked.items.length === 0 && host.boolean("Privileged")?.value !== true
  return isAsked ? [{ value: "systempaths=unconfined", at: masked.at }] : []
}

export const loggingOf = (host: Inspected): DockerContainer["logging"] => {
  const node = host.at("LogConfig")
  const driver = node?.get("Type")?.text ?? ""
  const options = (node?.get("Config")?.entries ?? []).map(([name, value]) => [name, value.text ?? ""] as const)
  // The engine's own default.
  if (node === undefined || (options.length === 0 && (driver === "" || driver === "json-file"))) return undefined
  return { at: node.at, value: { driver, options: Object.fromEntries(options) } }
}

export const healthOf = (node: SourceNode | undefined, losses: Losses): Told<DockerHealth> | undefined => {
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
export const portsOf = (
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
