import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { cleanPath } from "./cleanPath.ts"
import type { DeclaredContainer, DeclaredVolume } from "../DeclarationSchema.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { placeholderIn, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import { type HostPathType, hostPathTypes, type HostPathVolume } from "../../workload/Workload.ts"

/** A host path that does not begin at the host's root. */
export class HostPathNotAbsolute extends Schema.TaggedError<HostPathNotAbsolute>()("HostPathNotAbsolute", {
  ...position,
  volume: Schema.String,
  path: Schema.String
}) {
  override get message(): string {
    return this.path === ""
      ? `the hostPath of the volume "${this.volume}" has no path`
      : `the hostPath of the volume "${this.volume}" is not absolute: "${this.path}"`
  }
  get advice(): string {
    return 'Write "path:" with the path on the VM, beginning with "/".'
  }
}

/** A kind of host path that Kubernetes does not know. */
export class HostPathTypeInvalid extends Schema.TaggedError<HostPathTypeInvalid>()("HostPathTypeInvalid", {
  ...position,
  volume: Schema.String,
  type: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the hostPath of the volume "${this.volume}" has an unknown type: "${this.type}"`
  }
  get advice(): string {
    return orElse(this.suggestion, `Write one of ${hostPathTypes.join(", ")}, or leave it out.`)
  }
}

/** A disk's device where its filesystem was most likely meant. */
export class HostPathIsDisk extends Schema.TaggedError<HostPathIsDisk>()("HostPathIsDisk", {
  ...position,
  path: Schema.String,
  /** The disk's device name, where the path holds it. */
  pdName: Schema.UndefinedOr(Schema.String),
  /** 0 is the whole disk. */
  partition: Schema.Int
}) {
  override get message(): string {
    return `the hostPath "${this.path}" is a disk's device, not a directory`
  }
  get advice(): string {
    const pdName = this.pdName ?? "the disk's device name"
    const partition = this.partition === 0 ? "" : `, partition: ${this.partition}`
    return `To mount the disk, write "gcePersistentDisk: {pdName: ${pdName}${partition}}"; only a privileged container can use the device itself.`
  }
}

type DeclaredHostPath = NonNullable<DeclaredVolume["hostPath"]>

/** Checks a volume that is a path of the host. */
export const checkHostPath = (
  volume: DeclaredVolume,
  hostPath: DeclaredHostPath,
  check: Check<HostPathNotAbsolute | HostPathTypeInvalid | PlaceholderLeft, never>
): HostPathVolume => {
  const { path } = hostPath
  const place = check.at(hostPath, "path")
  if (!place.invalid) {
    const form = placeholderIn(path)
    const isAbsolute = path.startsWith("/")
    if (form !== undefined && isAbsolute) check.slip(place, PlaceholderLeft, { path: place.path, form })
    else if (form !== undefined) check.problem(place, PlaceholderLeft, { path: place.path, form })
    else if (!isAbsolute) {
      check.problem(place, HostPathNotAbsolute, {
        volume: check.quote(volume, "name"),
        path: check.quote(hostPath, "path")
      })
    }
  }
  const type = checkType(volume, hostPath, check)
  return { _tag: "HostPath", name: volume.name, path, ...(type === undefined ? {} : { type }) }
}

const checkType = (
  volume: DeclaredVolume,
  hostPath: DeclaredHostPath,
  check: Check<HostPathTypeInvalid, never>
): HostPathType | undefined => {
  const place = check.at(hostPath, "type")
  const known = hostPathTypes.find((type) => type === hostPath.type)
  if (known === undefined && hostPath.type !== "" && !place.invalid) {
    check.slip(place, HostPathTypeInvalid, {
      volume: check.quote(volume, "name"),
      type: check.quote(hostPath, "type"),
      suggestion: nearest(hostPath.type, hostPathTypes)
    })
  }
  return known
}

/** The names that Linux and Google give disks and partitions. */
const disk = /^\/dev\/(?:sd[a-z]+\d*|x?vd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|disk\/by-[a-z]+\/[^/]+)$/
const google = /^\/dev\/disk\/by-id\/google-(.+?)(?:-part(\d+))?$/

/**
 * A disk's device as a hostPath is most likely meant as a gcePersistentDisk: the container gets the device instead of a
 * directory, and only a privileged one may open it. Where the disk is not attached, the engine creates an empty directory.
 */
export const checkDevices = (
  containers: ReadonlyArray<DeclaredContainer>,
  volumes: ReadonlyArray<DeclaredVolume>,
  check: Check<HostPathIsDisk, never>
): void => {
  const unprivileged = containers.filter(({ securityContext }) => !securityContext.privileged)
  const mounted = new Set(unprivileged.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name)))
  for (const { name, hostPath } of volumes) {
    if (hostPath === undefined || !mounted.has(name)) continue
    const place = check.at(hostPath, "path")
    const path = cleanPath(hostPath.path)
    if (place.invalid || !disk.test(path)) continue
    const [, pdName, partition = "0"] = google.exec(path) ?? []
    const shown = check.quote(hostPath, "path")
    check.slip(place, HostPathIsDisk, {
      path: shown,
      // A part of a path that is not shown in full is not shown either.
      pdName: shown === hostPath.path ? pdName : undefined,
      partition: Number(partition)
    })
  }
}
