import { addDiskLosses, diskMount } from "../../known/disks.ts"
import type { KnownContainer, KnownMount } from "../../known/KnownContainer.ts"
import { joined, known, type Text, wholeText } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { type Source, volumePath } from "../../Source.ts"
import type { DeclaredVolume } from "../../../workload/DeclaredWorkload.ts"
import { type Line, line, lineIf, words } from "./unitText.ts"

export interface VolumeContext {
  readonly source: Source
  readonly pod: string
  readonly losses: Losses
}

/** Where the files of a Pod's volumes are. They are in memory. */
export const podFolder = (pod: string): string => `/run/slipway-converted/${pod}`

export const filesFolder = (pod: string, volume: string): string => `${podFolder(pod)}/${volume}`

/** The section Volume of a volume that Podman keeps; undefined for others. */
export const volumeLines = (volume: DeclaredVolume, context: VolumeContext): ReadonlyArray<Line> | undefined => {
  const { source, pod, losses } = context
  const path = volumePath(source, volume.name)
  if (source.workload.volumeGroup !== undefined && ["Disk", "EmptyDir", "Tmpfs"].includes(volume._tag)) {
    losses.add("spec.securityContext.fsGroup", `Podman gives the volume "${volume.name}" to no group.`)
  }
  const name = line("VolumeName", `${pod}-${volume.name}`)
  switch (volume._tag) {
    case "Disk": {
      addDiskLosses(volume, path, "Podman", losses)
      const { type, device, options } = diskMount(volume)
      return [name, line("Device", device), line("Type", type), line("Options", options)]
    }
    case "EmptyDir":
      losses.note(
        `${path}.emptyDir`,
        "A volume of Podman keeps its content over a boot, after which an emptyDir is empty."
      )
      return [name]
    case "Tmpfs":
      return [
        name,
        line("Device", "tmpfs"),
        line("Type", "tmpfs"),
        ...lineIf("Options", volume.sizeBytes === undefined ? undefined : `size=${volume.sizeBytes}`)
      ]
    case "Image":
      if (volume.imagePullPolicy !== undefined) {
        losses.add(`${path}.image.pullPolicy`, "Podman pulls an image that is mounted if it is missing.")
      }
      return undefined
    default:
      return undefined
  }
}

/** The lines of a container's sections for what it mounts. */
export interface MountLines {
  readonly unit: ReadonlyArray<Line>
  readonly container: ReadonlyArray<Line>
  readonly service: ReadonlyArray<Line>
}

export const mountLines = ({ mounts }: KnownContainer, context: VolumeContext): MountLines => {
  const all = mounts.map((mount) => linesOf(mount, context))
  return {
    unit: all.flatMap(({ unit = [] }) => unit),
    container: all.flatMap(({ container = [] }) => container),
    service: all.flatMap(({ service = [] }) => service)
  }
}

const linesOf = (mount: KnownMount, { source, pod, losses }: VolumeContext): Partial<MountLines> => {
  const volume = source.workload.volumes.find(({ name }) => name === mount.volume)
  const { path, place, subPath } = mount
  if (mount.recursiveReadOnly !== undefined) {
    losses.add(`${place}.recursiveReadOnly`, "Podman makes read-only what is mounted, and nothing below it.")
  }
  if (volume === undefined) return {}
  switch (volume._tag) {
    case "HostPath": {
      const at = subPath === undefined ? known(volume.path) : joined(`${volume.path.replace(/\/$/, "")}/`, subPath)
      const isMade = subPath !== undefined || volume.type === undefined || volume.type === "DirectoryOrCreate"
      const check = volume.type === "Directory" ? "AssertPathIsDirectory" : "AssertPathExists"
      const isChecked = volume.type !== undefined && !volume.type.endsWith("OrCreate")
      if (isChecked && volume.type !== "Directory") {
        losses.add(
          `${volumePath(source, volume.name)}.hostPath.type`,
          "The unit does not start where nothing is at the path, but it may be anything."
        )
      }
      return {
        unit: isChecked ? [line(check, volume.path)] : [],
        container: [bind(at, mount)],
        service: [
          ...(volume.type === "FileOrCreate" ? [words("ExecStartPre", "/usr/bin/touch", "-a", volume.path)] : []),
          // A file that is there is left as it is: it is no failure.
          ...(isMade ? [words("ExecStartPre", "-/usr/bin/mkdir", "-p", at)] : [])
        ]
      }
    }
    case "Files": {
      const folder = filesFolder(pod, volume.name)
      return {
        container: [bind(subPath === undefined ? known(folder) : joined(`${folder}/`, subPath), mount)],
        unit: [line("After", "systemd-tmpfiles-setup.service")]
      }
    }
    case "Image":
      return {
        container: [
          words(
            "Mount",
            joined(
              `type=image,source=${csv(volume.image.text)},destination=${csv(path)}`,
              ...(subPath === undefined ? [] : [",subpath=", subPath])
            )
          )
        ]
      }
    default: {
      if (mount.propagation !== undefined) {
        losses.add(`${place}.mountPropagation`, "Podman passes no mounts on to or from its volumes.")
      }
      const file = `${pod}-${volume.name}.volume`
      if (subPath === undefined) {
        return path.includes(":")
          ? {
              container: [
                words("Mount", `type=volume,source=${file},destination=${csv(path)}${mount.readOnly ? ",ro" : ""}`)
              ]
            }
          : { container: [line("Volume", `${file}:${path}:nocopy${mount.readOnly ? ",ro" : ""}`)] }
      }
      losses.add(
        `${place}.subPath`,
        "Podman makes no directory in a volume: what is not there when the container starts is an error."
      )
      return {
        container: [
          words(
            "Mount",
            joined(
              `type=volume,source=${file},destination=${csv(path)}${mount.readOnly ? ",ro" : ""},subpath=`,
              subPath
            )
          )
        ]
      }
    }
  }
}

const bind = (source: Text, { path, readOnly, propagation }: KnownMount): Line => {
  const options = [
    ...(readOnly ? ["ro"] : []),
    ...(propagation === undefined ? [] : [propagation === "HostToContainer" ? "rslave" : "rshared"])
  ]
  const whole = wholeText(source)
  if (path.includes(":") || whole?.includes(":") === true) {
    const more = options.map((option) => (option === "ro" ? ",ro" : `,bind-propagation=${option}`)).join("")
    return words(
      "Mount",
      joined("type=bind,source=", whole === undefined ? source : csv(whole), `,destination=${csv(path)}${more}`)
    )
  }
  return line("Volume", joined(source, `:${path}${options.length === 0 ? "" : `:${options.join(",")}`}`))
}

/** A value in a line of CSV. */
const csv = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
