import * as Effect from "effect/Effect"
import { placeIn } from "../vm/storage/MountInfo.ts"
import { MountFailed, type Mounts } from "../vm/storage/Mounts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"

/** Whether what is bound at a target is what is at a path that has no links: both are the same place of one filesystem. */
export const isBoundExactly = ({ details }: Mounts["Service"], { source, target }: Mount) =>
  Effect.map(details, (infos) => {
    if (!infos.some((info) => info.target === target)) return false
    const [bound, wanted] = [placeIn(infos, target), placeIn(infos, source)]
    return bound !== undefined && bound.device === wanted?.device && bound.path === wanted.path
  })

/**
 * Mounts; and of a bind sees to it that the path, which has no links, was not made to lead elsewhere in between:
 * whoever may write to a volume can put a link in the place of a directory at any time. What the kernel has bound
 * cannot be changed, so that looking afterwards is enough.
 */
export const mountExactly = Effect.fnUntraced(function* (mounts: Mounts["Service"], mount: Mount) {
  yield* mounts.mount(mount)
  if (!mount.options.includes("bind") || (yield* isBoundExactly(mounts, mount))) return
  const { source, target } = mount
  yield* mounts.unmount(target)
  return yield* new MountFailed({
    operation: "mount",
    target,
    detail: `what is at ${source} was replaced while it was mounted: a link leads elsewhere, or it was moved`
  })
})
