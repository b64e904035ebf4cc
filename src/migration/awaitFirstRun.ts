import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { judgeFirstRun } from "../install/FirstRun.ts"
import { Systemd, SystemdFailed } from "../install/Systemd.ts"
import { unitName } from "../install/unit.ts"
import type { StatusNow } from "../record/StatusNow.ts"
import { statusNow } from "../record/readStatusNow.ts"

/** Between two looks. */
const pause = Duration.seconds(2)

const unitNow = Effect.flatMap(Systemd, ({ state }) => state)

/**
 * What waits for the end of the unit's next run, and says how it went; made before the unit is started. systemd alone does
 * not tell: the agent's unit is also up where the run has failed and what ran before runs again. A first pull may take as
 * long as it takes; a unit that ends without having written a status has failed.
 */
export const awaitFirstRun = Effect.map(Effect.all([unitNow, statusNow]), ([unitBefore, before]) =>
  Effect.gen(function* () {
    for (;;) {
      const judged = judgeFirstRun(yield* unitNow, unitBefore)
      // After the unit: what ends it has written by then.
      const now = yield* statusNow
      if (endOf(now) !== endOf(before)) return now
      if (judged._tag === "Failed") {
        const detail = `${judged.why}, and left no status: see \`journalctl --unit ${unitName}\``
        return yield* new SystemdFailed({ operation: `start ${unitName}`, detail })
      }
      yield* Effect.sleep(pause)
    }
  }).pipe(Effect.withSpan("awaitFirstRun"))
)

const endOf = ({ status }: StatusNow): string => JSON.stringify(status?.lastRun ?? null)
