import { sha256 } from "../vm/host/sha256.ts"
import * as Redacted from "effect/Redacted"
import type { VolumeGroup } from "../workload/VolumeGroup.ts"
import type { FilesVolume } from "../workload/Workload.ts"

/** Identifies what a volume of files holds, and to whom it belongs. */
export const filesIdentity = ({ files }: FilesVolume, group: VolumeGroup | undefined): Redacted.Redacted => {
  const all = files.map(({ path, mode, data, identity }) => [path, mode, identity ?? sha256(Redacted.value(data))])
  return Redacted.make(sha256(JSON.stringify([group?.gid ?? null, all])))
}
