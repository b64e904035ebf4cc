import * as Duration from "effect/Duration"
import { deadlineTable } from "../../src/startup/Deadlines.ts"

/** By a clock that runs twenty times as fast, each operation has 0.6 seconds; a pull has all its tries. */
export const shortDeadlines: Readonly<Record<keyof typeof deadlineTable, Duration.Duration>> = {
  ...(Object.fromEntries(
    Object.keys(deadlineTable).map((name) => [name, Duration.seconds(12)])
  ) as unknown as typeof deadlineTable),
  PULL: deadlineTable.PULL
}
