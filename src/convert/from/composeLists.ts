import type { Losses } from "../Losses.ts"
import type { DockerHealth, DockerMount, DockerPort } from "./DockerContainer.ts"
import { parseTmpfs, parseVolume, type ReadMount } from "./dockerMounts.ts"
import { parsePublish, randomPort } from "./dockerPorts.ts"
import { bytesOf, secondsOf } from "./dockerUnits.ts"
import type { ComposeService } from "./ComposeService.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { From, Told } from "./Value.ts"

const unread = (node: SourceNode, form: string, losses: Losses): ReadonlyArray<never> => {
  losses.add(node.path, `It cannot be read: write it as in ${form}.`)
  return []
}

/** Whatever else a mapping has is not carried over. */
export const reportOthers = (
  node: SourceNode,
  carried: ReadonlyArray<string>,
  losses: Losses,
  reason = "No field of a declaration says it."
): void => {
  for (const [key, value] of node.entries) {
    if (!carried.includes(key) && !key.startsWith("x-") && value.kind !== "null") losses.add(value.path, reason)
  }
}

export const portsOf = (service: ComposeService, losses: Losses): ReadonlyArray<Told<DockerPort>> => {
  const isHost = service.text("network_mode")?.value === "host"
  const published = service.all("ports").flatMap(({ items }) =>
    items.flatMap((node): ReadonlyArray<Told<DockerPort>> => {
      const text = node.kind === "mapping" ? longPort(node, losses) : node.text
      const read = text === undefined ? undefined : parsePublish(text)
      if (read === undefined) return unread(node, '"8080:80"', losses)
      if (read.isRandom && !isHost) losses.add(node.path, randomPort)
      return read.ports.map((value) => ({ value, at: node.at }))
    })
  )
  const exposed = service.all("expose").flatMap(({ items }) =>
    items.flatMap((node): ReadonlyArray<Told<DockerPort>> => {
      const read = node.text === undefined ? undefined : parsePublish(node.text)
      if (read === undefined) return unread(node, '"80"', losses)
      return read.ports.map((port) => ({ value: { ...port, hostPort: undefined }, at: node.at }))
    })
  )
  const isPublished = ({ containerPort, protocol }: DockerPort) =>
    published.some(({ value }) => value.containerPort === containerPort && value.protocol === protocol)
  return [...published, ...exposed.filter(({ value }) => !isPublished(value))]
}

/** The short form of a port's long one. */
const longPort = (node: SourceNode, losses: Losses): string | undefined => {
  const text = (key: string) => node.get(key)?.text
  reportOthers(node, ["target", "published", "host_ip", "protocol", "mode", "name"], losses)
  const mode = node.get("mode")
  if (mode?.text === "ingress") losses.note(mode.path, "There is one VM: the port is published on it.")
  const name = node.get("name")
  if (name !== undefined) losses.add(name.path, "The port has no name here, which nothing would read.")
  const ip = text("host_ip")
  const published = text("published")
  const address = ip?.includes(":") === true ? `[${ip}]` : ip
  const before =
    address === undefined ? (published === undefined ? "" : `${published}:`) : `${address}:${published ?? ""}:`
  return text("target") === undefined ? undefined : `${before}${text("target")}/${text("protocol") ?? "tcp"}`
}

/** What a named volume of the file is. */
export interface NamedVolume {
  /** As Docker would name it, as far as that is known. */
  readonly name: string
  /** A sentence on where the name is from, or what is missing for it. */
  readonly why?: string | undefined
  /** It is a directory of the host. */
  readonly directory?: string | undefined
  /** It is kept where no declaration can have it from. */
  readonly isElsewhere?: boolean
  /** It is something else that a Pod's volume may be. */
  readonly source?: From
}

export const mountsOf = (
  service: ComposeService,
  volumes: ReadonlyMap<string, NamedVolume>,
  losses: Losses
): ReadonlyArray<Told<DockerMount>> => {
  const told = (node: SourceNode, { mount, losses: lost }: ReadMount): ReadonlyArray<Told<DockerMount>> => {
    for (const reason of lost) losses.add(node.path, reason)
    if (mount === undefined) return []
    const isElsewhere = mount.kind === "volume" && volumes.get(mount.name ?? "")?.isElsewhere === true
    if (isElsewhere) losses.add(node.path, "The volume is kept elsewhere: mount it on the VM, and write that path.")
    return isElsewhere ? [] : [{ value: named(mount, volumes), at: node.at }]
  }
  const mounts = service
    .all("volumes")
    .flatMap(({ items }) =>
      items.flatMap((node) =>
        node.kind === "mapping"
          ? told(node, longMount(node, losses))
          : node.text === undefined
            ? unread(node, '"data:/data"', losses)
            : told(node, parseVolume(node.text))
      )
    )
  const tmpfs = service
    .all("tmpfs")
    .flatMap((node) =>
      (node.kind === "list" ? node.items : [node]).flatMap((item) =>
        item.text === undefined ? unread(item, '"/run"', losses) : told(item, parseTmpfs(item.text))
      )
    )
  // A later layer's mount takes the place of an earlier one at its path.
  return [...new Map([...mounts, ...tmpfs].map((mount) => [mount.value.target, mount])).values()]
}

