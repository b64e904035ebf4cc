import * as Schema from "effect/Schema"
import type { WeekResult } from "../../simulation/week/Week.ts"

const seconds = (description: string) => Schema.Finite.annotateKey({ description })

/** What `slipway rehearse --days N --format json` says. Seconds are of the VM's virtual time. */
export const DaysJson = Schema.Struct({
  version: Schema.Literal(1).annotateKey({ description: "Of this shape. Keys may be added without a new one." }),
  what: Schema.String.annotateKey({
    description: "The declaration's file, or that declarations were drawn by chance."
  }),
  seed: Schema.String.annotateKey({ description: "The same seed, days and declaration give the same object." }),
  days: Schema.Int.annotateKey({ description: "As asked for." }),
  seconds: seconds("How long they took."),
  events: Schema.Array(Schema.Struct({ kind: Schema.String, count: Schema.Int })).annotateKey({
    description: "What happened to the VM from outside, by kind."
  }),
  runs: Schema.Int.annotateKey({ description: "How often the agent, `up` or `down` looked at the VM." }),
  idleLooks: Schema.Int.annotateKey({ description: "How many of them found it as declared." }),
  switches: Schema.Int.annotateKey({ description: "How many of them stopped what ran." }),
  outages: Schema.Array(
    Schema.Struct({
      container: Schema.String.annotateKey({ description: "By its name in the declaration." }),
      fromSeconds: seconds("When it went down, from the beginning."),
      toSeconds: seconds("When it ran again, or was not to run any more."),
      cause: Schema.String.annotateKey({ description: "Whose fault it was; `nobody` is a bug in Slipway." }),
      unexplainedSeconds: seconds("How much of it has no cause, which is a violation too.")
    })
  ).annotateKey({ description: "When something did not run that was declared and had run." }),
  tries: Schema.Array(
    Schema.Struct({
      title: Schema.String.annotateKey({ description: "What was declared and cannot work." }),
      fromSeconds: seconds("From when on it was declared."),
      forSeconds: seconds("For how long."),
      tries: Schema.Int.annotateKey({ description: "How often it was tried." }),
      most: Schema.Int.annotateKey({ description: "How often it might be at most." })
    })
  ).annotateKey({ description: "How often what cannot work was tried." }),
  violations: Schema.Array(Schema.String).annotateKey({
    description: "What did not hold, in words: bugs in Slipway. With any the exit code is 1."
  })
})

const encode = Schema.encodeSync(DaysJson)

const inSeconds = (millis: number): number => millis / 1_000

/** Days as JSON has them. */
export const daysJson = (what: string, result: WeekResult): string => {
  const { seed, days, millis, events, runs, idleLooks, switches, outages, tries, violations } = result
  return JSON.stringify(
    encode({
      version: 1,
      what,
      seed,
      days,
      seconds: inSeconds(millis),
      events: Object.entries(events).map(([kind, count]) => ({ kind, count })),
      runs,
      idleLooks,
      switches,
      outages: outages.map(({ container, from, to, cause, unexplainedMillis }) => ({
        container,
        fromSeconds: inSeconds(from),
        toSeconds: inSeconds(to),
        cause,
        unexplainedSeconds: inSeconds(unexplainedMillis)
      })),
      tries: tries.map(({ title, from, forMillis, tries, most }) => ({
        title,
        fromSeconds: inSeconds(from),
        forSeconds: inSeconds(forMillis),
        tries,
        most
      })),
      violations
    }),
    null,
    2
  )
}
