import { octalText } from "../vm/host/octalText.ts"

/**
 * The permissions of a volume's files and directories, in octal. As the kubelet does it for volumes that nobody writes
 * to, the group that volumes are given to may read, and what is in a directory has its group.
 *
 * Source: `changeFilePermission` in Kubernetes' pkg/volume/volume_linux.go, with its mask for read-only volumes.
 */
export const fileMode = (mode: number, gid: number | undefined): string =>
  octalText(gid === undefined ? mode : mode | 0o440)

export const rootMode = (gid: number | undefined): string => octalText(gid === undefined ? 0o755 : 0o2755)
