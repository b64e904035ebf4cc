import type { Losses } from "../Losses.ts"
import type { DockerContainer, DockerMount } from "./DockerContainer.ts"
import { parseTmpfs, parseVolume } from "./dockerMounts.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { Told } from "./Value.ts"

/**
 * What is mounted into a container. `Mounts` beside its configuration has every bind and volume as it became, with the
 * directory of each volume; the options of a mount are in the configuration alone.
 */
export const inspectedMounts = (node: SourceNode, losses: Losses): DockerContainer["mounts"] => {
  const asked = node.get("HostConfig", "Mounts")?.items ?? []
  const askedAt = (target: string) => asked.find((mount) => mount.get("Target")?.text === target)
  const became = node.get("Mounts")
  const mounts =
    became === undefined
      ? (node.get("HostConfig", "Binds")?.items ?? []).flatMap((bind) => bindOf(bind, losses))
      : became.items.flatMap((mount) => mountOf(mount, askedAt(mount.get("Destination")?.text ?? ""), losses))
  const found = new Set(mounts.map(({ value }) => value.target))
  const others = asked.flatMap((mount) => (found.has(mount.get("Target")?.text ?? "") ? [] : askedOf(mount, losses)))
  const tmpfs = (node.get("HostConfig", "Tmpfs")?.entries ?? []).flatMap(
    ([target, options]): ReadonlyArray<Told<DockerMount>> => {
      const { mount, losses: lost } = parseTmpfs(`${target}:${options.text ?? ""}`)
      for (const reason of lost) losses.add(options.path, reason)
      return mount === undefined || found.has(target) ? [] : [{ value: mount, at: options.at }]
    }
  )
  return [...mounts, ...others, ...tmpfs]
}

const bindOf = (node: SourceNode, losses: Losses): ReadonlyArray<Told<DockerMount>> => {
  const { mount, losses: lost } = parseVolume(node.text ?? "")
  for (const reason of lost) losses.add(node.path, reason)
  return mount === undefined ? [] : [{ value: mount, at: node.at }]
}

const mountOf = (node: SourceNode, asked: SourceNode | undefined, losses: Losses): ReadonlyArray<Told<DockerMount>> => {
  const text = (key: string) => node.get(key)?.text
  const target = text("Destination") ?? ""
  const readOnly = node.get("RW")?.boolean === false
  const type = text("Type") ?? "bind"
  if (asked !== undefined && type !== "volume") return askedOf(asked, losses)
  switch (type) {
    case "bind":
      return [
        {
          at: node.at,
          value: {
            kind: "bind",
            source: text("Source") ?? "",
            target,
            readOnly,
            propagation: text("Propagation") || undefined
          }
        }
      ]
    case "volume": {
      const driver = text("Driver")
      if (driver !== undefined && driver !== "local") {
        losses.add(
          node.path,
          "The volume is of a driver that keeps it elsewhere, which nothing here mounts: mount it on the VM."
        )
        return []
      }
      const subPath = asked?.get("VolumeOptions", "Subpath")?.text || undefined
      return [
        {
          at: node.at,
          value: { kind: "volume", name: text("Name"), directory: text("Source"), target, readOnly, subPath }
        }
      ]
    }
    default:
      if (type !== "tmpfs") losses.add(node.path, "No volume of a declaration is of this type.")
      return type === "tmpfs" ? [{ at: node.at, value: { kind: "tmpfs", target, readOnly } }] : []
  }
}

/** As the API was asked for it. */
const askedOf = (node: SourceNode, losses: Losses): ReadonlyArray<Told<DockerMount>> => {
  const text = (...keys: ReadonlyArray<string>) => node.get(...keys)?.text || undefined
  const target = text("Target") ?? ""
  const readOnly = node.get("ReadOnly")?.boolean === true
  const told = (value: DockerMount) => [{ value, at: node.at }]
  switch (text("Type")) {
    case "bind": {
      const isForced = node.get("BindOptions", "ReadOnlyForceRecursive")?.boolean === true
      const isPartial = node.get("BindOptions", "ReadOnlyNonRecursive")?.boolean === true
      if (node.get("BindOptions", "NonRecursive")?.boolean === true) {
        losses.add(node.path, "What is mounted below the path on the host is there in the container as well.")
      }
      const recursive = isForced ? "readonly" : isPartial ? "writable" : undefined
      const propagation = text("BindOptions", "Propagation")
      return told({ kind: "bind", source: text("Source") ?? "", target, readOnly, propagation, recursive })
    }
    case "volume":
      return told({ kind: "volume", name: text("Source"), target, readOnly, subPath: text("VolumeOptions", "Subpath") })
    case "tmpfs": {
      const size = node.get("TmpfsOptions", "SizeBytes")?.number
      const mode = node.get("TmpfsOptions", "Mode")
      if (![undefined, 0, 0o1777].includes(mode?.number))
        losses.add(mode!.path, "Its mode is not carried over: it is 1777, open to all.")
      const options = node.get("TmpfsOptions", "Options")
      if (options !== undefined && options.items.length > 0)
        losses.add(options.path, "Of a tmpfs its size is carried over, and no option of its mount.")
      return told({ kind: "tmpfs", target, readOnly, size: size === 0 ? undefined : size })
    }
    case "image": {
      const subPath = text("ImageOptions", "Subpath")
      return told({ kind: "image", image: text("Source") ?? "", target, readOnly: true, subPath })
    }
    default:
      losses.add(node.path, "No volume of a declaration is of this type.")
      return []
  }
}
