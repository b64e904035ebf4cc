import * as Effect from "effect/Effect"
import { isWithin } from "../vm/storage/MountInfo.ts"
import type { Mounts } from "../vm/storage/Mounts.ts"

/**
 * Where a volume and a part of it are, whether or not anything is there: paths without links, of which one may lead
 * out.
 */
export const locateSubPath = Effect.fnUntraced(function* (
  { resolve }: Mounts["Service"],
  volume: string,
  subPath: string
) {
  const root = yield* resolve(volume)
  const path = yield* resolve(`${root}/${subPath}`)
  return { root, path, isInside: isWithin(path, root) }
})
