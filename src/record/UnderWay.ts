import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import type { ProgressEvent } from "../progress/Progress.ts"
import { keptDeclaration, keptLine, limits } from "./Recording.ts"
import { DeclaredStatus, RestartOf } from "./RunRecord.ts"

const Doing = Schema.Struct({
  text: Schema.String.annotateKey({ description: "A step of its plan, or what it does beside one." }),
  container: Schema.NullOr(Schema.String).annotateKey({
    description: "The engine's name for the container that the step is about; null where it is about none."
  }),
  since: Schema.DateTimeUtcFromString.annotateKey({ description: "When that began, by the VM's wall clock." })
})

/** A run that had not ended when this was written. */
export const UnderWay = Schema.Struct({
  since: Schema.DateTimeUtcFromString.annotateKey({ description: "When it began, by the VM's wall clock." }),
  process: Schema.optionalKey(Schema.NullOr(Schema.String)).annotateKey({
    description: "Identifies its process in this boot; null where the host's /proc does not show it."
  }),
  declared: Schema.optionalKey(Schema.NullOr(DeclaredStatus)).annotateKey({
    description: "What it works on; null as long as it has read nothing, and for `slipway down`."
  }),
  restart: Schema.optionalKey(RestartOf).annotateKey({
    description: "No run that compares the VM with its declaration, but an agent's restart of one container."
  }),
  doing: Schema.optionalKey(Schema.Array(Doing)).annotateKey({ description: "What it does, all of it at once." }),
  waitsFor: Schema.optionalKey(Schema.NullOr(Schema.String)).annotateKey({
    description:
      "What it has said last of what it waits for, or is to try again; null if nothing since a step began or ended."
  })
})
export type UnderWay = typeof UnderWay.Type

type Doing = typeof Doing.Type

/** What a run does, as far as it has told. */
export interface Activity {
  readonly declared: typeof DeclaredStatus.Type | null
  /** Of an agent's restart of one container. */
  readonly restart?: RestartOf
  /** What it does while no step is under way. */
  readonly phase: Doing
  /** By their ids. */
  readonly steps: ReadonlyMap<string, Doing>
  readonly waitsFor: string | null
}

const phases = {
  reads: "read the declaration",
  stops: "look at what runs",
  looks: "look at the VM",
  settles: "look at what has come up",
  rollsBack: "roll back what was begun"
} as const

const phase = (text: string, since: DateTime.Utc): Doing => ({ text, container: null, since })

/** A container is being restarted. */
export const restarting = (restart: RestartOf, declared: Activity["declared"], since: DateTime.Utc): Activity => ({
  ...beginning(false, since),
  declared,
  restart
})

/** A run has begun; `reads` where it begins with its declaration. */
export const beginning = (reads: boolean, since: DateTime.Utc): Activity => ({
  declared: null,
  phase: phase(reads ? phases.reads : phases.stops, since),
  steps: new Map(),
  waitsFor: null
})

/** What a run does after it has told an event; the same object where that is no change. */
export const activityAfter = (activity: Activity, event: ProgressEvent, now: DateTime.Utc): Activity => {
  switch (event._tag) {
    case "Declared": {
      const isFirst = activity.declared === null
      const next = isFirst ? { phase: phase(phases.looks, now), waitsFor: null } : {}
      return { ...activity, ...next, declared: keptDeclaration(event.declaration) }
    }
    case "Waiting":
      return { ...activity, waitsFor: keptLine(event.text) }
    case "Retrying": {
      const isSoon = Duration.isLessThan(event.next, Duration.seconds(1))
      const next = isSoon
        ? "within a second"
        : `in ${Duration.format(Duration.seconds(Math.round(Duration.toSeconds(event.next))))}`
      return { ...activity, waitsFor: keptLine(`${event.message}: try ${event.tries} failed, the next is ${next}`) }
    }
    case "Observed":
      return activity.waitsFor === null ? activity : { ...activity, waitsFor: null }
    case "StepStarted": {
      const { id, text, container = null } = event.step
      if (activity.steps.size >= limits.doing) return activity
      const step: Doing = { text: keptLine(text), container, since: now }
      return { ...activity, steps: new Map([...activity.steps, [id, step]]), waitsFor: null }
    }
    case "StepDone":
    case "StepFailed": {
      const steps = new Map(activity.steps)
      steps.delete(event.step.id)
      return { ...activity, steps, phase: phase(phases.settles, now), waitsFor: null }
    }
    case "RollingBack":
      return { ...activity, steps: new Map(), phase: phase(phases.rollsBack, now), waitsFor: null }
    default:
      return activity
  }
}

/** For the status. `since` is when it began. */
export const underWayOf = (
  { declared, restart, phase, steps, waitsFor }: Activity,
  since: DateTime.Utc,
  process: string | null
): UnderWay => ({
  since,
  process,
  declared,
  ...(restart === undefined ? {} : { restart }),
  doing: steps.size === 0 ? [phase] : [...steps.values()],
  waitsFor
})
