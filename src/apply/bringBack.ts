import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { EmptyDirFolder } from "../vm/host/EmptyDirFolder.ts"
import { parentOf } from "../vm/host/HostFiles.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { MountFailed, Mounts } from "../vm/storage/Mounts.ts"
import { isBelow, isReachable } from "../vm/storage/MountTable.ts"
import { makeContainerChanges } from "./containerChanges.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { bindAt, mountOfRoot, placeOf, tmpfsAt } from "../observation/MountPoints.ts"

/**
 * Starts a container that was stopped for a successor, if its mounts are there. Where one is missing the engine would
 * give it the empty mount point, on which a database would begin anew. A job that had come to its end by itself before
 * it could be stopped is left so.
 */
export const makeBringBack = Effect.fnUntraced(function* (setting: string) {
  const changes = yield* makeContainerChanges
  const mounts = yield* Mounts
  const emptyDirs = yield* EmptyDirFolder
  const { seed } = yield* HostRandom
  // Mounts are named as the kernel sees them.
  const mountRoot = yield* mounts.resolve(setting).pipe(
    attempt("LIST", `see where ${setting} leads`),
    Effect.orElseSucceed(() => setting)
  )

  const ensureMounted = Effect.fnUntraced(function* (target: string) {
    // A tmpfs is empty anyway.
    if (placeOf(mountRoot, target) === "Tmpfs") {
      return yield* mounts.mount(tmpfsAt(target)).pipe(withDeadline("MOUNT", `mount ${target}`))
    }
    if (placeOf(mountRoot, target) === "EmptyDir") {
      const source = emptyDirs.pathOf(seed, target.slice(parentOf(target).length + 1))
      yield* emptyDirs.make(source).pipe(withDeadline("FILE", `make ${source}`))
      return yield* mounts.mount(bindAt(source, target)).pipe(withDeadline("MOUNT", `mount ${target}`))
    }
    const place = placeOf(mountRoot, target)
    const detail =
      place === "Image"
        ? "the engine has lost the images that it had mounted"
        : `${place === "SubPath" ? "a volume's subPath" : "the disk"} is not mounted there any more`
    return yield* new MountFailed({ operation: "mount", target, detail })
  })

  return Effect.fnUntraced(function* (container: ContainerInspection, grace: Duration.Duration) {
    if (yield* changes.hadEndedAside(container)) return
    const { binds, mounts: bound } = container.config
    const sources = [...bound.map(({ source }) => source), ...binds.map((bind) => bind.split(":", 1).join())]
    const table = yield* mounts.table.pipe(attempt("LIST", "read the mount table"))
    const missing = sources.filter((source) => placeOf(mountRoot, source) !== undefined && !isReachable(table, source))
    if (missing.length > 0 && !table.some(({ target }) => target === mountRoot || isBelow(target, mountRoot))) {
      yield* mounts.mount(mountOfRoot(mountRoot)).pipe(withDeadline("MOUNT", `mount ${mountRoot}`))
    }
    yield* Effect.forEach(new Set(missing), ensureMounted, { discard: true })
    yield* changes.bringBack(container, grace)
  })
})
