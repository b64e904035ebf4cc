import { failed, operands, printed, type Programs } from "./Program.ts"
import { directoryMode, groupCommand, groupMode } from "../../vm/storage/VolumeOwner.ts"
import { isFilesystemContent, type SimulatedDisk } from "./SimulatedDisks.ts"
import { type Mounted, type SimulatedFiles } from "./SimulatedFiles.ts"
import { FileTree } from "./FileTree.ts"
import { parentOf } from "../../vm/host/HostFiles.ts"
import { octalText } from "../../vm/host/octalText.ts"
import { logBytes } from "./superblockBytes.ts"

/** What the programs need besides files. */
export interface FileSurroundings {
  readonly files: SimulatedFiles
  /** A disk by its path or its link. */
  readonly find: (path: string) => SimulatedDisk | undefined
  /** As `who -b` prints it. */
  readonly bootTime: () => string
  /** The kernel's table of IPv4 sockets, `tcp` or `udp`. */
  readonly sockets: (protocol: string) => string
}

const octal: Readonly<Record<string, string>> = { " ": "\\040", "\t": "\\011", "\n": "\\012", "\\": "\\134" }
const escaped = (text: string): string => text.replace(/[ \t\n\\]/g, (character) => octal[character] ?? character)

/** cat, tail, tee, mkdir, chmod, chgrp, find, install, sync, stat, ls, rm, mv, readlink, who, mount and umount. */
export const filePrograms = ({ files, find, bootTime, sockets }: FileSurroundings): Programs => ({
  cat: {
    millis: 2,
    run: (args) => {
      const [path] = operands(args, [], 1) ?? []
      if (path === undefined) return undefined
      if (path === "/proc/self/mounts") return printed(mountTable(files))
      if (path === "/proc/self/mountinfo") return printed(mountInfo(files))
      const [, protocol] = /^\/proc\/1\/net\/(tcp|udp)$/.exec(path) ?? []
      if (protocol !== undefined) return printed(sockets(protocol))
      const text = files.read(path)
      return text === undefined ? failed(1, `cat: ${path}: No such file or directory`) : printed(text)
    }
  },
  tail: {
    millis: 2,
    run: (args) => {
      const [, bytes = ""] = args
      const [path] = operands(args, ["-c", bytes], 1) ?? []
      if (path === undefined) return undefined
      const text = files.read(path)
      if (text === undefined) return failed(1, `tail: cannot open '${path}' for reading: No such file or directory`)
      return printed(Buffer.from(text).subarray(-Number(bytes)).toString())
    }
  },
  tee: {
    millis: 2,
    run: (args, stdin) => {
      const [appended] = operands(args, ["-a"], 1) ?? []
      const [path = appended] = operands(args, [], 1) ?? []
      if (path === undefined) return undefined
      if (!files.isDirectory(parentOf(files.resolve(path)))) return failed(1, `tee: ${path}: No such file or directory`)
      files.write(path, appended === undefined ? stdin : `${files.read(path) ?? ""}${stdin}`)
      return printed(stdin)
    }
  },
  mkdir: {
    millis: 2,
    run: (args) => {
      const [, mode] = args.indexOf("-m") === 1 ? args.slice(1) : []
      const [path] = operands(args, mode === undefined ? ["-p"] : ["-p", "-m", mode], 1) ?? []
      if (path === undefined) return undefined
      // A dangling link is in the way too.
      const isTaken = files.read(path) !== undefined || (files.readLink(path) !== undefined && !files.isDirectory(path))
      if (isTaken) return failed(1, `mkdir: cannot create directory '${path}': File exists`)
      const isThere = files.isDirectory(path)
      files.makeDirectory(path)
      if (mode !== undefined && !isThere) files.setMode(path, mode)
      return printed("")
    }
  },
  chmod: {
    millis: 2,
    run: ([mode, ...args]) => {
      const [path] = operands(args, [], 1) ?? []
      if (path === undefined || mode === undefined) return undefined
      const before = files.mode(path)
      const wanted =
        mode === directoryMode && before !== undefined
          ? octalText(groupMode("directory", Number.parseInt(before, 8)))
          : mode
      return files.setMode(path, wanted)
        ? printed("")
        : failed(1, `chmod: cannot access '${path}': No such file or directory`)
    }
  },
  chgrp: {
    millis: 2,
    run: ([option, separator, gid, path, ...others]) => {
      if (option !== "-h" || separator !== "--" || gid === undefined || path === undefined || others.length > 0) {
        return undefined
      }
      files.setGroup(path, Number(gid))
      return printed("")
    }
  },
  find: {
    millis: 300,
    run: (args) => {
      const [, path = ""] = args
      const gid = Number(args[args.indexOf("chgrp") + 3])
      const asked = groupCommand(path, gid)
      if (args.join(" ") !== asked.args.join(" ")) return undefined
      const found = files.below(path)
      for (const { path, kind } of found) {
        files.setGroup(path, gid)
        if (kind !== "link") files.setMode(path, octalText(groupMode(kind, Number.parseInt(files.mode(path)!, 8))))
      }
      return printed(".".repeat(found.length))
    }
  },
  install: {
    millis: 2,
    run: (args) => {
      const [, mode = ""] = args
      const [from, path] = operands(args, ["-m", mode, "-T"], 2) ?? []
      if (from !== "/dev/null" || path === undefined) return undefined
      files.remove(path)
      files.write(path, "")
      files.setMode(path, mode)
      return printed("")
    }
  },
  sync: {
    millis: 3,
    run: (args) => (operands(args, [], 1) === undefined ? undefined : printed(""))
  },
  // As on a filesystem with 20 GiB free.
  stat: {
    millis: 2,
    run: (args) => {
      const [owned] = operands(args, ["-c", "%g %a"], 1) ?? []
      if (owned !== undefined) {
        const found = files.owner(owned)
        return found === undefined
          ? failed(1, `stat: cannot statx '${owned}': No such file or directory`)
          : printed(`${found.gid} ${Number.parseInt(found.mode, 8).toString(8)}\n`)
      }
      if (operands(args, ["-f", "-c", "%a %S"], 1) !== undefined) return printed("5242880 4096\n")
      const [measured] = operands(args, ["-f", "-c", "%b %S"], 1) ?? []
      const content = measured === undefined ? undefined : files.mountOf(measured)?.disk?.content
      if (content?._tag === "Xfs") return printed(`${(content.sizeBytes - logBytes) / 4096} 4096\n`)
      const [path] = operands(args, ["-L", "-c", "%F"], 1) ?? []
      if (path === undefined) return undefined
      const kind = find(path) === undefined ? files.kindOf(path) : "block special file"
      return kind === undefined
        ? failed(1, `stat: cannot statx '${path}': No such file or directory`)
        : printed(`${kind}\n`)
    }
  },
  ls: {
    millis: 2,
    run: (args) => {
      const [path] = operands(args, ["-A"], 1) ?? []
      if (path === undefined) return undefined
      const names = files.list(path)
      return names === undefined
        ? failed(2, `ls: cannot access '${path}': No such file or directory`)
        : printed(names.map((name) => `${name}\n`).join(""))
    }
  },
  rm: {
    millis: 2,
    run: (args) => {
      const [tree] = operands(args, ["-r", "-f", "--one-file-system"], 1) ?? []
      if (tree !== undefined) {
        files.removeTree(tree)
        return printed("")
      }
      const [path] = operands(args, ["-f"], 1) ?? []
      if (path === undefined) return undefined
      files.remove(path)
      return printed("")
    }
  },
  mv: {
    millis: 2,
    run: (args) => {
      const [from, to] = operands(args, ["-f", "-T"], 2) ?? []
      if (from === undefined || to === undefined) return undefined
      return files.move(from, to) ? printed("") : failed(1, `mv: cannot stat '${from}': No such file or directory`)
    }
  },
  readlink: {
    millis: 2,
    run: (args) => {
      const shown = (target: string | undefined) =>
        target === undefined ? { exitCode: 1, stdout: "", stderr: "" } : printed(`${target}\n`)
      // Devices are not files here.
      const device = (path: string) => (find(path) ?? find(files.resolve(path)))?.path
      const [existing] = operands(args, ["-e"], 1) ?? []
      if (existing !== undefined) {
        return shown(device(existing) ?? (files.has(existing) ? files.resolve(existing) : undefined))
      }
      const [missing] = operands(args, ["-m"], 1) ?? []
      if (missing !== undefined) return shown(device(missing) ?? files.resolve(missing))
      const [link] = operands(args, [], 1) ?? []
      return link === undefined ? undefined : shown(files.readLink(link))
    }
  },
  who: {
    millis: 2,
    run: (args) => (args.join(" ") === "-b" ? printed(`         system boot  ${bootTime()}\n`) : undefined)
  },
  mount: {
    millis: 12,
    run: (args) => {
      const [t, type, o, options, separator, source, path] = args
      if (args.length !== 7 || t !== "-t" || o !== "-o" || separator !== "--") return undefined
      if (type === undefined || options === undefined || source === undefined || path === undefined) return undefined
      const target = files.resolve(path)
      if (!files.has(target)) return failed(32, `mount: ${target}: mount point does not exist.`)
      if (options === "bind") {
        return files.bind(source, target)
          ? printed("")
          : failed(32, `mount: ${target}: special device ${source} does not exist.`)
      }
      if (!files.isDirectory(target)) return failed(32, `mount: ${target}: mount point is not a directory.`)
      // ext4 shows `noload` by its newer name.
      const asked = options.split(",").map((option) => (option === "noload" ? "norecovery" : option))
      const listed = [
        ...new Set([...asked.filter((option) => !option.startsWith("mode=")).map(shownOption), "relatime"])
      ]
      if (type === "tmpfs") {
        const tree = new FileTree()
        const [mode = "1777"] = asked.flatMap((option) =>
          option.startsWith("mode=") ? [option.slice("mode=".length)] : []
        )
        tree.setMode("/", mode)
        files.mounts.push({ source, target, type, options: listed, tree, disk: undefined })
        return printed("")
      }
      const disk = find(source)
      if (disk === undefined) return failed(32, `mount: ${target}: special device ${source} does not exist.`)
      const { content } = disk
      const isSound = isFilesystemContent(content) && content.fault !== "tooNew" && content.fault !== "unfinished"
      if (!isSound || type !== content._tag.toLowerCase()) {
        return failed(32, `mount: ${target}: wrong fs type, bad option, bad superblock on ${source}.`)
      }
      const replays = content.fault === "unreplayed" && !listed.includes("norecovery")
      if (disk.readOnly && (listed.includes("rw") || replays))
        return failed(32, `mount: ${target}: cannot mount ${source} read-only.`)
      if (replays) content.fault = undefined
      files.mounts.push({ source: disk.path, target, type, options: listed, tree: content.tree, disk })
      return printed("")
    }
  },
  umount: {
    millis: 10,
    run: (args) => {
      const [path] = operands(args, [], 1) ?? []
      if (path === undefined) return undefined
      const target = files.resolve(path)
      const mount = files.mounts.findLast((entry) => entry.target === target)
      if (mount === undefined) return failed(32, `umount: ${target}: not mounted.`)
      if (files.mounts.some((entry) => entry.target.startsWith(`${target}/`))) {
        return failed(32, `umount: ${target}: target is busy.`)
      }
      files.mounts = files.mounts.filter((entry) => entry !== mount)
      return printed("")
    }
  }
})

