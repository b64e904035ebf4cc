import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Command, CommandResult } from "../host/Command.ts"
import { complaint } from "../host/Complaint.ts"
import type { DiskContent, FilesystemContent } from "./DiskContent.ts"
import { oneLine } from "../../text/printable.ts"

/**
 * Lists a device and its children. Both columns come from sysfs. FSTYPE and the like would come from udev's database,
 * which is empty until udev has run, so they are not asked for.
 */
export const listCommand = (path: string): Command => ({
  program: "lsblk",
  args: ["--json", "--list", "--bytes", "--paths", "--output", "NAME,SIZE", "--", path]
})

export interface BlockDevice {
  readonly sizeBytes: number
  /** Paths of partitions and of anything else on top of it: LVM, RAID, encryption. */
  readonly children: ReadonlyArray<string>
}

const Listing = Schema.fromJsonString(
  Schema.Struct({
    blockdevices: Schema.Array(
      Schema.Struct({
        name: Schema.NonEmptyString,
        // Text in util-linux before 2.33.
        size: Schema.Union([Schema.Natural, Schema.FiniteFromString])
      })
    )
  })
)
const decodeListing = Schema.decodeUnknownOption(Listing)

/** `none` if the path is not a block device. Exit codes: lsblk(8); 1 before version 2.33. */
export const listedDevice = (result: CommandResult): Result.Result<Option.Option<BlockDevice>, string> => {
  const { exitCode, stderr, stdout } = result
  if (exitCode === 32 || (exitCode === 1 && stderr.includes("not a block device"))) {
    return Result.succeed(Option.none())
  }
  if (exitCode !== 0) return Result.fail(`lsblk: ${complaint(result)}`)
  const devices = Option.getOrElse(decodeListing(stdout), () => ({ blockdevices: [] })).blockdevices
  return Arr.isReadonlyArrayNonEmpty(devices)
    ? Result.succeed(
        Option.some({
          sizeBytes: devices[0].size,
          children: Arr.dedupe(devices.slice(1).map(({ name }) => name))
        })
      )
    : Result.fail("lsblk printed something other than a list of devices")
}

/** Reads signatures on the device itself. */
export const probeCommand = (path: string): Command => ({
  program: "blkid",
  args: ["--probe", "--output", "export", "--", path]
})

/** What a probe for signatures found. */
export type Probe =
  /** Nothing that blkid recognizes. It says the same of a device that it could not read. */
  { readonly _tag: "Nothing" } | FilesystemContent | { readonly _tag: "Signature"; readonly description: string }

/**
 * Exit code 2: nothing found; 8: contradictory signatures. Source: blkid(8). `PART_ENTRY_*` describes a partition's
 * place on its disk, not its content.
 */
export const probed = (result: CommandResult): Result.Result<Probe, string> => {
  const { exitCode, stderr, stdout } = result
  if (exitCode === 8) {
    return Result.succeed({ _tag: "Signature", description: "signatures that contradict one another" })
  }
  if (exitCode === 2 && stdout === "" && stderr === "") return Result.succeed({ _tag: "Nothing" })
  if (exitCode !== 0) return Result.fail(`blkid: ${complaint(result)}`)
  const entries = stdout.split("\n").flatMap((line) => {
    const equals = line.indexOf("=")
    return equals === -1 ? [] : [[line.slice(0, equals), line.slice(equals + 1)] as const]
  })
  const found = new Map(entries.filter(([key]) => key !== "DEVNAME" && !key.startsWith("PART_ENTRY_")))
  if (found.size === 0) return Result.succeed({ _tag: "Nothing" })
  const type = found.get("TYPE")
  const table = found.get("PTTYPE")
  if (type !== undefined && found.get("USAGE") === "filesystem" && table === undefined) {
    return Result.succeed({
      _tag: "Filesystem",
      type: oneLine(type),
      ...shown("label", found.get("LABEL")),
      ...shown("uuid", found.get("UUID"))
    })
  }
  const parts = [
    type === undefined ? [] : [`a signature of ${oneLine(type)}`],
    table === undefined ? [] : [`a partition table (${oneLine(table)})`]
  ].flat()
  return Result.succeed({
    _tag: "Signature",
    description: parts.length === 0 ? `a signature of an unknown kind` : parts.join(" and ")
  })
}

/**
 * A text from the disk, as it may be shown. blkid writes a backslash before what a shell would not take as it is; a
 * quotation mark would end the one that it is put between.
 */
const shown = <Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } => {
  const text = oneLine((value ?? "").replaceAll(/\\(.)/g, "$1").replaceAll('"', "'"), longestName)
  // A computed key has the type of any string.
  return text === "" ? {} : ({ [key]: text } as { readonly [K in Key]: string })
}

/** No filesystem that blkid knows has longer labels than this, but for some whose labels are paragraphs. */
const longestName = 64

/** Bytes `[from, to)` of a device. */
export type ByteRange = readonly [from: number, to: number]

const mebibyte = 1024 * 1024

/** What must be zeros before a device counts as blank: the first and last MiB, or all of it if it is smaller. */
export const proofRanges = (sizeBytes: number): ReadonlyArray<ByteRange> =>
  sizeBytes <= 0
    ? []
    : sizeBytes < 2 * mebibyte
      ? [[0, sizeBytes]]
      : [
          [0, mebibyte],
          [sizeBytes - mebibyte, sizeBytes]
        ]

/** Copies a range of a device to stdout. */
export const readCommand = (path: string, [from, to]: ByteRange): Command => ({
  program: "dd",
  args: [
    `if=${path}`,
    "iflag=skip_bytes,count_bytes,fullblock",
    `bs=${mebibyte}`,
    `skip=${from}`,
    `count=${to - from}`,
    "status=none"
  ]
})

export interface RangeRead {
  readonly range: ByteRange
  readonly zeros: boolean
}

/** Whether all bytes were read and are zero. Only a zero byte decodes to U+0000. */
export const rangeRead = (range: ByteRange, result: CommandResult): Result.Result<RangeRead, string> => {
  const { exitCode, stdout } = result
  // What was read is the disk's content, which is never quoted.
  if (exitCode !== 0) return Result.fail(`dd: ${complaint({ ...result, stdout: "" })}`)
  // Comparing is ten times as fast as searching.
  if (stdout !== "\0".repeat(stdout.length)) return Result.succeed({ range, zeros: false })
  const length = range[1] - range[0]
  return stdout.length === length
    ? Result.succeed({ range, zeros: true })
    : Result.fail(`only ${stdout.length} of the ${length} bytes from ${range[0]} on could be read`)
}

/** Blank only if nothing contradicts it, and every range of the proof was read and is zeros. */
export const diskContent = (probe: Probe, sizeBytes: number, reads: ReadonlyArray<RangeRead>): DiskContent => {
  if (probe._tag !== "Nothing") return probe
  if (sizeBytes <= 0) return { _tag: "Data", description: "a device without a size" }
  const zeroRanges = proofRanges(sizeBytes)
  const unproven = zeroRanges.find(
    ([from, to]) => !reads.some(({ range, zeros }) => zeros && range[0] === from && range[1] === to)
  )
  return unproven === undefined
    ? { _tag: "Blank", proof: { _tag: "Blank", sizeBytes, zeroRanges } }
    : { _tag: "Data", description: `data of an unknown kind in the bytes from ${unproven[0]} to ${unproven[1]}` }
}
