import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Workload } from "../declaration/Workload.ts"
import type { BlankProof } from "../vm/Disks.ts"
import type { AttachedDisk } from "../vm/MetadataProvider.ts"
import type { Mount } from "../vm/Mounts.ts"
import { mountPoint } from "./MountPoints.ts"
import type { ObservedDisk } from "./Observation.ts"
import {
  DiskDeviceMissing,
  DiskInUse,
  DiskNotAttached,
  DiskNotBlank,
  DiskPartitioned,
  DiskReadOnly,
  type RefusalReason
} from "./PlanRefused.ts"

/** What a disk of the workload needs. */
export interface DiskNeeds {
  readonly volume: ObservedDisk["volume"]
  readonly device: string
  /** The mount that the workload needs. */
  readonly mount: Mount
  /** It is mounted there, in that way: nothing is to be done. */
  readonly inPlace: boolean
  /** What must be done on the device before it is mounted. */
  readonly prepare:
    | { readonly _tag: "Nothing" }
    | { readonly _tag: "Check" }
    | { readonly _tag: "Format"; readonly proof: BlankProof }
  /** It is mounted below our mount root, but not as it should be: to be unmounted first. */
  readonly held: boolean
}

/** What all disks of a workload are looked at against. */
export interface DiskSurroundings {
  readonly workload: Workload
  readonly mounts: ReadonlyArray<Mount>
  readonly mountRoot: string
  /** Whether our tmpfs is mounted at the mount root. Whatever is mounted below it otherwise has to give way to it. */
  readonly rootInPlace: boolean
  readonly attached: ReadonlyArray<AttachedDisk>
}

/** Decides what one disk needs, or why it must not be touched. */
export const diskNeeds = (
  disk: ObservedDisk,
  { workload, mounts, mountRoot, rootInPlace, attached }: DiskSurroundings
): Result.Result<DiskNeeds, Arr.NonEmptyReadonlyArray<RefusalReason>> => {
  const { volume } = disk
  const attachment = attached.find(({ deviceName }) => deviceName === volume.deviceName)
  if (attachment === undefined || Option.isNone(disk.device)) {
    const names = attached.map(({ deviceName }) => deviceName)
    return Result.fail([new DiskNotAttached({ deviceName: volume.deviceName, attached: names })])
  }
  const observed = disk.device.value
  if (observed._tag !== "Present") {
    const found = observed._tag === "Missing" ? "nothing" : "not a block device"
    return Result.fail([new DiskDeviceMissing({ device: observed.device, partition: volume.partition, found })])
  }
  const { device, content } = observed
  const attachedReadOnly = attachment.mode === "READ_ONLY"
  const writer = workload.container.mounts.find((mount) => mount.volume === volume.name && !mount.readOnly)
  const refusals: Array<RefusalReason> = []
  if (attachedReadOnly && writer !== undefined) {
    refusals.push(
      new DiskReadOnly({ deviceName: volume.deviceName, why: `the mount at ${writer.path} wants to write to it` })
    )
  }
  if (observed.children.length > 0) {
    return Result.fail(Arr.append(refusals, new DiskPartitioned({ device, children: [...observed.children] })))
  }

  const readOnly = attachedReadOnly || writer === undefined
  const target = mountPoint(mountRoot, volume)
  const mount: Mount = { source: observed.path, target, type: "ext4", options: [readOnly ? "ro" : "rw"] }
  const here = mounts.filter((entry) => entry.source === observed.path || entry.source === device)
  const elsewhere = here.find((entry) => !entry.target.startsWith(`${mountRoot}/`))
  if (elsewhere !== undefined) refusals.push(new DiskInUse({ device, target: elsewhere.target }))

  if (content._tag === "Signature" || content._tag === "Data") {
    refusals.push(new DiskNotBlank({ device, found: content.description }))
  } else if (content._tag === "Filesystem" && content.type !== "ext4") {
    refusals.push(new DiskNotBlank({ device, found: `a ${content.type} filesystem` }))
  } else if (content._tag === "Blank" && attachedReadOnly) {
    refusals.push(
      new DiskReadOnly({ deviceName: volume.deviceName, why: "it is blank and would have to be formatted" })
    )
  }
  if (Arr.isArrayNonEmpty(refusals)) return Result.fail(refusals)

  const inPlace = rootInPlace && here.length === 1 && isInPlace(here[0]!, mount) && isUncovered(mounts, here[0]!)
  return Result.succeed({
    volume,
    device,
    mount,
    inPlace,
    held: !inPlace && here.length > 0,
    prepare:
      content._tag === "Blank"
        ? { _tag: "Format", proof: content.proof }
        : attachedReadOnly || inPlace
          ? { _tag: "Nothing" }
          : { _tag: "Check" }
  })
}

const isInPlace = (entry: Mount, wanted: Mount): boolean =>
  entry.target === wanted.target && entry.type === wanted.type && entry.options.includes(wanted.options[0]!)

/** Nothing was mounted over it later. */
const isUncovered = (mounts: ReadonlyArray<Mount>, entry: Mount): boolean =>
  mounts.findLast((other) => other.target === entry.target || entry.target.startsWith(`${other.target}/`)) === entry
