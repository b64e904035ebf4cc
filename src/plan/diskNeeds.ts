import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { VolumeMount } from "../workload/Workload.ts"
import { canonicalName } from "../vm/storage/Disks.ts"
import { type BlankProof, type DiskContent, filesystemWords } from "../vm/storage/DiskContent.ts"
import type { AttachedDisk } from "../vm/metadata/MetadataProvider.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import { mountPoint } from "../observation/MountPoints.ts"
import type { MountView, ViewedMount } from "../observation/MountView.ts"
import type { ObservedDisk } from "../observation/Observation.ts"
import { defaultFilesystem, type Filesystem, isFilesystem } from "../workload/Filesystem.ts"
import {
  DiskDeviceMissing,
  DiskFilesystemDiffers,
  DiskInUse,
  DiskNotAttached,
  DiskNotBlank,
  DiskPartitioned,
  DiskReadOnly,
  FormatterMissing
} from "./DiskRefusal.ts"
import { type Growth, growthOf } from "./diskGrowth.ts"
import type { RefusalReason } from "./PlanRefused.ts"

/** Why a device may be formatted. */
export type FormatProof =
  | BlankProof
  /** A run of ours began to format it, and did not finish. */
  | { readonly _tag: "BegunBefore"; readonly sizeBytes: number }

/** What a disk of the workload needs. */
export interface DiskNeeds {
  readonly volume: ObservedDisk["volume"]
  readonly device: string
  /** What it holds, or is to be formatted as. */
  readonly filesystem: Filesystem
  /** What it holds in words, with its label, if it holds a filesystem. */
  readonly holds: string | undefined
  /** The mount that the workload needs. */
  readonly mount: Mount
  /** It is mounted there in that way: nothing to do. */
  readonly inPlace: boolean
  /** What must be done on the device before it is mounted. */
  readonly prepare:
    | { readonly _tag: "Nothing" }
    /** Of ext4 alone: xfs has no check, its log is replayed when it is mounted. */
    | { readonly _tag: "Check" }
    | { readonly _tag: "Format"; readonly proof: FormatProof }
  /** It is mounted below our mount root, but not as it should be, and has to be unmounted first. */
  readonly held: boolean
  /** Its filesystem is smaller than it, and can be grown once it is mounted. */
  readonly growth: Growth | undefined
}

/** What each disk of the workload is judged against. */
export interface DiskSurroundings {
  readonly mounts: MountView
  readonly mountRoot: string
  /** By canonical name. */
  readonly attached: ReadonlyMap<string, AttachedDisk>
  /** For each volume that is written to, a mount that writes to it. */
  readonly writers: ReadonlyMap<string, VolumeMount>
}

