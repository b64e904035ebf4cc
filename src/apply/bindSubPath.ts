import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { locateSubPath } from "../observation/locateSubPath.ts"
import type { Action } from "../plan/Step.ts"
import { bindAt } from "../observation/MountPoints.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { unlessDone } from "../timing/LostAnswer.ts"
import { HostFiles, parentOf } from "../vm/host/HostFiles.ts"
import { octalText } from "../vm/host/octalText.ts"
import { MountFailed, Mounts } from "../vm/storage/Mounts.ts"
import { isBoundExactly, mountExactly } from "./bindExactly.ts"

type BindSubPath = Extract<Action, { readonly _tag: "BindSubPath" }>

/**
 * Binds a part of a volume at a place that only we can change. As the kubelet does it: links are followed as long as they
 * stay in the volume, missing directories are made with the permissions of the volume's root, and a file that is there may
 * be mounted as well. Against one who changes the volume at the same time, what is bound is looked at once it is bound; all
 * that can be got from us outside the volume is an empty directory.
 */
export const makeBindSubPath = Effect.gen(function* () {
  const mounts = yield* Mounts
  const files = yield* HostFiles

  const locate = Effect.fnUntraced(function* ({ volume, root: declared, subPath, target }: BindSubPath) {
    const { root, path, isInside } = yield* locateSubPath(mounts, declared, subPath)
    if (isInside) return { root, path }
    return yield* new MountFailed({
      operation: "mount",
      target,
      detail: `a link makes the subPath "${subPath}" lead out of the volume ${volume}, to ${path} of the host`
    })
  })

  const makeMissing = Effect.fnUntraced(function* (root: string, path: string, mode: string) {
    const missing: Array<string> = []
    for (let at = path; at !== root && Option.isNone(yield* files.kindOf(at)); at = parentOf(at)) missing.unshift(at)
    yield* Effect.forEach(missing, (directory) => files.makeDirectory(directory, mode), { discard: true })
  })

  return Effect.fnUntraced(function* (action: BindSubPath) {
    const { root, target, subPath, volume } = action
    const bind = Effect.gen(function* () {
      const found = yield* locate(action)
      const { mode } = yield* mounts.owner(found.root)
      yield* makeMissing(found.root, found.path, octalText(mode))
      const mount = bindAt(found.path, target)
      yield* mountExactly(mounts, mount).pipe(unlessDone(isBoundExactly(mounts, mount)))
    })
    yield* bind.pipe(withDeadline("MOUNT", `mount ${subPath} of the volume ${volume}, ${root}`))
  })
})
