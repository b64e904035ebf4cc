import * as Redacted from "effect/Redacted"
import { addDiskLosses, diskMount } from "../../known/disks.ts"
import { fileText } from "../../known/fileText.ts"
import type { KnownContainer, KnownMount } from "../../known/KnownContainer.ts"
import { wholeText } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { type Source, volumePath } from "../../Source.ts"
import type { DeclaredFilesVolume, DeclaredVolume } from "../../../workload/DeclaredWorkload.ts"
import type { ValueSource } from "../../../workload/ValueSource.ts"
import { given } from "../kubernetes/words.ts"
import type { ServiceContext } from "./service.ts"

export interface VolumesContext extends ServiceContext {
  readonly source: Source
  /** The name of a variable for what only the VM knows. */
  readonly nameOf: (source: ValueSource, path: string) => string
}

/** The volumes that the engine keeps, by name. */
export const volumesOf = ({ source, losses }: VolumesContext) =>
  Object.fromEntries(
    source.workload.volumes.flatMap((volume) => {
      const path = volumePath(source, volume.name)
      const made = volumeOf(volume, path, losses)
      if (made === undefined) return []
      if (source.workload.volumeGroup !== undefined) {
        losses.add("spec.securityContext.fsGroup", `Compose gives the volume "${volume.name}" to no group.`)
      }
      return [[volume.name, made]]
    })
  )

const volumeOf = (volume: DeclaredVolume, path: string, losses: Losses): object | undefined => {
  switch (volume._tag) {
    case "Disk": {
      addDiskLosses(volume, path, "Docker", losses)
      const { type, device, options } = diskMount(volume)
      return { driver: "local", driver_opts: { type, device, o: options } }
    }
    case "EmptyDir":
      losses.note(
        `${path}.emptyDir`,
        "A volume of Docker keeps its content over a boot, after which an emptyDir is empty."
      )
      return {}
    case "Tmpfs":
      return {
        driver: "local",
        driver_opts: {
          type: "tmpfs",
          device: "tmpfs",
          ...(volume.sizeBytes === undefined ? {} : { o: `size=${volume.sizeBytes}` })
        }
      }
    case "HostPath":
      if (volume.type !== undefined && volume.type !== "DirectoryOrCreate" && volume.type !== "Directory") {
        losses.add(`${path}.hostPath.type`, "Compose wants something to be at the path, whatever it is.")
      }
      return undefined
    case "Image":
      if (volume.imagePullPolicy !== undefined) {
        losses.add(`${path}.image.pullPolicy`, "Compose pulls an image that is mounted if it is missing.")
      }
      return undefined
    case "Files":
      return undefined
  }
}

/** What a service mounts: volumes, and single files as configs. */
export const mountsOf = (container: KnownContainer, context: VolumesContext) => {
  const { volumes } = context.source.workload
  const configs: Array<object> = []
  const mounts = container.mounts.flatMap((mount): ReadonlyArray<object> => {
    const volume = volumes.find(({ name }) => name === mount.volume)
    if (volume === undefined) return []
    if (volume._tag !== "Files") return [mountOf(volume, mount, context)]
    configs.push(...filesOf(volume, mount, context))
    return []
  })
  return { volumes: given(mounts), configs: given(configs) }
}

