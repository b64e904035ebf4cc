import * as Effect from "effect/Effect"
import { WelcomeScript } from "../vm/WelcomeScript.ts"
import { withDeadline } from "./Deadlines.ts"
import { tell } from "./Progress.ts"
import type { Report } from "./Report.ts"

/** Greets those who log in to the VM with how the run went. */
export const greet = <E extends Error, R>(run: Effect.Effect<Report, E, R>) =>
  run.pipe(
    Effect.tap((report) => (report._tag === "NothingDeclared" ? Effect.void : write(successLines(report)))),
    Effect.tapError((error) => write(failureLines(error.message)))
  )

/** A greeting that cannot be written is no reason to fail. */
const write = Effect.fnUntraced(function* (lines: ReadonlyArray<string>) {
  const script = yield* WelcomeScript
  yield* script.write(lines).pipe(
    withDeadline("MOUNT", "write the welcome script"),
    Effect.catch((error) => tell({ _tag: "Warning", text: error.message }))
  )
})

const rule = "-".repeat(72)

/** What is printed at login after a run that succeeded. */
const successLines = (report: Extract<Report, { readonly _tag: "Running" }>): ReadonlyArray<string> => [
  rule,
  `Slipway started this VM's container: ${report.name}`,
  ...report.degraded.map((text) => `  CAUTION: ${text}`),
  `  image:   ${report.image}`,
  `  state:   docker ps --filter name=${report.name}`,
  `  output:  docker logs ${report.name}`,
  rule
]

/** What is printed at login after a run that failed, with the reason. */
export const failureLines = (reason: string): ReadonlyArray<string> => [
  rule,
  "Slipway could not start this VM's container:",
  ...reason.split("\n").map((line) => `  ${line}`),
  "  more:    journalctl --unit slipway",
  rule
]
