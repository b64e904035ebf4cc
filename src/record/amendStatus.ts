import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { withDeadline } from "../timing/Deadlines.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"
import type { RecordedContainer } from "./RecordedContainer.ts"
import { readStatusOf } from "./readStatus.ts"
import { encodeStatus, type Status } from "./Status.ts"

/**
 * Changes what the status of this boot says, and gives the status; `none` where there is none to change. It is written if
 * something has changed.
 */
export const amendStatus = Effect.fn("amendStatus")(function* (change: (status: Status) => Status) {
  const file = yield* StatusFile
  return yield* file.oneAtATime(amended(change))
})

/** A change of what a status says of single containers. */
export const ofContainers =
  (change: (one: RecordedContainer) => RecordedContainer) =>
  (status: Status): Status =>
    status.running === null ? status : { ...status, running: status.running.map(change) }

const amended = Effect.fnUntraced(function* (change: (status: Status) => Status) {
  const { seed: boot } = yield* HostRandom
  const file = yield* StatusFile
  const found = yield* readStatusOf(boot)
  if (Option.isNone(found)) return found
  const changed = change(found.value)
  if (encodeStatus(changed) === encodeStatus(found.value)) return found
  const status: Status = { ...changed, written: yield* DateTime.now }
  yield* file.write(encodeStatus(status)).pipe(withDeadline("FILE", "write the status"))
  return Option.some(status)
})
