import * as Schema from "effect/Schema"
import { RecordedContainer } from "./RecordedContainer.ts"
import { UnderWay } from "./UnderWay.ts"
import { DeclaredStatus, GoesDown, NextTryStatus, RunError, runResults, StoppedNothing } from "./RunRecord.ts"

/** The last run that has ended. */
export const LastRun = Schema.Struct({
  result: Schema.Literals(runResults).annotateKey({
    description:
      "`done`: all that is declared came up; `held back`: it is known to fail, and something else runs; `superseded`: it gave way to a newer declaration, or to a `slipway down`; `stopped`: by a signal; `down`: it was `slipway down`; `left down`: nobody has asked for what that had stopped."
  }),
  goesDown: GoesDown,
  stoppedNothing: StoppedNothing,
  ended: Schema.DateTimeUtcFromString.annotateKey({ description: "By the VM's wall clock." }),
  seconds: Schema.Finite.annotateKey({ description: "How long it took, by the monotonic clock." }),
  steps: Schema.Int.annotateKey({ description: "How many steps were done; 0 if nothing had to be." }),
  repeated: Schema.Int.annotateKey({
    description: "How many runs in a row have ended in this way, this one included. Those after the first did nothing."
  }),
  error: Schema.NullOr(RunError).annotateKey({ description: "Why it failed." })
})
export type LastRun = typeof LastRun.Type

/** The version of the shape. What is only added to it does not change it. */
export const statusVersion = 1

/** What `status.json` says: what is declared, what runs, and how the last run went. Nothing in it is a secret. */
export const Status = Schema.Struct({
  version: Schema.Literal(statusVersion).annotateKey({
    description: "Of this shape. Keys may be added without a new one."
  }),
  boot: Schema.String.annotateKey({ description: "The hostname, and what identifies the boot." }),
  written: Schema.DateTimeUtcFromString.annotateKey({ description: "When this was written, by the VM's wall clock." }),
  underWay: Schema.NullOr(UnderWay).annotateKey({
    description: "A run that takes longer than a second and had not ended then; null otherwise."
  }),
  declared: Schema.NullOr(DeclaredStatus).annotateKey({
    description: "What the last run found declared; null if that is nothing, or could not be read."
  }),
  running: Schema.NullOr(Schema.Array(RecordedContainer)).annotateKey({
    description: "The containers at the end of the last run; null if the engine did not say."
  }),
  lastRun: Schema.NullOr(LastRun).annotateKey({ description: "The last run that has ended in this boot." }),
  degraded: Schema.Array(Schema.String).annotateKey({
    description: "Why what runs may not be what is declared now: a cached image, a last good declaration."
  }),
  nextTry: NextTryStatus,
  nextLook: Schema.optionalKey(Schema.NullOr(Schema.DateTimeUtcFromString)).annotateKey({
    description:
      "When the agent whose run has failed looks again, if nothing happens before; null: once what is declared changes. Absent after any other run."
  }),
  engineAway: Schema.optionalKey(Schema.DateTimeUtcFromString).annotateKey({
    description:
      "Since when an agent has not reached the engine, if that is longer than a restart of it takes: what runs is not known. Absent otherwise."
  })
})
export type Status = typeof Status.Type

const StatusText = Schema.fromJsonString(Status)
export const decodeStatus = Schema.decodeUnknownResult(StatusText)
export const encodeStatus = Schema.encodeSync(StatusText)
