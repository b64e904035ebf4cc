import * as Duration from "effect/Duration"
import { deadlineTable } from "../../src/startup/Deadlines.ts"

/** Twenty times as fast, each operation has 0.6 seconds. */
export const shortDeadlines = Object.fromEntries(
  Object.keys(deadlineTable).map((name) => [name, Duration.seconds(12)])
) as unknown as typeof deadlineTable
