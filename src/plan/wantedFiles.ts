import * as Redacted from "effect/Redacted"
import type { MountView } from "../observation/MountView.ts"
import type { Observation } from "../observation/Observation.ts"
import type { FilesVolume, Workload } from "../workload/Workload.ts"
import { filesIdentity } from "./filesIdentity.ts"

/** What is to be where a volume's files are, and what is. */
export interface WantedFiles {
  readonly volume: string
  readonly identity: Redacted.Redacted
  /** Undefined where there are none. */
  readonly found: Redacted.Redacted | undefined
}

/** Files of volumes, beside what there is of them. */
export const wantedFiles = (
  volume: FilesVolume,
  { volumeGroup }: Workload,
  { volumes: { files } }: Observation,
  { rootInPlace }: MountView
): WantedFiles => ({
  volume: volume.name,
  identity: filesIdentity(volume, volumeGroup),
  // What is on anything else than our tmpfs is hidden once that is mounted.
  found: rootInPlace ? files.identities.get(volume.name) : undefined
})

export const areInPlace = ({ identity, found }: WantedFiles): boolean =>
  found !== undefined && Redacted.value(found) === Redacted.value(identity)
