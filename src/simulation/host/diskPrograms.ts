import { failed, operands, printed, type Programs } from "./Program.ts"
import { freshFilesystem, isFilesystemContent, type SimulatedDisk } from "./SimulatedDisks.ts"
import { superblockBytes } from "./superblockBytes.ts"

/** What the programs need to know of devices. */
export interface Devices {
  /** By path or link; undefined until it appears. */
  readonly find: (path: string) => SimulatedDisk | undefined
  /** Where it is mounted; undefined if it is not. */
  readonly mountedAt: (disk: SimulatedDisk) => string | undefined
  /** A running container uses it. */
  readonly isHeld: (disk: SimulatedDisk) => boolean
  /** dd writes files too. */
  readonly writeFile: (path: string, text: string) => void
}

/**
 * What blkid says of a filesystem, besides its type. The label is as it prints it: with backslashes where a shell needs
 * them.
 */
const labelled = ({ content, path }: SimulatedDisk): ReadonlyArray<string> => {
  const label = isFilesystemContent(content) || content._tag === "Filesystem" ? content.label : undefined
  return [...(label === undefined ? [] : [`LABEL=${label}`]), `UUID=0f3c-${path.slice("/dev/".length)}`]
}

const mebibyte = 1024 * 1024
/** Built on demand: as a constant it would take a mebibyte in every program that bundles the simulation. */
const zeros = () => "\0".repeat(mebibyte)

