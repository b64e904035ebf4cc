/** The group that the volumes of a Pod belong to: `fsGroup`. */
export interface VolumeGroup {
  readonly gid: number
  /** Of a disk whose root has it already, take for granted that all that is on it has. */
  readonly onlyOnMismatch: boolean
}
