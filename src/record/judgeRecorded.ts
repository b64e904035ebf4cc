import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import { judge, type SeenContainer } from "./judge.ts"
import type { ContainerStatus } from "../vm/engine/Inspection.ts"
import type { RecordedContainer } from "./RecordedContainer.ts"
import type { Status } from "./Status.ts"
import type { StatusNow } from "./StatusNow.ts"

/**
 * Pure: what `slipway status` would say if the engine had each container as the status has it, for those who do not ask
 * the engine: an agent renews its status at whatever happens. `engineAway` is left to the caller.
 */
export const judgeRecorded = (status: Status): Pick<StatusNow, "verdict" | "reasons"> =>
  judge(
    Option.some(status),
    status.boot,
    new Map((status.running ?? []).map((one) => [one.id, Option.some(asRecorded(one))])),
    { isAlive: true }
  )

const asRecorded = (one: RecordedContainer): SeenContainer => ({
  name: one.name,
  status: one.status as ContainerStatus,
  exitCode: one.exitCode ?? 0,
  error: "",
  startedAt: Option.map(Option.fromNullOr(one.since), DateTime.toEpochMillis),
  restartCount: one.restarts,
  // Of an older version's record, as little is concluded as can be.
  restartPolicy: { name: one.restartPolicy ?? "no", maximumRetryCount: 0 },
  health: Option.fromNullOr(one.health)
})