/** lsblk, blkid, dd, od, and the programs of e2fsprogs. */
export const diskPrograms = ({ find, mountedAt, isHeld, writeFile }: Devices): Programs => ({
  lsblk: {
    millis: 6,
    run: (args) => {
      const options = ["--json", "--list", "--bytes", "--paths", "--output", "NAME,SIZE"]
      const [path] = operands(args, options, 1) ?? []
      if (path === undefined) return undefined
      const disk = find(path)
      if (disk === undefined) return failed(32, `lsblk: ${path}: not a block device`)
      const devices = [disk, ...disk.partitions].map(({ path: name, sizeBytes: size }) => ({ name, size }))
      return printed(JSON.stringify({ blockdevices: devices }))
    }
  },
  blkid: {
    millis: 8,
    run: (args) => {
      const [path] = operands(args, ["--probe", "--output", "export"], 1) ?? []
      const disk = path === undefined ? undefined : find(path)
      if (path === undefined || disk === undefined) return undefined
      const found = (...lines: ReadonlyArray<string>) => printed(`${[`DEVNAME=${path}`, ...lines].join("\n")}\n`)
      switch (disk.content._tag) {
        case "Blank":
        case "Data":
          return { exitCode: 2, stdout: "", stderr: "" }
        case "Ext4":
        case "Xfs":
          return found(...labelled(disk), `TYPE=${disk.content._tag.toLowerCase()}`, "USAGE=filesystem")
        case "Filesystem":
          return found(...labelled(disk), `TYPE=${disk.content.type}`, "USAGE=filesystem")
        case "Signature":
          return found(`TYPE=${disk.content.type}`, "USAGE=other")
        case "Partitioned":
          return found("PTTYPE=gpt")
      }
    }
  },
  dd: {
    millis: 5,
    run: (args, stdin) => {
      const [, written] = /^of=(.*)$/.exec(args[0] ?? "") ?? []
      if (written !== undefined && args.slice(1).join(" ") === "conv=fsync status=none") {
        writeFile(written, stdin)
        return printed("")
      }
      const [, path] = /^if=(.*)$/.exec(args[0] ?? "") ?? []
      const [, count] = /^count=(\d+)$/.exec(args[4] ?? "") ?? []
      const disk = path === undefined ? undefined : find(path)
      if (disk === undefined || count === undefined || args.length !== 6) return undefined
      const text = zeros().slice(0, Number(count))
      return printed(disk.content._tag === "Blank" ? text : `${text.slice(0, -1)}\u0001`)
    }
  },
  od: {
    millis: 2,
    run: (args) => {
      const [path] = operands(args, ["-A", "n", "-v", "-t", "x1", "-N", "2048"], 1) ?? []
      const content = path === undefined ? undefined : find(path)?.content
      return content === undefined ? undefined : printed(superblockBytes(content, 2048))
    }
  },
  "fsck.ext4": {
    millis: 180,
    run: (args) => {
      const [path] = operands(args, ["-p"], 1) ?? []
      const disk = path === undefined ? undefined : find(path)
      if (disk === undefined) return undefined
      if (mountedAt(disk) !== undefined) return failed(8, `${path} is mounted.\nfsck.ext4: Cannot continue, aborting.`)
      if (isHeld(disk)) return failed(8, `${path} is in use.\nfsck.ext4: Cannot continue, aborting.`)
      const { content } = disk
      if (content._tag !== "Ext4") return failed(8, `${path}: Bad magic number in super-block`)
      if (disk.readOnly) return failed(8, `fsck.ext4: Operation not permitted while trying to open ${path}`)
      switch (content.fault) {
        case "broken":
          return {
            exitCode: 4,
            stdout: `${path} was not cleanly unmounted, check forced.\n${path}: Root inode is not a directory.  `,
            stderr: `\n\n${path}: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a or -p options)\n`
          }
        case "newer":
        case "tooNew":
          return failed(
            content.fault === "newer" ? 12 : 8,
            `${path} has unsupported feature(s): FEATURE_${content.fault === "newer" ? "C" : "I"}30\n` +
              "e2fsck: Get a newer version of e2fsck!"
          )
        default: {
          const repaired = content.fault === "repairable"
          content.fault = undefined
          return { ...printed(`${path}: clean\n`), exitCode: repaired ? 1 : 0 }
        }
      }
    }
  },
  dumpe2fs: {
    millis: 6,
    run: (args) => {
      const [path] = operands(args, ["-h", "-f"], 1) ?? []
      const content = path === undefined ? undefined : find(path)?.content
      if (content === undefined) return undefined
      if (content._tag !== "Ext4")
        return failed(1, `dumpe2fs: Bad magic number in super-block while trying to open ${path}`)
      const recovery = content.fault === "unreplayed" ? "needs_recovery " : ""
      return printed(`Filesystem features:      has_journal ext_attr ${recovery}extent 64bit metadata_csum\n`)
    }
  },
  "mkfs.ext4": {
    millis: 900,
    run: (args) => {
      const [path] = operands(args, ["-q"], 1) ?? []
      const disk = path === undefined ? undefined : find(path)
      if (disk === undefined) return undefined
      const at = mountedAt(disk)
      if (at !== undefined) return failed(1, `${path} is mounted; will not make a filesystem here!`)
      if (isHeld(disk)) return failed(1, `${path} is apparently in use by the system; will not make a filesystem here!`)
      if (disk.readOnly) return failed(1, `mkfs.ext4: Read-only file system while setting up superblock`)
      disk.content = freshFilesystem("Ext4", disk)
      disk.formatted += 1
      return printed("")
    },
    half: (args) => {
      const disk = find(args.at(-1) ?? "")
      if (disk?.content._tag === "Blank") disk.content = { _tag: "Data" }
    }
  },
  resize2fs: {
    millis: 200,
    run: (args) => {
      const [path] = operands(args, [], 1) ?? []
      const disk = path === undefined ? undefined : find(path)
      if (disk === undefined) return undefined
      const { content } = disk
      if (content._tag !== "Ext4") {
        return failed(1, "resize2fs 1.47.0 (5-Feb-2023)\nresize2fs: Bad magic number in super-block")
      }
      // Of one that is not mounted it asks for a check first.
      if (mountedAt(disk) === undefined) return undefined
      content.sizeBytes = disk.sizeBytes
      return { exitCode: 0, stdout: "", stderr: "resize2fs 1.47.0 (5-Feb-2023)\n" }
    }
  }
})
