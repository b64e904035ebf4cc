import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** A running container of ours, described for an operator. */
export const RunningContainer = Schema.Struct({
  name: Schema.String,
  /** The reference that it was created with. */
  image: Schema.String,
  status: Schema.String,
  /** When it was started, in milliseconds since the epoch by the host's wall clock. */
  since: Schema.Option(Schema.Finite)
})
export type RunningContainer = typeof RunningContainer.Type

/** `klt-web-abcd, from app:1, running since 2026-01-01T00:00:00.000Z` */
export const describeRunning = ({ name, image, status, since }: RunningContainer): string =>
  `${name}, from ${image}, ${status}${Option.match(since, {
    onNone: () => "",
    onSome: (millis) => ` since ${DateTime.formatIso(DateTime.makeUnsafe(millis))}`
  })}`

/** How long after a failure it is not retried; a failed job is not retried in the same boot. */
export type NextTry = Duration.Duration | "next boot"

/** What a failed run leaves behind. */
export interface Aftermath {
  /** The containers that were to run. */
  readonly wanted: ReadonlyArray<{ readonly name: string; readonly image: string }>
  /** Our containers that run. */
  readonly running: ReadonlyArray<RunningContainer>
  /** Undefined if nothing holds the next try back. */
  readonly nextTry: NextTry | undefined
}

/** For people, below the reason why the run failed. */
export const describeAftermath = ({ wanted, running, nextTry }: Aftermath): ReadonlyArray<string> => {
  // All of one boot have one name: which of them runs again has to be said.
  const isNamesake = ({ name }: RunningContainer) => nextTry !== undefined && wanted.some((one) => one.name === name)
  return [
    `Declared: ${wanted.map(({ name, image }) => `${name}, from ${image}`).join("; ")}.`,
    running.length === 0
      ? "Running: nothing."
      : `Running${nextTry === undefined ? "" : " in its place"}: ${running.map((one) => `${isNamesake(one) ? "the earlier " : ""}${describeRunning(one)}`).join("; ")}.`,
    ...(nextTry === undefined
      ? []
      : [
          `It is not retried ${nextTry === "next boot" ? "in this boot" : `for ${Duration.format(nextTry)}`}, ` +
            "unless the declaration or the image changes; `slipway up --retry` retries at once."
        ])
  ]
}
