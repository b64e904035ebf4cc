import type { SimulatedDisk } from "../host/SimulatedDisks.ts"
import type { ListenedPort } from "../VmDescription.ts"

/** What a container found behind one of its mounts when it started. */
export interface MountSeen {
  readonly source: string
  readonly target: string
  /** The mount that the source was on, a directory of the host that is bound there, or the host's root. */
  readonly on: "tmpfs" | "directory" | "root" | "image" | "nothing" | SimulatedDisk
  /** Where that is mounted: at the source itself, or at a parent directory. */
  readonly mountedAt: string
}

/** Why a process ended: by itself, by a call, with the engine or the machine, or with the one whose namespace it was in. */
export type EndedBy = "itself" | "stop" | "removal" | "engine" | "namespace"

/** Who runs in a process namespace. */
export interface Inhabitant {
  readonly isUp: boolean
  readonly end: (at: number, exitCode: number, by?: EndedBy) => void
}

/** What a start depends on outside of the container. Its restarts by the engine depend on it again. */
export interface Surroundings {
  readonly seen: ReadonlyArray<MountSeen>
  /** How much memory it can have. */
  readonly memoryBytes: number
  /** The container whose network it joins. */
  readonly joined: { readonly isUp: boolean; readonly starts: ReadonlyArray<number> } | undefined
  /** The container whose process namespace it joins. */
  readonly processes: { readonly inhabitants: Set<Inhabitant> } | undefined
  /** Why it cannot be started now, in the engine's words. */
  readonly obstacle: () => string | undefined
  /** A port that its process needs and that is taken now. */
  readonly takenPort: () => ListenedPort | undefined
}
