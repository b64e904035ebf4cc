import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { DiskVolume } from "../workload/Workload.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"

const nameOf = ({ deviceName, partition }: DiskVolume): string =>
  `format-${encodeURIComponent(deviceName)}-${partition}`

/**
 * A mkfs that was killed leaves a disk that is neither blank nor a filesystem. What is written down before it, and
 * taken away after it, is the only thing by which such a disk may be formatted again: the device name, its size, and, by
 * the state folder, the machine.
 */
export const makeFormatRecords = Effect.gen(function* () {
  const state = yield* StateFolder
  return {
    begin: (volume: DiskVolume, sizeBytes: number) => state.write(nameOf(volume), String(sizeBytes)),
    end: (volume: DiskVolume) => state.remove(nameOf(volume)),
    /** Whether an earlier run began to format a disk of this name and size here, and did not come to the end. */
    wasBegun: (volume: DiskVolume, sizeBytes: number) =>
      Effect.map(state.read(nameOf(volume)), (record) => Option.getOrElse(record, () => "") === String(sizeBytes))
  }
})