/** The kernel rounds a tmpfs up to whole pages. */
const shownOption = (option: string): string => {
  const [, bytes] = /^size=(\d+)$/.exec(option) ?? []
  return bytes === undefined ? option : `size=${Math.ceil(Number(bytes) / 4096) * 4}k`
}

const mountTable = ({ mounts }: SimulatedFiles): string =>
  [
    "/dev/sda1 / ext4 rw,relatime 0 0",
    "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0",
    ...mounts.map(
      ({ source, target, type, options }) => `${escaped(source)} ${escaped(target)} ${type} ${options.join(",")} 0 0`
    ),
    ""
  ].join("\n")

/** Each tree is a filesystem of its own, with a number of its own. */
const mountInfo = ({ mounts, root }: SimulatedFiles): string => {
  const trees = [...new Set([root, ...mounts.map(({ tree }) => tree)])]
  const line = (id: number, { tree, part = "/", target, type, source, options }: Omit<Mounted, "disk">): string =>
    `${id} 1 8:${trees.indexOf(tree)} ${escaped(part)} ${escaped(target)} ${options.join(",")} shared:1 - ${type} ${escaped(source)} rw`
  const first = { tree: root, target: "/", type: "ext4", source: "/dev/sda1", options: ["rw"] }
  return [...[first, ...mounts].map((mount, index) => line(index + 1, mount)), ""].join("\n")
}
