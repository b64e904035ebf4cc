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
 * Changes what the status of this boot says of single containers, and gives the status; `none` where there is none to change.
 * It is written if something has changed.
 */
export const amendStatus = Effect.fn("amendStatus")(function* (change: (one: RecordedContainer) => RecordedContainer) {
  const file = yield* StatusFile
  return yield* file.oneAtATime(amended(change))
})

const amended = Effect.fnUntraced(function* (change: (one: RecordedContainer) => RecordedContainer) {
  const { seed: boot } = yield* HostRandom
  const file = yield* StatusFile
  const found = yield* readStatusOf(boot)
  if (Option.isNone(found) || found.value.running === null) return found
  const running = found.value.running.map(change)
  if (JSON.stringify(running) === JSON.stringify(found.value.running)) return found
  const status: Status = { ...found.value, written: yield* DateTime.now, running }
  yield* file.write(encodeStatus(status)).pipe(withDeadline("FILE", "write the status"))
  return Option.some(status)
})
