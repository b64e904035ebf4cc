import type { Devices } from "./diskPrograms.ts"
import { failed, operands, printed, type Programs } from "./Program.ts"
import { freshFilesystem } from "./SimulatedDisks.ts"

/** The programs of xfsprogs. `diskAt` gives the disk that is mounted there. */
export const xfsPrograms = (
  { find, mountedAt, isHeld }: Pick<Devices, "find" | "mountedAt" | "isHeld">,
  diskAt: (target: string) => ReturnType<Devices["find"]>
): Programs => ({
  "mkfs.xfs": {
    millis: 400,
    run: (args) => {
      if (args.join(" ") === "-V") return printed("mkfs.xfs version 6.1.0\n")
      const isForced = args.includes("-f")
      const [path] = operands(args, isForced ? ["-q", "-f"] : ["-q"], 1) ?? []
      const disk = path === undefined ? undefined : find(path)
      if (disk === undefined) return undefined
      if (mountedAt(disk) !== undefined) {
        return failed(1, `mkfs.xfs: ${path} contains a mounted filesystem\nUsage: mkfs.xfs\n/* blocksize */`)
      }
      if (isHeld(disk)) return failed(1, `mkfs.xfs: cannot open ${path}: Device or resource busy`)
      if (disk.readOnly) return failed(1, `mkfs.xfs: cannot open ${path}: Read-only file system`)
      if (!isForced && disk.content._tag !== "Blank" && disk.content._tag !== "Data") {
        return failed(1, `mkfs.xfs: ${path} appears to contain an existing filesystem.`)
      }
      disk.content = freshFilesystem("Xfs", disk)
      disk.formatted += 1
      return printed("")
    },
    half: (args) => {
      const disk = find(args.at(-1) ?? "")
      if (disk?.content._tag === "Blank")
        disk.content = { ...freshFilesystem("Xfs", disk), _tag: "Xfs", fault: "unfinished" }
    }
  },
  xfs_growfs: {
    millis: 60,
    run: (args) => {
      const [target] = operands(args, ["-d"], 1) ?? []
      const disk = target === undefined ? undefined : diskAt(target)
      if (target === undefined) return undefined
      if (disk?.content._tag !== "Xfs") return failed(1, `xfs_growfs: ${target} is not a mounted XFS filesystem`)
      disk.content.sizeBytes = disk.sizeBytes
      return printed("data blocks changed\n")
    }
  },
  xfs_logprint: {
    millis: 10,
    run: (args) => {
      const [path] = operands(args, ["-t"], 1) ?? []
      const content = path === undefined ? undefined : find(path)?.content
      if (content === undefined) return undefined
      if (content._tag !== "Xfs") return failed(1, `xfs_logprint: ${path} is not a valid XFS filesystem`)
      const state = content.fault === "unreplayed" ? "DIRTY" : "CLEAN"
      return printed(`xfs_logprint:\n    data device: 0x810\n\n    log tail: 2 head: 2 state: <${state}>\n`)
    }
  }
})
