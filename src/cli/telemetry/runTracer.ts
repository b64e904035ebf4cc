import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { oneLine } from "../../text/printable.ts"

/** The spans that are a run each, and so a trace. */
const runs: ReadonlySet<string> = new Set(["startup", "down"])

/** What stands before each name of ours. */
const scheme = "slipway."

/** The most of a run's message that is told. */
const longestMessage = 400

/**
 * A tracer that gives `exporter` the spans of runs, one trace a run, and nothing that happens outside of one. Of an
 * error in a span there is its kind; of one that a run fails with, the message that it prints, in which what is
 * declared is hidden. Inside of a run an engine's words may still quote what is not to be told, so no message, stack or
 * log line of there goes out.
 */
export const runTracer = (exporter: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({
    span: (options) => {
      const isWithin = Option.exists(options.parent, ({ sampled }) => sampled)
      const isRun = !isWithin && runs.has(options.name)
      const span = exporter.span({
        ...options,
        name: `${scheme}${options.name}`,
        ...(isRun ? { parent: Option.none(), root: true } : {}),
        sampled: isRun || (isWithin && options.sampled)
      })
      const { end, attribute } = span
      return Object.assign(span, {
        attribute: (key: string, value: unknown) => attribute.call(span, `${scheme}${key}`, value),
        event: () => {},
        end: (time: bigint, exit: Exit.Exit<unknown, unknown>) => end.call(span, time, toldExit(exit, isRun))
      })
    }
  })

/** How a span ended, as it may be told. */
const toldExit = (exit: Exit.Exit<unknown, unknown>, isRun: boolean): Exit.Exit<unknown, unknown> => {
  if (Exit.isSuccess(exit)) return Exit.void
  if (Cause.hasInterruptsOnly(exit.cause)) return exit
  const found = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  const tag = tagOf(found) ?? "Bug"
  const told = new Error(isRun && found instanceof Error ? oneLine(found.message, longestMessage) : tag)
  return Exit.fail(Object.assign(told, { name: tag, stack: tag }))
}

/** The kind of an error; a step's is told with the step. */
const tagOf = (error: unknown): string | undefined => {
  if (typeof error !== "object" || error === null) return undefined
  if ("_tag" in error && typeof error._tag === "string") return error._tag
  return "error" in error ? tagOf(error.error) : undefined
}
