import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as References from "effect/References"
import { ChosenFormat } from "../settings/logging.ts"
import type { Failure } from "./Failure.ts"
import { renderError } from "./renderError.ts"

const faultOfOurs =
  "a fault in Slipway itself, not in your declaration. Please report it, with what --log-level debug adds to this."

/**
 * What every command's handler goes through: what went wrong is told on standard error in one short paragraph, whatever
 * the log level. Of a fault of ours the stack is told at the level "debug".
 */
export const tellFailure = <A, E extends Failure, R>(command: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  // Not tapCause: a fiber that is interrupted would not come to it.
  Effect.onError(command, (cause) => {
    if (Cause.hasInterruptsOnly(cause)) return say("stopped by a signal")
    return Option.match(Cause.findErrorOption(cause), {
      onSome: (error) => say(renderError(error)),
      onNone: () => Effect.andThen(say(faultOfOurs), Effect.logDebug(cause))
    })
  })

/** Where standard error is read by a program, in the form that this program reads. */
const say = (text: string): Effect.Effect<void> =>
  Effect.flatMap(ChosenFormat, (format) =>
    format === "journal" || format === "json"
      ? Effect.provideService(Effect.logError(text), References.MinimumLogLevel, "All")
      : Console.error(`slipway: ${text}`)
  )
