/**
 * What a Pod's containers share with each other or with the host besides their network, and the kernel's settings in
 * it.
 */
export interface Namespaces {
  readonly hostPid?: true
  readonly hostIpc?: true
  /** The containers of a Pod see each other's processes. Not together with `hostPid`. */
  readonly sharesProcesses?: true
  /** Each once, by name. */
  readonly sysctls?: ReadonlyArray<Sysctl>
}

/** A setting of the kernel that each network or IPC namespace has for itself. */
export interface Sysctl {
  /** `net.core.somaxconn` */
  readonly name: string
  readonly value: string
}

/** Those that an IPC namespace has. Source: runc's validator, which refuses to start a container with others. */
const ofIpc: ReadonlySet<string> = new Set(
  "msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced".split(" ").map((name) => `kernel.${name}`)
)

/** Which namespace has a setting; undefined where the kernel has it once. */
export const namespaceOf = (name: string): "net" | "ipc" | undefined => {
  if (name.startsWith("net.")) return "net"
  return name.startsWith("fs.mqueue.") || ofIpc.has(name) ? "ipc" : undefined
}
