import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { Logging } from "../../workload/Logging.ts"

/** An option that the log driver does not have, or cannot have as it is written. The value is not shown. */
export class LogOptionInvalid extends Schema.TaggedError<LogOptionInvalid>()("LogOptionInvalid", {
  ...position,
  option: Schema.String,
  driver: Schema.String,
  why: Schema.Literals(["unknown", "no size", "no count", "of no driver"]),
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    switch (this.why) {
      case "unknown":
        return `the log driver "${this.driver}" has no option "${this.option}"`
      case "no size":
        return `the log option "${this.option}" must be a size above 0`
      case "no count":
        return `the log option "${this.option}" must be a whole number from 1 on`
      case "of no driver":
        return `the log option "${this.option}" stands beside the driver "default", which has the options of the engine's daemon.json`
    }
  }
  get advice(): string {
    switch (this.why) {
      case "unknown":
        return orElse(this.suggestion, "Remove it.")
      case "no size":
        return 'Write a number with a unit, as in "100m".'
      case "no count":
        return 'Write it as in "3".'
      case "of no driver":
        return "Name the driver that it is for, or remove it."
    }
  }
}

/** Options that the engine takes for every driver. */
const common = [
  "mode",
  "max-buffer-size",
  "cache-disabled",
  "cache-max-size",
  "cache-max-file",
  "cache-compress"
] as const
const tags = ["labels", "labels-regex", "env", "env-regex", "tag"] as const

/** The options of the drivers that write to the VM. Source: their ValidateLogOpt in moby's daemon/logger. */
const known: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["json-file", [...common, "max-size", "max-file", "compress", ...tags]],
  ["local", [...common, "max-size", "max-file", "compress"]],
  ["journald", [...common, ...tags]]
])

/** As the engine reads sizes: 500m, 1.5gb, 100 MiB. */
const size = /^(?=.*[1-9])\d+(\.\d+)?\s?[kmgtp]?i?b?$/i

/** What is said of a container's output; undefined leaves it to the defaults. */
export const checkLogging = (
  { logging }: DeclaredContainer,
  check: Check<LogOptionInvalid, never>
): Logging | undefined => {
  if (logging === undefined) return undefined
  const { options } = logging
  const driver = logging.driver === "" ? "json-file" : logging.driver
  const names = known.get(driver)
  const good = Object.entries(options).filter(([option, value]) => {
    const place = check.at(options, option)
    if (place.invalid) return false
    const why =
      driver === "default"
        ? "of no driver"
        : names === undefined
          ? undefined
          : !names.includes(option)
            ? "unknown"
            : option === "max-size" && !size.test(value)
              ? "no size"
              : option === "max-file" && !/^[1-9]\d{0,8}$/.test(value)
                ? "no count"
                : undefined
    if (why === undefined) return true
    const suggestion = nearest(option, names ?? [])
    check.slip(place, LogOptionInvalid, { option, driver: check.quote(logging, "driver"), why, suggestion })
    return false
  })
  if (check.at(logging, "driver").invalid) return undefined
  return { driver, options: Object.fromEntries(good) }
}
