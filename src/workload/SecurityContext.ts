/**
 * What a container's process may do, and as whom: the container's own security context, and where that says nothing the
 * Pod's. What is not declared is absent, and the image's or the engine's.
 */
export interface SecurityContext {
  /** Absent: the image's user. */
  readonly runAsUser?: number
  /** Absent: the user's group in the image. */
  readonly runAsGroup?: number
  /** Without `runAsUser` the image's user is judged, which only the VM knows. */
  readonly runAsNonRoot?: true
  /** The host's policy that forbids root, by its file; judged as `runAsNonRoot` is. */
  readonly rootForbiddenBy?: string
  readonly supplementalGroups?: ReadonlyArray<number>
  readonly capabilities?: Capabilities
  readonly readOnlyRootFilesystem?: true
  readonly allowPrivilegeEscalation?: false
  /** Absent: the engine's profile. */
  readonly seccompProfile?: SeccompProfile
  /** Absent: the engine's profile, if the host has AppArmor. */
  readonly appArmorProfile?: AppArmorProfile
  readonly seLinuxOptions?: SeLinuxOptions
  /** Absent: the engine hides parts of /proc and /sys. */
  readonly procMount?: "Unmasked"
}

/** In the engine's names, `CAP_NET_ADMIN`, or `ALL`; sorted. None is in both lists. */
export interface Capabilities {
  readonly add: ReadonlyArray<string>
  readonly drop: ReadonlyArray<string>
}

/** Which system calls a container may make; absent: what the engine allows by default. */
export type SeccompProfile =
  | { readonly _tag: "Unconfined" }
  /** A file below the folder of the host's profiles: relative, without `..`. */
  | { readonly _tag: "Localhost"; readonly path: string }

/** What AppArmor holds a container to; absent: what the engine does by default. */
export type AppArmorProfile =
  /** The engine's, which needs a host that has AppArmor. */
  | { readonly _tag: "RuntimeDefault" }
  | { readonly _tag: "Unconfined" }
  /** One that is loaded on the host. */
  | { readonly _tag: "Localhost"; readonly name: string }

/** What is empty is the engine's. */
export interface SeLinuxOptions {
  readonly user: string
  readonly role: string
  readonly type: string
  readonly level: string
}

/** The highest user and group id. Source: Kubernetes' IsValidUserID, which runc shares. */
export const maximumId = 2 ** 31 - 1
