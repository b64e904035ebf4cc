import * as Base64 from "effect/encoding/Base64"
import * as Redacted from "effect/Redacted"
import { addDiskLosses, diskMount } from "../../known/disks.ts"
import { fileText } from "../../known/fileText.ts"
import type { KnownMount } from "../../known/KnownContainer.ts"
import { joined, known, type Text, wholeText } from "../../known/Text.ts"
import type { Losses } from "../../Losses.ts"
import { type Source, volumePath } from "../../Source.ts"
import type { DeclaredFilesVolume, DeclaredVolume } from "../../../workload/DeclaredWorkload.ts"
import type { DiskVolume, HostPathVolume } from "../../../workload/Workload.ts"
import { type Argument, flagged } from "./Arguments.ts"
import { quote } from "./shell.ts"
import type { Variables } from "./Variables.ts"

interface Context {
  readonly source: Source
  readonly pod: string
  readonly variables: Variables
  readonly losses: Losses
}

/** Where files are written, below which each Pod has a folder. */
const root = "/var/lib/slipway-converted"

/** What the script does for a volume before a container has it. */
export const prepareVolume = (volume: DeclaredVolume, context: Context): ReadonlyArray<string> => {
  const path = volumePath(context.source, volume.name)
  const { volumeGroup } = context.source.workload
  const gid = volumeGroup?.gid
  if (gid !== undefined && ["EmptyDir", "Tmpfs", "Disk"].includes(volume._tag)) {
    context.losses.add("spec.securityContext.fsGroup", `Docker gives the volume "${volume.name}" to no group.`)
  }
  switch (volume._tag) {
    case "HostPath":
      return prepareHostPath(volume)
    case "Disk":
      return prepareDisk(volume, path, context)
    case "EmptyDir":
      context.losses.note(
        `${path}.emptyDir`,
        "A volume of Docker keeps its content over a boot, after which an emptyDir is empty."
      )
      return [`docker volume create ${volumeName(context.pod, volume.name)} > /dev/null`]
    case "Tmpfs":
      return [
        `docker volume create --driver local --opt type=tmpfs --opt device=tmpfs` +
          `${volume.sizeBytes === undefined ? "" : ` --opt o=size=${volume.sizeBytes}`} ` +
          `${volumeName(context.pod, volume.name)} > /dev/null`
      ]
    case "Files":
      return prepareFiles(volume, gid, context)
    case "Image":
      return []
  }
}

/**
 * What an optional source has not is not there, but the folder is. Users of containers reach what is mounted, which may not
 * be root's; on the VM the Pod's folder keeps all others out.
 */
const prepareFiles = (
  { name, files }: DeclaredFilesVolume,
  gid: number | undefined,
  { pod, variables }: Context
): ReadonlyArray<string> => {
  const folder = folderOf(pod, name)
  const folders = [
    ...new Set([folder, ...files.flatMap(({ path }) => foldersOf(path).map((one) => `${folder}/${one}`))])
  ]
  return [
    // Nobody else can read a file before it has its own mode.
    "(",
    "umask 077",
    `mkdir -p ${folders.map(quote).join(" ")}`,
    `chmod 0700 ${quote(`${root}/${pod}`)}`,
    ...(gid === undefined ? [] : [`chgrp ${gid} ${folders.map(quote).join(" ")}`]),
    `chmod ${gid === undefined ? "0755" : "2755"} ${folders.map(quote).join(" ")}`,
    ...files.flatMap((file) => {
      const target = `${folder}/${file.path}`
      const mode = gid === undefined ? file.mode : file.mode | 0o440
      return [
        // One of an earlier run has that run's mode.
        `rm -f ${quote(target)}`,
        contentLine(file, target, variables),
        ...(gid === undefined ? [] : [`chgrp ${gid} ${quote(target)}`]),
        `chmod ${mode.toString(8).padStart(4, "0")} ${quote(target)}`
      ]
    }),
    ")"
  ]
}

/** `a` and `a/b` for `a/b/c` */
const foldersOf = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/").slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"))
}

const contentLine = (file: DeclaredFilesVolume["files"][number], target: string, variables: Variables): string => {
  if ("from" in file) return `printf %s "$${variables.of(file.from)}" > ${quote(target)}`
  const text = fileText(file)
  return text === undefined
    ? `printf %s ${quote(Base64.encode(Redacted.value(file.data)))} | base64 -d > ${quote(target)}`
    : `printf %s ${quote(Redacted.value(text))} > ${quote(target)}`
}

const tests: Readonly<Record<string, string>> = {
  Directory: "-d",
  File: "-f",
  Socket: "-S",
  CharDevice: "-c",
  BlockDevice: "-b"
}

