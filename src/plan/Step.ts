import type * as Duration from "effect/Duration"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { OurContainer } from "../observation/Observation.ts"
import type { NetworkSpec } from "../vm/engine/ContainerNetwork.ts"
import type { ContainerSpec, EngineRestartPolicy } from "../vm/engine/ContainerSpec.ts"
import type { FirewallPort } from "../vm/firewall/FirewallRules.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import type { ImageReference } from "../workload/ImageReference.ts"
import type { Hook } from "../workload/Lifecycle.ts"
import type { Probe } from "../workload/Probe.ts"
import type { VolumeFile } from "../workload/VolumeFile.ts"
import type { DiskVolume, RestartPolicy } from "../workload/Workload.ts"
import type { MountedDisk } from "../vm/storage/Disks.ts"
import type { Filesystem } from "../workload/Filesystem.ts"
import type { VolumeGroup } from "../workload/VolumeGroup.ts"
import type { Growth } from "./diskGrowth.ts"
import type { FormatProof } from "./diskNeeds.ts"

/** A container that was there before the plan. */
export interface KeptContainer {
  readonly id: string
  /** How often the engine had restarted it. */
  readonly restarts: number
}

/** One call that changes the VM (`Confirm`, `Probe` and `JudgeUser` only look). */
export type Action =
  | { readonly _tag: "Pull"; readonly image: ImageReference }
  /** Fails if the container is not to run as root, and its image, pulled by now, does not show that it will not. */
  | {
      readonly _tag: "JudgeUser"
      /** As it is declared. */
      readonly containerName: string
      readonly declared: ImageReference
      /** The host's policy that asks for it, in the declaration's place. */
      readonly policy?: string
      /** By its digest, where that is known. */
      readonly image: ImageReference
    }
  | {
      readonly _tag: "Format"
      readonly device: string
      readonly volume: DiskVolume
      readonly filesystem: Filesystem
      readonly proof: FormatProof
    }
  /** `holds` is what is on it, in words. */
  | { readonly _tag: "Check"; readonly device: string; readonly volume: DiskVolume; readonly holds: string | undefined }
  | { readonly _tag: "CreateDirectory"; readonly path: string; readonly mode?: string }
  /** An empty one; its directory is there. */
  | { readonly _tag: "CreateFile"; readonly path: string }
  /** The directory behind an `emptyDir` that is not in memory. */
  | { readonly _tag: "MakeEmptyDir"; readonly path: string; readonly volume: string }
  /** One that is of no use any more, with all that is in it. */
  | { readonly _tag: "RemoveEmptyDir"; readonly path: string }
  /** `disk` is what is mounted, if it is a disk, and what is on it in words. */
  | {
      readonly _tag: "Mount"
      readonly mount: Mount
      readonly disk?: { readonly volume: DiskVolume; readonly holds: string | undefined }
    }
  /** Writes all files of a volume, in place of what it holds: see VolumeFiles. */
  | {
      readonly _tag: "WriteFiles"
      readonly folder: string
      readonly volume: string
      readonly files: ReadonlyArray<VolumeFile>
      /** The group that may read them; undefined leaves root's. */
      readonly gid: number | undefined
      readonly identity: Redacted.Redacted
    }
  /** Removes files of a volume that no container needs any more. */
  | { readonly _tag: "RemoveFiles"; readonly path: string }
  /**
   * Binds a part of a volume, which is made if it is not there. What leads out of the volume is an error. It is unmounted
   * to take it back; what was made stays.
   */
  | {
      readonly _tag: "BindSubPath"
      readonly volume: string
      /** The volume. */
      readonly root: string
      readonly subPath: string
      readonly target: string
    }
  /** Gives a mounted volume, and all that is on it, to a group. It is not taken back. */
  | {
      readonly _tag: "SetGroup"
      readonly volume: string
      readonly target: string
      readonly group: VolumeGroup
    }
  /** Grows a mounted filesystem to the size of its disk. One that cannot be grown is left as it is. */
  | { readonly _tag: "Grow"; readonly mounted: MountedDisk; readonly growth: Growth }
  /** The mount as it was observed, so that it can be mounted again. */
  | { readonly _tag: "Unmount"; readonly mount: Mount }
  | { readonly _tag: "OpenFirewall" }
  /** Opens these ports and no others. */
  | { readonly _tag: "OpenPorts"; readonly ports: ReadonlyArray<FirewallPort> }
  | { readonly _tag: "CloseFirewall" }
  /** Imports the sandbox's image, which no registry has. */
  | { readonly _tag: "ImportImage"; readonly image: ImageReference }
  | { readonly _tag: "CreateNetwork"; readonly network: NetworkSpec }
  /** One of ours. What others have on it keeps it. */
  | { readonly _tag: "RemoveNetwork"; readonly name: string }
  /**
   * Gives one that stays the name and the restart policy that it is to have, and lets it go on if it is paused. It is
   * not stopped.
   */
  | {
      readonly _tag: "Adjust"
      readonly container: ContainerInspection
      readonly name: string
      readonly restartPolicy: EngineRestartPolicy
    }
  /** Restart policy `no`: the engine does not start it by itself any more. */
  | { readonly _tag: "Disarm"; readonly container: ContainerInspection }
  /** `isAside`: it was set aside, and its restart policy is set to `no` first. */
  | {
      readonly _tag: "Stop"
      readonly container: OurContainer
      readonly grace: Duration.Duration
      readonly isAside?: true
    }
  /**
   * A name that says what it is. What runs keeps its restart policy until it is stopped: by that a later run knows that
   * nobody has asked the engine to.
   */
  | { readonly _tag: "SetAside"; readonly container: ContainerInspection; readonly name: string }
  /** `volumeImages` are those that it mounts, and which each has to be where that is known. */
  | {
      readonly _tag: "Create"
      readonly spec: ContainerSpec
      readonly image: ImageReference
      readonly volumeImages?: ReadonlyArray<{ readonly image: ImageReference; readonly digest: string }>
    }
  /** One that is to be probed, or has a hook, is on record before it is started: see ContainerRecord. */
  | { readonly _tag: "Start"; readonly name: string; readonly isProbed: boolean; readonly isHooked: boolean }
  /** Starts one that `down` or an agent has stopped, with the restart policy that it had. */
  | {
      readonly _tag: "StartAgain"
      readonly container: ContainerInspection
      readonly restartPolicy: EngineRestartPolicy
      /** Until then it may still be stopping. */
      readonly grace: Duration.Duration
      /** An agent has stopped it for a probe that failed. */
      readonly isRestart?: true
      readonly isProbed: boolean
      readonly isHooked: boolean
    }
  /** Runs the hook of a container that has just been started. */
  | {
      readonly _tag: "PostStart"
      readonly name: string
      readonly hook: Hook
      readonly restartPolicy: EngineRestartPolicy
      /** As in `Confirm`. */
      readonly kept: KeptContainer | undefined
    }
  /** Starts an init container and waits for exit code 0; retries under the policy, unless it is `Never`. */
  | {
      readonly _tag: "RunToEnd"
      readonly name: string
      readonly restartPolicy: RestartPolicy
      /** No retry begins later than this; undefined leaves it to the deadline. */
      readonly retriedFor: Duration.Duration | undefined
    }
  | {
      readonly _tag: "Confirm"
      readonly name: string
      readonly restartPolicy: EngineRestartPolicy
      readonly window: Duration.Duration
      /** Undefined for a new one. */
      readonly kept: KeptContainer | undefined
    }
  /** Probes a container until the probe has succeeded, or has failed, as often as its thresholds say. */
  | {
      readonly _tag: "Probe"
      readonly kind: "startup" | "readiness"
      readonly name: string
      readonly probe: Probe
      readonly restartPolicy: EngineRestartPolicy
      /** As in `Confirm`. */
      readonly kept: KeptContainer | undefined
      /** No other probe of the container is awaited after it. */
      readonly isLast: boolean
    }
  /**
   * Removes it under the name that it has by then. A container that may still run is stopped first, within the grace
   * period. One that cannot be removed is left behind: no declared container depends on it.
   */
  | {
      readonly _tag: "Remove"
      readonly container: OurContainer
      readonly name: string
      readonly grace: Option.Option<Duration.Duration>
    }

