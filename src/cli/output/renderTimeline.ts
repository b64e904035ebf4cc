import * as Duration from "effect/Duration"
import { headingOf } from "../../record/headingOf.ts"
import type { RunRecord } from "../../record/RunRecord.ts"
import { type Bar, outcomeWords, timelineOf } from "../../record/timeline.ts"
import { printable } from "../../text/printable.ts"
import { seconds } from "../../text/seconds.ts"
import { shortened } from "../../text/shortened.ts"

/** With these a line fits into 80 columns, but for the words of what was not done. */
const width = 32
const longestName = 34

/** A run's steps as bars over its time, for a terminal; what was not simply done has its outcome beside it. */
export const renderTimeline = (run: RunRecord): string => {
  const { bars, millis } = timelineOf(run)
  if (bars.length === 0) return printable([headingOf(run), "  no step was planned"].join("\n"))
  const names = Math.max("in all".length, ...bars.map(({ id }) => shortened(id, longestName).length))
  const line = (name: string, bar: string, took: string, rest: string) =>
    `  ${name.padEnd(names)}  ${bar.padEnd(width)}  ${took.padStart(8)}${rest}`.trimEnd()
  return printable(
    [
      headingOf(run),
      ...bars.map((bar) =>
        line(
          shortened(bar.id, longestName),
          barOf(bar, millis),
          bar.span === undefined ? "" : seconds(Duration.millis(bar.span.endedMillis - bar.span.beganMillis)),
          bar.outcome === "done" && !bar.undone ? "" : `  ${outcomeWords(bar)}`
        )
      ),
      line("in all", "", seconds(Duration.millis(millis)), "")
    ].join("\n")
  )
}

/** What stands is filled, what was rolled back, failed or cut short is lighter. */
const barOf = ({ span, outcome, undone }: Bar, millis: number): string => {
  if (span === undefined) return ""
  const from = Math.min(width - 1, Math.floor((span.beganMillis / millis) * width))
  const length = Math.max(1, Math.round(((span.endedMillis - span.beganMillis) / millis) * width))
  const fill = outcome !== "done" ? "▒" : undone ? "░" : "█"
  return " ".repeat(from) + fill.repeat(Math.min(length, width - from))
}