const prepareHostPath = ({ path, type }: HostPathVolume): ReadonlyArray<string> => {
  const quoted = quote(path)
  if (type === undefined) return []
  if (type === "DirectoryOrCreate") return [`mkdir -p ${quoted}`]
  if (type === "FileOrCreate") return [`[ -f ${quoted} ] || touch ${quoted}`]
  return [`[ ${tests[type]} ${quoted} ] || { echo ${quote(`${path} is no ${type}`)} >&2; exit 1; }`]
}

/** The engine mounts the disk itself, after a boot too, before it starts what is on it. */
const prepareDisk = (volume: DiskVolume, path: string, { pod, losses }: Context) => {
  addDiskLosses(volume, path, "Docker", losses)
  const { type, device, options } = diskMount(volume)
  return [
    `docker volume create --driver local --opt type=${type} --opt device=${quote(device)} --opt o=${options} ` +
      `${volumeName(pod, volume.name)} > /dev/null`
  ]
}

const volumeName = (pod: string, name: string): string => quote(`${pod}-${name}`)

const folderOf = (pod: string, name: string): string => `${root}/${pod}/${name}`

/** The flag that mounts a volume, and what has to be done for it before. */
export const mountFlag = (
  mount: KnownMount,
  context: Context
): { readonly before: ReadonlyArray<string>; readonly flags: ReadonlyArray<Argument> } => {
  const volume = context.source.workload.volumes.find(({ name }) => name === mount.volume)
  if (volume === undefined) return { before: [], flags: [] }
  const options = [
    ...(mount.readOnly ? ["readonly"] : []),
    ...(mount.propagation === undefined
      ? []
      : [`bind-propagation=${mount.propagation === "HostToContainer" ? "rslave" : "rshared"}`]),
    ...(mount.recursiveReadOnly === undefined
      ? []
      : [`bind-recursive=${mount.recursiveReadOnly === "Enabled" ? "readonly" : "writable"}`])
  ]
  switch (volume._tag) {
    case "HostPath":
    case "Files": {
      const base = volume._tag === "HostPath" ? volume.path : folderOf(context.pod, volume.name)
      const source = mount.subPath === undefined ? known(base) : joined(`${base.replace(/\/$/, "")}/`, mount.subPath)
      const isMade = volume._tag !== "Files" && (mount.subPath !== undefined || isCreated(volume))
      return {
        before: isMade ? [`mkdir -p ${context.variables.word(source)}`] : [],
        flags: [flagged("--mount", mountText("bind", source, mount, options))]
      }
    }
    case "Disk":
    case "EmptyDir":
    case "Tmpfs": {
      if (mount.propagation !== undefined) {
        context.losses.add(`${mount.place}.mountPropagation`, "Docker passes no mounts on to or from its volumes.")
      }
      const sub = mount.subPath === undefined ? [] : [joined("volume-subpath=", mount.subPath)]
      if (mount.subPath !== undefined) {
        context.losses.add(
          `${mount.place}.subPath`,
          "Docker makes no directory in a volume: what is not there when the container starts is an error."
        )
      }
      return {
        before: [],
        flags: [
          flagged(
            "--mount",
            mountText("volume", known(`${context.pod}-${volume.name}`), mount, [
              // An emptyDir does not begin with what the image has in its place.
              "volume-nocopy",
              ...(mount.readOnly ? ["readonly"] : []),
              ...sub
            ])
          )
        ]
      }
    }
    case "Image": {
      const sub = mount.subPath === undefined ? [] : [joined("image-subpath=", mount.subPath)]
      if (volume.imagePullPolicy !== undefined) {
        context.losses.add(
          `${volumePath(context.source, volume.name)}.image.pullPolicy`,
          "Docker pulls what is missing."
        )
      }
      return {
        before: [],
        flags: [flagged("--mount", mountText("image", known(volume.image.text), mount, ["readonly", ...sub]))]
      }
    }
  }
}

/** As for `up`, a missing directory of the host is created where no type is written. */
const isCreated = (volume: DeclaredVolume): boolean => volume._tag === "HostPath" && volume.type === undefined

/** `--mount` is read as one line of CSV. */
const mountText = (type: string, source: Text, { path }: KnownMount, options: ReadonlyArray<string | Text>): Text => {
  const fields = [`type=${type}`, joined("source=", source), `target=${path}`, ...options]
  return joined(...fields.flatMap((field, index) => [...(index === 0 ? [] : [","]), csvField(field)]))
}

/** A field that has a comma or a quotation mark in it is quoted as a whole. */
const csvField = (field: string | Text): string | Text => {
  const text = typeof field === "string" ? field : wholeText(field)
  return text === undefined || !/[",\n]/.test(text) ? field : `"${text.replaceAll('"', '""')}"`
}
