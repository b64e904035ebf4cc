import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as References from "effect/References"
import { ChosenFormat } from "../settings/logFormat.ts"
import type { Failure } from "./Failure.ts"
import { renderError } from "./renderError.ts"

const bug = "a bug in Slipway, not in your declaration. Please report it, with what --log-level debug adds to this."

/**
 * Every command's handler goes through this: a failure is printed on standard error as one short paragraph, whatever the
 * log level. The stack of a bug is logged at the level "debug".
 */
export const reportFailure = <A, E extends Failure, R>(command: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  // Not tapCause, which an interrupted fiber does not run.
  Effect.onError(command, (cause) => {
    if (Cause.hasInterruptsOnly(cause)) return print("stopped by a signal")
    return Option.match(Cause.findErrorOption(cause), {
      onSome: (error) => print(renderError(error)),
      onNone: () => Effect.andThen(print(bug), Effect.logDebug(cause))
    })
  })

/** Prints a failure; as a log line where a program reads standard error. */
const print = (text: string): Effect.Effect<void> =>
  Effect.flatMap(ChosenFormat, (format) =>
    format === "journal" || format === "json"
      ? Effect.provideService(Effect.logError(text), References.MinimumLogLevel, "All")
      : Console.error(`slipway: ${text}`)
  )
