import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as LogLevel from "effect/LogLevel"

/** Formats of log lines on standard error. */
export const logFormats = ["auto", "terminal", "plain", "journal", "json"] as const
export type LogFormat = (typeof logFormats)[number]

/** The format in force, for what is printed beside the log. */
export const ChosenFormat = Context.Reference<Exclude<LogFormat, "auto">>("slipway/cli/ChosenFormat", {
  defaultValue: () => "plain"
})

/** syslog priorities, which journald reads from the beginning of a line. */
const priorities: Readonly<Record<LogLevel.LogLevel, number>> = {
  All: 7,
  Trace: 7,
  Debug: 7,
  Info: 6,
  Warn: 4,
  Error: 3,
  Fatal: 2,
  None: 7
}

const colors: Readonly<Partial<Record<LogLevel.LogLevel, number>>> = {
  Debug: 90,
  Trace: 90,
  Warn: 33,
  Error: 31,
  Fatal: 31
}

const textOf = ({ message, cause }: Logger.Options<unknown>): string => {
  const parts = (Array.isArray(message) ? message : [message]).map((part) =>
    typeof part === "string" ? part : Inspectable.toStringUnknown(part)
  )
  return [...parts, ...(cause.reasons.length === 0 ? [] : [Cause.pretty(cause)])].join(" ")
}

const formatters: Readonly<Record<Exclude<LogFormat, "auto">, Logger.Logger<unknown, string>>> = {
  terminal: Logger.make((options) => {
    const color = colors[options.logLevel]
    return color === undefined ? textOf(options) : `\u001B[${color}m${textOf(options)}\u001B[0m`
  }),
  plain: Logger.make((options) => `${options.date.toISOString()} ${options.logLevel.toLowerCase()} ${textOf(options)}`),
  journal: Logger.make((options) => {
    const prefix = `<${priorities[options.logLevel]}>`
    return textOf(options)
      .split("\n")
      .map((line) => `${prefix}${line}`)
      .join("\n")
  }),
  json: Logger.formatJson
}

/** Logs to standard error in this format. */
export const layerLogger = (
  format: LogFormat,
  surroundings: { readonly isTerminal: boolean; readonly isJournal: boolean }
) => {
  const chosen =
    format === "auto" ? (surroundings.isJournal ? "journal" : surroundings.isTerminal ? "terminal" : "plain") : format
  return Layer.merge(Logger.layer([Logger.withConsoleError(formatters[chosen])]), Layer.succeed(ChosenFormat, chosen))
}
