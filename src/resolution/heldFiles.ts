import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { mountedFiles } from "../observation/VolumeFiles.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import type { VolumeFile } from "../workload/VolumeFile.ts"
import type { Volume, Workload } from "../workload/Workload.ts"

/**
 * The workload with the content of files that could not be read from where they come, as an earlier run has written it:
 * containers start on it, and may print it, so that what hides values has to know it. As a text, which is all that can be
 * hidden: it is never written. Recovery has to be over, which may put other files in their place.
 */
export const withHeldFiles = Effect.fnUntraced(function* (workload: Workload, mountRoot: string) {
  const hostFiles = yield* HostFiles

  const held = Effect.fnUntraced(function* (volume: string, file: VolumeFile) {
    if (file.unread === undefined) return file
    const found = yield* hostFiles
      .read(`${mountedFiles(mountRoot, volume)}/${file.path}`)
      .pipe(withDeadline("FILE", `read what a file of the volume ${volume} holds`))
    if (Option.isNone(found)) return file
    const filled: VolumeFile = { ...file, data: Redacted.make(new TextEncoder().encode(found.value)) }
    return filled
  })

  const heldOf = Effect.fnUntraced(function* (volume: Volume) {
    if (volume._tag !== "Files") return volume
    const files = yield* Effect.forEach(volume.files, (file) => held(volume.name, file))
    const filled: Volume = { ...volume, files }
    return filled
  })

  const filled: Workload = { ...workload, volumes: yield* Effect.forEach(workload.volumes, heldOf) }
  return filled
})
