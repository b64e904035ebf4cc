import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { withDeadline } from "../timing/Deadlines.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import { RunRecord } from "./RunRecord.ts"
import { type EndedRun, isRepetition } from "./statusOf.ts"

/** The runs that are kept, oldest first. */
export type History = ReadonlyArray<RunRecord>

/** As many runs are kept. */
export const longestHistory = 10

/** The most characters that all of them take as JSON: far more than ten usual runs. */
export const largestHistory = 200_000

const HistoryText = Schema.fromJsonString(
  Schema.Struct({
    version: Schema.Literal(1),
    runs: Schema.Array(RunRecord)
  })
)
const decode = Schema.decodeUnknownOption(HistoryText)
const encode = Schema.encodeSync(HistoryText)

export const encodeHistory = (runs: History): string => encode({ version: 1, runs })

/** What of another version, or of nothing, is kept: none. */
export const decodeHistory = (text: string): History =>
  Option.match(decode(text), { onNone: () => [], onSome: ({ runs }) => runs })

/**
 * The history with another run; `none` if it is the newest again, which did nothing: a run that finds all as declared,
 * or is held back, would otherwise push out those that say why, and write to the disk for ever.
 */
export const withRun = (history: History, run: EndedRun): Option.Option<History> => {
  const newest = history.at(-1)
  if (newest !== undefined && isRepetition(run, newest)) return Option.none()
  const number = (newest?.number ?? 0) + 1
  const kept = history.filter((one, index) => index < history.length - 1 || !isSameRestart(one, run))
  return Option.some(fitting([...kept, { ...run, number }].slice(-longestHistory)))
}

/** Of a container that is restarted again and again the last time is kept: the others would push out all runs. */
const isSameRestart = (one: EndedRun, other: EndedRun): boolean =>
  one.restart !== undefined && one.restart.name === other.restart?.name

/** Without the oldest runs, as far as all do not fit; of one that does not fit by itself, without details. */
const fitting = (history: History): History => {
  const [oldest, ...newer] = history
  if (oldest === undefined || encodeHistory(history).length <= largestHistory) return history
  if (newer.length > 0) return fitting(newer)
  const kept = cuts.map((cut) => [cut(oldest)]).find((one) => encodeHistory(one).length <= largestHistory)
  return kept ?? []
}

/** What goes first of a run that is too large: what a step waited for, then steps, then all that was found. */
const cuts: ReadonlyArray<(run: RunRecord) => RunRecord> = [
  (run) => withSteps(run, 100),
  (run) => withSteps(run, 20),
  (run) => ({ ...run, plans: [] }),
  (run) => ({ ...run, plans: [], found: [], warnings: [], running: null })
]

const withSteps = (run: RunRecord, count: number): RunRecord => ({
  ...run,
  plans: run.plans.slice(-1).map(({ summary, steps }) => ({
    summary,
    steps: steps.slice(0, count).map((step) => ({ ...step, needs: [] }))
  }))
})

const entryName = "history"

/** The kept runs cannot be read. */
export class HistoryUnreadable extends Schema.TaggedError<HistoryUnreadable>()("HistoryUnreadable", {
  detail: Schema.String
}) {
  get advice() {
    return /permission denied/i.test(this.detail) ? "Only root may read them: try `sudo slipway why`." : undefined
  }
  override get message() {
    return `the kept runs cannot be read: ${this.detail}`
  }
}

/** The runs of this machine that are kept, oldest first. */
export const readHistory: Effect.Effect<History, HistoryUnreadable, StateFolder> = Effect.gen(function* () {
  const state = yield* StateFolder
  const text = yield* state.read(entryName).pipe(
    withDeadline("FILE", "read the kept runs"),
    Effect.mapError((error) => new HistoryUnreadable({ detail: error.message }))
  )
  return Option.match(text, { onNone: () => [], onSome: decodeHistory })
})

/** Keeps a run. What is there and cannot be read is an error too: it is not replaced. */
export const keepRun = Effect.fn("keepRun")(function* (run: EndedRun) {
  const state = yield* StateFolder
  const history = withRun(yield* readHistory, run)
  if (Option.isNone(history)) return
  yield* state.write(entryName, encodeHistory(history.value)).pipe(withDeadline("FILE", "keep the run"))
})
