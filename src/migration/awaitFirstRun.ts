import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { SystemdFailed } from "../install/Systemd.ts"
import { unitName } from "../install/unit.ts"
import { type StatusNow, statusNow } from "../record/StatusNow.ts"
import { CommandRunner } from "../vm/host/CommandRunner.ts"

/** Between two looks. */
const pause = Duration.seconds(2)

/**
 * How the unit's next run ends, after a status of before. The unit is not waited for: the agent's is not up as long as
 * nothing runs. A first pull may take as long as it takes; a unit that has failed will not write any more.
 */
export const awaitFirstRun = Effect.fn("awaitFirstRun")(function* (before: StatusNow) {
  const runner = yield* CommandRunner
  const isFailed = runner
    .run({ program: "systemctl", args: ["show", "--property=ActiveState", "--", unitName] })
    .pipe(Effect.map(({ stdout }) => stdout.trim() === "ActiveState=failed"))
  for (;;) {
    const failed = yield* isFailed
    const now = yield* statusNow
    if (endOf(now) !== endOf(before)) return now
    if (failed) {
      const detail = `it failed and left no status: see \`journalctl --unit ${unitName}\``
      return yield* new SystemdFailed({ operation: `start ${unitName}`, detail })
    }
    yield* Effect.sleep(pause)
  }
})

const endOf = ({ status }: StatusNow): string => JSON.stringify(status?.lastRun ?? null)
