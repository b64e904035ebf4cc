import { devicePath } from "../../workload/devicePath.ts"
import type { DiskContentDescription, DiskDescription } from "../VmDescription.ts"
import { FileTree } from "./FileTree.ts"

/** A filesystem that can be mounted. */
export type SimulatedFilesystem = {
  readonly tree: FileTree
  readonly label: string | undefined
  sizeBytes: number
} & (
  | { readonly _tag: "Ext4"; fault: Described<"Ext4">["fault"] }
  | { readonly _tag: "Xfs"; fault: Described<"Xfs">["fault"] }
)

type Described<Tag extends DiskContentDescription["_tag"]> = Extract<DiskContentDescription, { readonly _tag: Tag }>

/** The content of a device. */
export type SimulatedContent =
  | { readonly _tag: "Blank" }
  | SimulatedFilesystem
  | { readonly _tag: "Filesystem"; readonly type: string; readonly label?: string }
  | { readonly _tag: "Partitioned" }
  | { readonly _tag: "Signature"; readonly type: string }
  | { readonly _tag: "Data" }

/** A disk or a partition. */
export interface SimulatedDisk {
  /** `/dev/sdb`, `/dev/sdb1` */
  readonly path: string
  /** The link under `/dev/disk/by-id`. */
  readonly link: string
  sizeBytes: number
  readonly readOnly: boolean
  readonly appearsAfterMillis: number
  readonly partitions: ReadonlyArray<SimulatedDisk>
  content: SimulatedContent
  /** How often it has been formatted. */
  formatted: number
}

const defaultSizeBytes = 10 * 1024 ** 3

/** The devices of a VM; its boot disk is `/dev/sda`. */
export const makeDisks = (descriptions: ReadonlyArray<DiskDescription>): ReadonlyArray<SimulatedDisk> =>
  descriptions.map((description, index) => {
    const path = `/dev/sd${String.fromCharCode("b".charCodeAt(0) + index)}`
    return makeDisk(description, description.content, path, 0)
  })

/** Letters end at z, which is enough for a simulation. */
export const makeDisk = (
  description: DiskDescription,
  content: DiskContentDescription,
  path: string,
  partition: number
): SimulatedDisk => ({
  path,
  link: devicePath(description.linkName ?? description.deviceName, partition),
  sizeBytes: description.sizeBytes ?? defaultSizeBytes,
  readOnly: description.mode === "READ_ONLY",
  appearsAfterMillis: description.appearsAfterMillis ?? 0,
  partitions:
    content._tag === "Partitioned"
      ? content.partitions.map((inner, index) => makeDisk(description, inner, `${path}${index + 1}`, index + 1))
      : [],
  content: makeContent(content, description.sizeBytes ?? defaultSizeBytes),
  formatted: 0
})

/** What mkfs makes of a device. */
export const freshFilesystem = (
  _tag: SimulatedFilesystem["_tag"],
  { sizeBytes }: SimulatedDisk
): SimulatedFilesystem => ({
  _tag,
  tree: new FileTree(),
  fault: undefined,
  label: undefined,
  sizeBytes
})

export const isFilesystemContent = (content: SimulatedContent): content is SimulatedFilesystem =>
  content._tag === "Ext4" || content._tag === "Xfs"

const makeContent = (description: DiskContentDescription, diskBytes: number): SimulatedContent => {
  switch (description._tag) {
    case "Ext4":
    case "Xfs": {
      const tree = new FileTree()
      for (const [path, text] of Object.entries(description.files ?? {})) tree.write(`/${path}`, text)
      const { label, sizeBytes = diskBytes } = description
      return description._tag === "Ext4"
        ? { _tag: "Ext4", tree, fault: description.fault, label, sizeBytes }
        : { _tag: "Xfs", tree, fault: description.fault, label, sizeBytes }
    }
    case "Partitioned":
      return { _tag: "Partitioned" }
    default:
      return description
  }
}
