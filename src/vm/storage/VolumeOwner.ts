import type { Command } from "../host/Command.ts"

/**
 * To whom a volume belongs, as the kubelet sets it: the group, and what the group may do.
 * Source: `changeFilePermission` and `requiresPermissionChange` in Kubernetes' pkg/volume/volume_linux.go.
 */

/** The group of a file or directory, and its permissions with setuid, setgid and sticky bit. */
export interface VolumeOwner {
  readonly gid: number
  readonly mode: number
}

const setgid = 0o2000

/** What is added: the owner and the group may read and write, and everything in a directory will have its group. */
export const groupMode = (kind: "file" | "directory", mode: number): number =>
  mode | (kind === "file" ? 0o660 : setgid | 0o770)

/** Whether the root of a volume, which is changed last, shows that nothing has to be changed. */
export const hasGroup = (root: VolumeOwner, gid: number): boolean =>
  root.gid === gid && groupMode("directory", root.mode) === root.mode

export const ownerCommand = (path: string): Command => ({
  program: "stat",
  args: ["-c", "%g %a", "--", path]
})

export const owner = (stdout: string): VolumeOwner | undefined => {
  const [, gid, mode] = /^(\d+) ([0-7]+)\n$/.exec(stdout) ?? []
  return gid === undefined || mode === undefined ? undefined : { gid: Number(gid), mode: Number.parseInt(mode, 8) }
}

/** `groupMode` as chmod understands it. */
export const directoryMode = "u+rwx,g+rwxs"
const fileMode = "ug+rw"

/**
 * Gives the group to all that is below a directory, what is in a directory before the directory itself, so that its root
 * comes last whenever it ends; and prints a dot for each. Links are not followed, but have the group as well. Mounts below
 * it are not entered. GNU find needs no more memory for a million files than for one: it takes them in batches to as many
 * runs of chgrp and chmod as are needed, each with several thousand, one after the other.
 */
export const groupCommand = (path: string, gid: number): Command => {
  const chgrp = (end: ";" | "+") => ["-exec", "chgrp", "-h", "--", String(gid), "{}", end]
  const chmod = (mode: string, end: ";" | "+") => ["-exec", "chmod", mode, "--", "{}", end]
  // The kernel takes these bits from a file whose group is set. They are given back, so each such file is dealt with alone.
  const special = [
    ["(", "-perm", "-6000", ...chmod("ug+rws", ";"), ")", "-o"],
    ["(", "-perm", "-4000", ...chmod("ug+rw,u+s", ";"), ")", "-o"],
    chmod("ug+rw,g+s", ";")
  ].flat()
  return {
    program: "find",
    args: [
      "-P",
      path,
      "-mindepth",
      "1",
      "-depth",
      "-xdev",
      "-printf",
      ".",
      "(",
      "-type",
      "f",
      "-perm",
      "/6000",
      ...chgrp(";"),
      "(",
      ...special,
      ")",
      "-o",
      ...chgrp("+"),
      "(",
      "-type",
      "l",
      "-o",
      "-type",
      "d",
      ...chmod(directoryMode, "+"),
      "-o",
      ...chmod(fileMode, "+"),
      ")",
      ")"
    ]
  }
}

/** The same for the root itself. Its group comes last: it is the mark that all was done. */
export const rootCommands = (path: string, gid: number): ReadonlyArray<Command> => [
  { program: "chmod", args: [directoryMode, "--", path] },
  { program: "chgrp", args: ["-h", "--", String(gid), path] }
]
