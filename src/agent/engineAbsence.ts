import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Struct from "effect/Struct"
import { tell } from "../progress/Progress.ts"
import { amendStatus } from "../record/amendStatus.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"
import type { EngineListener } from "./watchEngine.ts"
import type { Notices } from "./notices.ts"

/**
 * Says in the status that the engine is away, and that it is back: who lists many VMs learns it before the next look,
 * which waits for the engine for minutes.
 */
export const makeEngineAbsence = Effect.fnUntraced(function* (notices: Pick<Notices, "statusChanged">) {
  const random = yield* HostRandom
  const statusFile = yield* StatusFile

  const show = (since: DateTime.Utc | undefined) =>
    amendStatus((status) =>
      since === undefined ? Struct.omit(status, ["engineAway"]) : { ...status, engineAway: since }
    ).pipe(
      Effect.matchEffect({
        onFailure: (error) =>
          tell({ _tag: "Warning", text: `the status does not tell how the engine is: ${error.message}` }),
        onSuccess: () => notices.statusChanged
      }),
      Effect.provideService(StatusFile, statusFile),
      Effect.provideService(HostRandom, random)
    )

  const absence: Pick<EngineListener, "away" | "back"> = { away: show, back: show(undefined) }
  return absence
})
