import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Action } from "../plan/Step.ts"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { Mounts } from "../vm/storage/Mounts.ts"
import { hasGroup } from "../vm/storage/VolumeOwner.ts"

/** How often a run says how far it has come. */
const toldEvery = Duration.seconds(10)

/**
 * Gives a volume to its group. Files that cannot be changed, such as immutable ones, are a warning: Kubernetes starts the
 * Pod as well.
 */
export const makeSetGroup = Effect.fnUntraced(function* (warn: (text: string) => Effect.Effect<void>) {
  const mounts = yield* Mounts
  const set = Effect.fnUntraced(function* ({ volume, target, group }: Extract<Action, { readonly _tag: "SetGroup" }>) {
    const { gid, onlyOnMismatch } = group
    if (onlyOnMismatch && hasGroup(yield* mounts.owner(target), gid)) return
    let count = 0
    const setting = mounts.setGroup(target, gid, (more) => Effect.sync(() => void (count += more)))
    const telling = Effect.suspend(() =>
      tell({
        _tag: "Notice",
        text: `the group of the volume ${volume} becomes ${gid}: ${count} ${count === 1 ? "file" : "files"} by now`
      })
    ).pipe(Effect.delay(toldEvery), Effect.forever)
    const complaint = yield* Effect.raceFirst(setting, telling)
    if (Option.isSome(complaint)) {
      yield* warn(`not all files of the volume ${volume} could be given to the group ${gid}: ${complaint.value}`)
    }
  })
  return (action: Extract<Action, { readonly _tag: "SetGroup" }>) =>
    set(action).pipe(withDeadline("GROUP", `give the volume ${action.volume} to the group ${action.group.gid}`))
})