/** Decides what one disk needs, or why it must not be touched. */
export const diskNeeds = (
  disk: ObservedDisk,
  { mounts, mountRoot, attached, writers }: DiskSurroundings
): Result.Result<DiskNeeds, Arr.NonEmptyReadonlyArray<RefusalReason>> => {
  const { volume } = disk
  const attachment = attached.get(canonicalName(volume.deviceName))
  if (attachment === undefined || Option.isNone(disk.device)) {
    const names = [...attached.values()].map(({ deviceName }) => deviceName)
    return Result.fail([new DiskNotAttached({ deviceName: volume.deviceName, attached: names })])
  }
  const observed = disk.device.value
  if (observed._tag !== "Present") {
    const { _tag, ...where } = observed
    const found = _tag === "Missing" ? "nothing" : "not a block device"
    return Result.fail([new DiskDeviceMissing({ ...where, partition: volume.partition, found })])
  }
  const { device, content } = observed
  const attachedReadOnly = attachment.mode === "READ_ONLY"
  const writer = writers.get(volume.name)
  const refusals: Array<RefusalReason> = []
  if (attachedReadOnly && writer !== undefined) {
    refusals.push(
      new DiskReadOnly({ deviceName: volume.deviceName, why: `the mount at ${writer.path} wants to write to it` })
    )
  }
  if (observed.children.length > 0) {
    return Result.fail(Arr.append(refusals, new DiskPartitioned({ device, children: [...observed.children] })))
  }

  const target = mountPoint(mountRoot, volume)
  const filesystem = supported(content) ?? volume.filesystem ?? defaultFilesystem
  const mount: Mount = {
    source: observed.path,
    target,
    type: filesystem,
    options: mountOptions(disk, filesystem, attachedReadOnly, writer)
  }
  const here = [...mounts.of(observed.path), ...mounts.of(device)]
  const elsewhere = here.find(({ place }) => place !== "Ours")
  if (elsewhere !== undefined) refusals.push(inUse(device, elsewhere, mounts))

  const proof: FormatProof | undefined =
    content._tag === "Blank"
      ? content.proof
      : content._tag === "Data" && disk.halfFormatted === true
        ? { _tag: "BegunBefore", sizeBytes: observed.sizeBytes }
        : undefined
  if (proof === undefined && (content._tag === "Signature" || content._tag === "Data")) {
    refusals.push(new DiskNotBlank({ device, found: content.description }))
  } else if (content._tag === "Filesystem" && supported(content) === undefined) {
    refusals.push(new DiskNotBlank({ device, found: filesystemWords(content), filesystem: content.type }))
  } else if (content._tag === "Filesystem" && volume.filesystem !== undefined && filesystem !== volume.filesystem) {
    const found = filesystemWords(content)
    refusals.push(new DiskFilesystemDiffers({ device, declared: volume.filesystem, filesystem, found }))
  } else if (proof !== undefined && (attachedReadOnly || volume.readOnly === true)) {
    const why = "it is blank and would have to be formatted"
    refusals.push(
      new DiskReadOnly({ deviceName: volume.deviceName, why, ...(attachedReadOnly ? {} : { isDeclared: true }) })
    )
  } else if (proof !== undefined && disk.missingFormatter !== undefined) {
    refusals.push(new FormatterMissing({ device, filesystem, program: disk.missingFormatter }))
  }
  if (proof !== undefined && here.length > 0) {
    // Zeros were written over a filesystem in use: what the kernel has cached of it can still be read.
    refusals.push(new DiskNotBlank({ device, found: "a filesystem that is mounted, though its first MiB is zeros" }))
  }
  if (Arr.isArrayNonEmpty(refusals)) return Result.fail(refusals)

  const inPlace = mounts.rootInPlace && here.length === 1 && isInPlace(here[0]!, mount)
  return Result.succeed({
    volume,
    device,
    filesystem,
    holds: content._tag === "Filesystem" ? filesystemWords(content) : undefined,
    mount,
    inPlace,
    held: !inPlace && here.length > 0,
    prepare:
      proof !== undefined
        ? { _tag: "Format", proof }
        : attachedReadOnly || volume.readOnly === true || inPlace || filesystem !== "ext4"
          ? { _tag: "Nothing" }
          : { _tag: "Check" },
    growth: mount.options.includes("rw") ? growthOf(disk, observed) : undefined
  })
}

/** The filesystem that a disk holds, if it can be mounted. */
const supported = (content: DiskContent): Filesystem | undefined =>
  content._tag === "Filesystem" && isFilesystem(content.type) ? content.type : undefined

/**
 * The kernel replays the journal even for a read-only mount, and refuses if the device takes no writes: "cannot proceed
 * (try mounting with noload)". With nothing to replay, this option is not wanted.
 */
const mountOptions = (
  { needsRecovery, volume }: ObservedDisk,
  filesystem: Filesystem,
  attachedReadOnly: boolean,
  writer: VolumeMount | undefined
): Mount["options"] =>
  attachedReadOnly
    ? needsRecovery === true
      ? ["ro", withoutJournal[filesystem]]
      : ["ro"]
    : [writer === undefined || volume.readOnly === true ? "ro" : "rw"]

const withoutJournal: Readonly<Record<Filesystem, string>> = { ext4: "noload", xfs: "norecovery" }

export const isWithoutJournal = ({ options }: Mount): boolean =>
  options.includes("noload") || options.includes("norecovery")

/** Mounted as wanted, and alone: of two overlapping mounts the lower cannot be unmounted without the upper. */
const isInPlace = ({ mount, overlaps }: ViewedMount, wanted: Mount): boolean =>
  !overlaps &&
  mount.target === wanted.target &&
  mount.type === wanted.type &&
  mount.options.includes(wanted.options[0]!)

const inUse = (device: string, { mount, place }: ViewedMount, { root }: MountView): DiskInUse =>
  new DiskInUse({
    device,
    target: mount.target,
    ...(place === "Hidden" && root !== undefined ? { hiddenBy: root.target } : {})
  })

/** What the operator should know about a disk that is mounted all the same. */
export const diskWarnings = ({ device, mount }: DiskNeeds): ReadonlyArray<string> =>
  isWithoutJournal(mount)
    ? [
        `${device} is attached read-only and was not unmounted cleanly: it is mounted without its journal (${mount.options[1]}), so ` +
          "that what was written last may be missing or inconsistent. Attached read-write once, it is put right"
      ]
    : []
