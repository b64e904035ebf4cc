import type { Capabilities } from "./SecurityContext.ts"

/** Stands for all of them. */
export const allCapabilities = "ALL"

const prefix = "CAP_"

/** Every capability of Linux, as of 5.9, which had the last one. Source: capabilities(7). */
export const linuxCapabilities: ReadonlyArray<string> = (
  "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER " +
  "FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE " +
  "NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE " +
  "SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM"
).split(" ")

const known: ReadonlySet<string> = new Set(linuxCapabilities.map((name) => `${prefix}${name}`))

/** A capability in the engine's spelling, written with or without `CAP_`, in any case; undefined if there is none. */
export const capabilityOf = (text: string): string | undefined => {
  const upper = text.toUpperCase()
  if (upper === allCapabilities) return upper
  const name = upper.startsWith(prefix) ? upper : `${prefix}${upper}`
  return known.has(name) ? name : undefined
}

/** The name without `CAP_`, as Kubernetes writes it. */
export const withoutPrefix = (text: string): string => text.replace(/^CAP_/i, "")

/**
 * The engine and containerd, which Kubernetes rests on, do not agree about what is both added and dropped. As in
 * containerd, a drop goes before an add of the same, by `ALL` too; single ones can be added to none.
 */
export const resolveCapabilities = ({ add, drop }: Capabilities): Capabilities => {
  const dropped = new Set(drop)
  const added = [...new Set(add)].filter((name) => !dropped.has(name)).toSorted()
  if (dropped.has(allCapabilities)) {
    return { add: added.filter((name) => name !== allCapabilities), drop: [allCapabilities] }
  }
  return { add: added.includes(allCapabilities) ? [allCapabilities] : added, drop: [...dropped].toSorted() }
}