const mountOf = (
  volume: Exclude<DeclaredVolume, { readonly _tag: "Files" }>,
  mount: KnownMount,
  { losses, fill }: VolumesContext
): object => {
  const { path: target, place } = mount
  const read_only = mount.readOnly || undefined
  const sub = mount.subPath && fill(mount.subPath, `${place}.subPathExpr`)
  switch (volume._tag) {
    case "HostPath": {
      if (mount.subPath !== undefined) {
        const whole = wholeText(mount.subPath)
        if (whole === undefined) losses.add(`${place}.subPathExpr`, "Compose mounts the whole directory.")
        const source = whole === undefined ? volume.path : `${volume.path.replace(/\/$/, "")}/${whole}`
        return { type: "bind", source, target, read_only, bind: { create_host_path: true } }
      }
      return {
        type: "bind",
        source: volume.path,
        target,
        read_only,
        bind: {
          create_host_path: volume.type === undefined || volume.type === "DirectoryOrCreate",
          propagation: mount.propagation && (mount.propagation === "HostToContainer" ? "rslave" : "rshared"),
          recursive: mount.recursiveReadOnly && (mount.recursiveReadOnly === "Enabled" ? "readonly" : "writable")
        }
      }
    }
    case "Image":
      return {
        type: "image",
        source: volume.image.text,
        target,
        read_only: true,
        image: sub && { subpath: sub }
      }
    default:
      if (sub !== undefined) {
        losses.add(
          `${place}.subPath`,
          "Docker makes no directory in a volume: what is not there when the container starts is an error."
        )
      }
      if (mount.propagation !== undefined) {
        losses.add(`${place}.mountPropagation`, "Docker passes no mounts on to or from its volumes.")
      }
      return { type: "volume", source: volume.name, target, read_only, volume: { nocopy: true, subpath: sub } }
  }
}

/** As if each file were mounted by itself: those of one volume are there and nothing else. */
const filesOf = (
  volume: DeclaredFilesVolume,
  mount: KnownMount,
  { source, losses }: VolumesContext
): ReadonlyArray<object> => {
  const part = mount.subPath === undefined ? "" : wholeText(mount.subPath)
  if (part === undefined) losses.add(`${mount.place}.subPathExpr`, "Compose mounts no part that only the VM can tell.")
  else if (!volume.files.some(({ path }) => relative(path, part) !== undefined)) {
    losses.add(mount.place, "What is optional is missing here, and Compose mounts files alone: nothing is at the path.")
  }
  return volume.files.flatMap((file) => {
    const below = part === undefined ? undefined : relative(file.path, part)
    if (below === undefined || !isWritable(file)) return []
    return [
      {
        source: configName(source, volume, file.path),
        target: below === "" ? mount.path : `${mount.path.replace(/\/$/, "")}/${below}`,
        mode: `0${file.mode.toString(8)}`
      }
    ]
  })
}

/** The path of a file below a part of its volume: empty for the part itself, undefined where it is not in it. */
const relative = (path: string, part: string): string | undefined => {
  if (part === "") return path
  if (path === part) return ""
  return path.startsWith(`${part}/`) ? path.slice(part.length + 1) : undefined
}

const isWritable = (file: DeclaredFilesVolume["files"][number]): boolean =>
  "from" in file || fileText(file) !== undefined

/** The files of all volumes, by the names of their configs. */
export const configsOf = (context: VolumesContext) => {
  const { source, losses, nameOf } = context
  const configs: Record<string, object> = {}
  for (const volume of source.workload.volumes) {
    if (volume._tag !== "Files") continue
    const path = volumePath(source, volume.name)
    for (const file of volume.files) {
      const name = configName(source, volume, file.path)
      const text = "from" in file ? undefined : fileText(file)
      if ("from" in file) configs[name] = { environment: nameOf(file.from, path) }
      else if (text !== undefined) configs[name] = { content: Redacted.value(text) }
      else losses.add(path, "A file that is no text cannot be written into a Compose file: mount it from the host.")
    }
  }
  return configs
}

/** One of a kind: what stands for other characters may stand for several. */
const configName = ({ workload }: Source, volume: DeclaredFilesVolume, path: string): string => {
  const plain = (of: DeclaredFilesVolume, at: string) => `${of.name}-${at}`.replaceAll(/[^\w.-]/g, "_")
  const all = workload.volumes.flatMap((of) =>
    of._tag === "Files" ? of.files.map((file) => ({ of, at: file.path, name: plain(of, file.path) })) : []
  )
  const name = plain(volume, path)
  const same = all.filter((one) => one.name === name)
  const index = same.findIndex(({ of, at }) => of === volume && at === path)
  return index > 0 ? `${name}.${index + 1}` : name
}
