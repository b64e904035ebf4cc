import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { DiskVolume } from "../workload/Workload.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"

const nameOf = ({ deviceName, partition }: DiskVolume): string =>
  `format-${encodeURIComponent(deviceName)}-${partition}`

/**
 * A killed mkfs leaves a disk that is neither blank nor a filesystem. Only this record, written before mkfs and removed
 * after it, allows such a disk to be formatted again: it names the device and its size, and the state folder stands for
 * the machine.
 */
export const makeFormatRecords = Effect.gen(function* () {
  const state = yield* StateFolder
  return {
    begin: (volume: DiskVolume, sizeBytes: number) => state.write(nameOf(volume), String(sizeBytes)),
    end: (volume: DiskVolume) => state.remove(nameOf(volume)),
    /** Whether an earlier run began to format a disk of this name and size here, and did not finish. */
    wasBegun: (volume: DiskVolume, sizeBytes: number) =>
      Effect.map(state.read(nameOf(volume)), (record) => Option.getOrElse(record, () => "") === String(sizeBytes))
  }
})