const named = (mount: DockerMount, volumes: ReadonlyMap<string, NamedVolume>): DockerMount => {
  const volume = mount.kind === "volume" && mount.name !== undefined ? volumes.get(mount.name) : undefined
  if (mount.kind !== "volume" || volume === undefined) return mount
  const { target, readOnly, subPath } = mount
  if (volume.source !== undefined)
    return { kind: "other", name: mount.name!, source: volume.source, target, readOnly, subPath }
  return volume.directory === undefined
    ? { ...mount, name: volume.name, why: volume.why }
    : { kind: "bind", source: volume.directory, target, readOnly, subPath }
}

const longMount = (node: SourceNode, losses: Losses): ReadMount => {
  const text = (...keys: ReadonlyArray<string>) => node.get(...keys)?.text
  const lost: Array<string> = []
  const target = text("target") ?? ""
  const readOnly = node.get("read_only")?.boolean ?? false
  const source = text("source")
  reportOthers(
    node,
    ["type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs", "image"],
    losses
  )
  const options = (key: string, ...carried: ReadonlyArray<string>) => {
    const found = node.get(key)
    if (found !== undefined) reportOthers(found, carried, losses)
  }
  switch (text("type") ?? "volume") {
    case "bind": {
      options("bind", "propagation", "create_host_path", "recursive")
      if (node.get("bind", "create_host_path")?.boolean === false)
        lost.push(
          "A path that is missing on the host is made, as a directory: write the type Directory or File into the hostPath."
        )
      const recursive = text("bind", "recursive")
      if (recursive === "disabled")
        lost.push("What is mounted below the path on the host is there in the container as well.")
      const mount: DockerMount = {
        kind: "bind",
        source: source ?? "",
        target,
        readOnly,
        propagation: text("bind", "propagation"),
        recursive: recursive === "readonly" || recursive === "writable" ? recursive : undefined
      }
      return { mount, losses: lost }
    }
    case "volume":
      options("volume", "nocopy", "subpath")
      return {
        mount: { kind: "volume", name: source, target, readOnly, subPath: text("volume", "subpath") },
        losses: lost
      }
    case "tmpfs": {
      options("tmpfs", "size")
      const size = text("tmpfs", "size")
      const bytes = size === undefined ? undefined : bytesOf(size)
      if (size !== undefined && bytes === undefined)
        lost.push("Its size is none that Docker takes: write it as in 64m.")
      return { mount: { kind: "tmpfs", target, readOnly, size: bytes }, losses: lost }
    }
    case "image":
      options("image", "subpath")
      return {
        mount: { kind: "image", image: source ?? "", target, readOnly: true, subPath: text("image", "subpath") },
        losses: lost
      }
    default:
      return { mount: undefined, losses: [`No volume of a declaration is of this type.`] }
  }
}

export const healthOf = (service: ComposeService, losses: Losses): Told<DockerHealth> | undefined => {
  const node = service.one("healthcheck")
  if (node === undefined) return undefined
  for (const layer of service.all("healthcheck")) {
    reportOthers(
      layer,
      ["test", "interval", "timeout", "retries", "start_period", "disable"],
      losses,
      "A probe has one period."
    )
  }
  if (service.boolean("healthcheck", "disable")?.value === true) return { value: { test: ["NONE"] }, at: node.at }
  // The image's own health check is there anyway.
  if (service.all("healthcheck").every(({ entries }) => entries.every(([key]) => key === "disable"))) return undefined
  const seconds = (key: string): number | undefined => {
    const found = service.one("healthcheck", key)
    const value = found?.text === undefined ? undefined : secondsOf(found.text)
    if (found !== undefined && value === undefined) unread(found, "30s", losses)
    return value
  }
  const test = service.one("healthcheck", "test")
  const retries = service.one("healthcheck", "retries")
  const words = test?.kind === "list" ? test.items.map((item) => item.text ?? "") : undefined
  return {
    at: node.at,
    value: {
      test: words ?? (test?.text === undefined ? [] : ["CMD-SHELL", test.text]),
      interval: seconds("interval"),
      timeout: seconds("timeout"),
      startPeriod: seconds("start_period"),
      retries:
        retries?.number ??
        (retries?.text !== undefined && /^\d+$/.test(retries.text) ? Number(retries.text) : undefined)
    }
  }
}
