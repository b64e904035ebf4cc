import type { SeLinuxOptions } from "../../workload/SecurityContext.ts"

/** What a container's process may do, and as whom. What is absent is left to the image or the engine. */
export interface ContainerSecurity {
  readonly user?: ProcessUser
  /** Besides its own group. Sorted. */
  readonly supplementalGroups?: ReadonlyArray<number>
  /** `CAP_NET_ADMIN`, or `ALL`. Sorted. */
  readonly capAdd?: ReadonlyArray<string>
  readonly capDrop?: ReadonlyArray<string>
  readonly readonlyRootfs?: true
  readonly noNewPrivileges?: true
  /** `unconfined`, or a profile, which is JSON. */
  readonly seccomp?: string
  /** `unconfined`, or the name of a profile. */
  readonly appArmor?: string
  readonly seLinux?: SeLinuxOptions
  /** Nothing of /proc and /sys is hidden. */
  readonly unmasked?: true
}

/** A group alone goes with the image's user. */
export interface ProcessUser {
  readonly uid?: number
  readonly gid?: number
}

/** An image that names no user runs as root. */
const root = "0"

/** The user of a container in the engine's words, `1000:1000`; empty for root with its own group. */
export const userText = (user: ProcessUser | undefined, imageUser = ""): string => {
  if (user === undefined) return imageUser
  const { uid, gid } = user
  if (gid === undefined) return `${uid ?? imageUser}`
  return `${uid ?? (userPart(imageUser) || root)}:${gid}`
}

/** Of `user:group` the user, a number or a name. */
export const userPart = (user: string): string => user.split(":", 1)[0] ?? ""

/** Of `user:group` the group; undefined where it is the user's own. */
export const groupPart = (user: string): string | undefined => {
  const colon = user.indexOf(":")
  return colon === -1 ? undefined : user.slice(colon + 1)
}
