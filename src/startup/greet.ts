import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { WelcomeScript } from "../vm/host/WelcomeScript.ts"
import { type Aftermath, describeAftermath } from "../progress/Aftermath.ts"
import { ContainerFailed, JobFailed } from "../apply/confirm.ts"
import { ProbeFailed } from "../apply/ProbeFailed.ts"
import { isMessageOfLog } from "../apply/terminationMessage.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { tell } from "../progress/Progress.ts"
import type { DownReport } from "./DownReport.ts"
import type { Report } from "./Report.ts"

/** Tells those who log in to the VM how the run went. One that was interrupted tells them nothing. */
export const greet = Effect.fnUntraced(function* (
  exit: Exit.Exit<Report, Error>,
  aftermath: Effect.Effect<Option.Option<Aftermath>>
) {
  if (Exit.isSuccess(exit)) {
    if (exit.value._tag === "Running") yield* write(successLines(exit.value))
    return
  }
  const error = Cause.findErrorOption(exit.cause)
  if (Option.isSome(error)) yield* write(failureLines(error.value, yield* aftermath))
})

/** Failing to write the greeting is no reason to fail. */
const write = Effect.fnUntraced(function* (lines: ReadonlyArray<string>) {
  const script = yield* WelcomeScript
  yield* script.write(lines).pipe(
    withDeadline("FILE", "write the welcome script"),
    Effect.catch((error) => tell({ _tag: "Warning", text: error.message }))
  )
})

/** Tells them that nothing of ours runs. */
export const greetAfterDown = ({ remove }: DownReport) =>
  write([
    rule,
    `Slipway has ${remove ? "removed" : "stopped"} this VM's containers.`,
    "  start:   slipway up, or systemctl reload-or-restart slipway",
    rule
  ])

const rule = "-".repeat(72)

/** Printed at login after a successful run. */
const successLines = ({
  containers,
  degraded
}: Extract<Report, { readonly _tag: "Running" }>): ReadonlyArray<string> => {
  const shown = containers.filter(({ role }) => role === "main" || role === "sidecar")
  return [
    rule,
    `Slipway started this VM's ${shown.length === 1 ? "container" : "containers"}: ${shown.map(({ name }) => name).join(", ")}`,
    ...degraded.map((text) => `  CAUTION: ${text}`),
    ...shown.flatMap(({ name, image }) => [
      `  image:   ${image}`,
      `  state:   docker ps --filter name=${name}`,
      `  output:  docker logs ${name}`
    ]),
    rule
  ]
}

/** How many of a failed container's last log lines are shown at login; the rest is in the journal. */
const logLineCount = 5

/** Printed at login after a failed run: the reason, the last log lines if any, and what runs now. */
export const failureLines = (error: Error, aftermath: Option.Option<Aftermath>): ReadonlyArray<string> => [
  rule,
  error instanceof JobFailed ? "This VM's job failed:" : "Slipway could not start this VM's container:",
  ...error.message.split("\n").map((line) => `  ${line}`),
  ...(error instanceof JobFailed || error instanceof ContainerFailed
    ? (error.terminationMessage?.split("\n") ?? []).slice(-logLineCount).map((line) => `  > ${line}`)
    : []),
  ...(error instanceof ContainerFailed
    ? (error.hookLines ?? []).slice(-logLineCount).map((line) => `  > ${line}`)
    : []),
  ...((error instanceof JobFailed || error instanceof ContainerFailed || error instanceof ProbeFailed) &&
  !isMessageOfLog(error)
    ? error.lastLogLines.slice(-logLineCount).map((line) => `  | ${line}`)
    : []),
  ...Option.match(aftermath, { onNone: () => [], onSome: describeAftermath }).map((line) => `  ${line}`),
  "  more:    journalctl --unit slipway",
  rule
]