/** One step of a plan: what is done to what, why, and after what. */
export interface Step {
  /** Unique within a plan, and readable: the verb and the subject, `mount data`. */
  readonly id: string
  /** What the step changes: a container (by its declared name if it is new, else by its engine's), a disk, a path. */
  readonly subject: string
  readonly action: Action
  /** Why it has to be done: what was observed, against what is declared. */
  readonly cause: string
  /** The ids of the steps that must be done before. */
  readonly needs: ReadonlyArray<string>
}

/** Collects the steps of a plan, each after those that it needs, and knows the last step of each subject. */
export class StepList {
  readonly inOrder: Array<Step> = []
  readonly #last = new Map<string, string>()
  readonly #times = new Map<string, number>()

  /** Gives the step's id: `verb subject`, numbered if a plan does the same to a subject more than once. */
  add(verb: string, subject: string, action: Action, cause: string, needs: ReadonlyArray<string>): string {
    const name = `${verb} ${subject}`
    const time = (this.#times.get(name) ?? 0) + 1
    this.#times.set(name, time)
    const id = time === 1 ? name : `${name} (${time})`
    this.inOrder.push({ id, subject, action, cause, needs: [...new Set(needs)] })
    this.#last.set(subject, id)
    return id
  }

  /** The last step of each of these subjects that has one. */
  last(subjects: Iterable<string>): ReadonlyArray<string> {
    return [...subjects].flatMap((subject) => this.#last.get(subject) ?? [])
  }
}
