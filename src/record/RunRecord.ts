import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { RecordedContainer } from "./RecordedContainer.ts"

/** The declaration of a run. */
export const DeclaredStatus = Schema.Struct({
  origin: Schema.Literals(["settings", "metadata", "last good"]).annotateKey({
    description:
      "Where it came from: `--declaration` (`settings`), the VM's `metadata`, or, where that did not answer, the `last good` one."
  }),
  file: Schema.String.annotateKey({ description: "The name of its file, or of its key in the metadata." }),
  sha256: Schema.String.annotateKey({ description: "Of its text, as `sha256sum` prints it." }),
  containers: Schema.Array(Schema.Struct({ name: Schema.String, image: Schema.String })).annotateKey({
    description: "What is to run, by the names and images in it; empty if it could not be used."
  })
})

/** Why a run failed. */
export const RunError = Schema.Struct({
  tag: Schema.String.annotateKey({ description: "The error's kind, for programs." }),
  message: Schema.String.annotateKey({ description: "What failed and why, at most 2000 characters." }),
  advice: Schema.NullOr(Schema.String).annotateKey({ description: "What to do about it." })
})
export type RunError = typeof RunError.Type

/** How a run can end. */
export const runResults = [
  "done",
  "nothing declared",
  "failed",
  "held back",
  "superseded",
  "stopped",
  "down",
  "left down"
] as const
/** How a run ended; `Status` says what each means. */
export type RunResult = (typeof runResults)[number]

/** When what failed is retried. */
export const NextTryStatus = Schema.NullOr(
  Schema.Union([Schema.Literal("next boot"), Schema.DateTimeUtcFromString])
).annotateKey({
  description:
    "Before when what failed is not tried again, or `next boot` for a job that failed and a Pod whose `activeDeadlineSeconds` are over; null if nothing holds it back."
})

/** A step of a plan, and what became of it. */
export const StepStatus = Schema.Struct({
  id: Schema.String.annotateKey({ description: "Unique within its plan." }),
  kind: Schema.String.annotateKey({ description: "The kind of its action: `Pull`, `Mount`, …" }),
  text: Schema.String.annotateKey({ description: "What it does." }),
  cause: Schema.String.annotateKey({ description: "Why it had to be done." }),
  needs: Schema.Array(Schema.String).annotateKey({ description: "The ids of the steps that had to be done before." }),
  outcome: Schema.Literals(["done", "failed", "unfinished", "not begun"]).annotateKey({
    description: "`unfinished`: left undone, which does no harm, or cut short when another step failed."
  }),
  undone: Schema.Boolean.annotateKey({ description: "It was rolled back after a later one had failed." }),
  beganMillis: Schema.NullOr(Schema.Int).annotateKey({ description: "When it began, from the run's beginning." }),
  tookMillis: Schema.NullOr(Schema.Int).annotateKey({ description: "How long it took; null unless it was done." }),
  message: Schema.NullOr(Schema.String).annotateKey({ description: "How it failed, or why it could not be undone." })
})
export type StepStatus = typeof StepStatus.Type

/** A container that an agent has stopped, or started again, for a probe that failed. */
export const RestartOf = Schema.Struct({
  name: Schema.String.annotateKey({ description: "The engine's name for the container." }),
  what: Schema.Literals(["stopped", "restarted", "started again"]).annotateKey({
    description: "What was done with it."
  }),
  reason: Schema.String.annotateKey({ description: "Which probe failed, how often, and what it found at last." })
})
export type RestartOf = typeof RestartOf.Type

/** Of a `down`. */
export const GoesDown = Schema.optionalKey(Schema.Literal(true)).annotateKey({
  description: "Of a `down`: the whole machine went down, and not `slipway down` had asked for it."
})

/** Of a `down`. */
export const StoppedNothing = Schema.optionalKey(Schema.Literal(true)).annotateKey({
  description: "Of a `down`: whatever was there had come to its end by itself, and nothing was stopped."
})

/** A run, as it is kept for `slipway why`. */
export const RunRecord = Schema.Struct({
  number: Schema.Int.annotateKey({ description: "Counts the runs of this VM that are kept." }),
  boot: Schema.String.annotateKey({ description: "The hostname, and what identifies the boot." }),
  began: Schema.DateTimeUtcFromString.annotateKey({ description: "By the VM's wall clock." }),
  tookMillis: Schema.Int.annotateKey({ description: "How long it took, by the monotonic clock." }),
  result: Schema.Literals(runResults).annotateKey({ description: "What it came to." }),
  goesDown: GoesDown,
  stoppedNothing: StoppedNothing,
  restart: Schema.optionalKey(RestartOf).annotateKey({
    description: "No run that compared the VM with its declaration, but an agent's restart of one container."
  }),
  declared: Schema.NullOr(DeclaredStatus).annotateKey({ description: "What was declared; null if nothing was read." }),
  found: Schema.Array(Schema.String).annotateKey({ description: "What was found on the VM, in short." }),
  plans: Schema.Array(
    Schema.Struct({
      summary: Schema.String.annotateKey({ description: "What it came to, in a line." }),
      steps: Schema.Array(StepStatus).annotateKey({ description: "In their order." })
    })
  ).annotateKey({ description: "What was to be done: one plan, or more where one showed what the next has to do." }),
  warnings: Schema.Array(Schema.String).annotateKey({ description: "What it warned of." }),
  error: Schema.NullOr(RunError).annotateKey({ description: "Why it failed." }),
  hookLines: Schema.optionalKey(Schema.Array(Schema.String)).annotateKey({
    description: "What the postStart hook that failed wrote at last, if that was more than one line."
  }),
  lastLogLines: Schema.Array(Schema.String).annotateKey({
    description: "Of a container that failed, the last lines of its log, without the values that are declared."
  }),
  running: Schema.NullOr(Schema.Array(RecordedContainer)).annotateKey({
    description: "What ran at its end; null if the engine did not say."
  }),
  degraded: Schema.Array(Schema.String).annotateKey({
    description: "Why what runs may not be what is declared now: a cached image, a last good declaration."
  }),
  nextTry: NextTryStatus
})
export type RunRecord = typeof RunRecord.Type

/** When it ended, by the VM's wall clock. */
export const endOf = ({ began, tookMillis }: Pick<RunRecord, "began" | "tookMillis">): DateTime.Utc =>
  DateTime.addDuration(began, Duration.millis(tookMillis))
