/** Requests to the engine. */
export type EngineCall =
  | "create"
  | "create network"
  | "events"
  | "exec"
  | "import"
  | "info"
  | "inspect container"
  | "inspect image"
  | "list"
  | "list networks"
  | "logs"
  | "ping"
  | "plugins"
  | "pull"
  | "remove"
  | "remove image"
  | "remove network"
  | "rename"
  | "resolve digest"
  | "start"
  | "stop"
  | "tag image"
  | "unpause"
  | "update"
  | "version"
  | "wait"

/** Reads of the metadata server. */
export type MetadataCall =
  | "address"
  | "declaration"
  | "declaration after"
  | "disks"
  | "guest attribute"
  | "instance name"
  | "keys"
  | "preemptible"
  | "preemption after"
  | "project"
  | "token"

/** Requests to Secret Manager. */
export type SecretsCall = "access"

/** The host's programs that the simulated host understands. */
export type ProgramName =
  | "blkid"
  | "cat"
  | "chgrp"
  | "chmod"
  | "dd"
  | "dumpe2fs"
  | "find"
  | "flock"
  | "fsck.ext4"
  | "install"
  | "ip6tables-restore"
  | "ip6tables-save"
  | "iptables-restore"
  | "iptables-save"
  | "ls"
  | "lsblk"
  | "mkdir"
  | "mkfs.ext4"
  | "mkfs.xfs"
  | "mount"
  | "mv"
  | "od"
  | "readlink"
  | "tail"
  | "resize2fs"
  | "rm"
  | "stat"
  | "sync"
  | "systemctl"
  | "systemd-notify"
  | "tee"
  | "umount"
  | "who"
  | "xfs_growfs"
  | "xfs_logprint"

/** Probes from the host. */
export type ProbeCall = "http" | "tcp" | "grpc"

/** What a call to a simulated VM is named: `docker create`, `metadata token`, `run mkfs.ext4`. */
export type CallName =
  | `docker ${EngineCall}`
  | `metadata ${MetadataCall}`
  | `run ${ProgramName}`
  | `secrets ${SecretsCall}`
  | `probe ${ProbeCall}`
