import type { ImageReference } from "./ImageReference.ts"

/** When the engine starts the container again after it has ended. */
export type RestartPolicy = "Always" | "OnFailure" | "Never"

/** A declaration decoded and checked: from here on everything is valid by construction. */
export interface Workload {
  readonly container: Container
  /** The volumes that the container mounts, each named once, in the order of the declaration. */
  readonly volumes: ReadonlyArray<Volume>
  readonly restartPolicy: RestartPolicy
}

export interface Container {
  /** Empty where the declaration names none. */
  readonly name: string
  readonly image: ImageReference
  /** Replaces the image's entrypoint; undefined leaves it. */
  readonly command: ReadonlyArray<string> | undefined
  /** Replaces the image's command; undefined leaves it. */
  readonly args: ReadonlyArray<string> | undefined
  readonly env: ReadonlyArray<EnvironmentVariable>
  /** In the order of the declaration. Each names one of the workload's volumes. */
  readonly mounts: ReadonlyArray<VolumeMount>
  readonly privileged: boolean
  readonly stdin: boolean
  readonly tty: boolean
}

export interface EnvironmentVariable {
  readonly name: string
  /** A secret as far as output goes: never printed. */
  readonly value: string
}

export interface VolumeMount {
  readonly volume: string
  /** Absolute path inside the container. */
  readonly path: string
  readonly readOnly: boolean
}

export type Volume = HostPathVolume | TmpfsVolume | DiskVolume

/** A directory or file of the host. */
export interface HostPathVolume {
  readonly _tag: "HostPath"
  readonly name: string
  /** Absolute. */
  readonly path: string
}

/** `emptyDir` with medium `Memory`. */
export interface TmpfsVolume {
  readonly _tag: "Tmpfs"
  readonly name: string
}

/** A persistent disk, ext4. */
export interface DiskVolume {
  readonly _tag: "Disk"
  readonly name: string
  /** The disk's device name, `pdName` in a declaration: `/dev/disk/by-id/google-<deviceName>`. */
  readonly deviceName: string
  /** 0 is the whole disk. */
  readonly partition: number
}
