import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { type WeekEvent, weekFaults } from "./WeekEvent.ts"

/** Some events in a row, and then nothing for so long that what must be by then can be seen. */
export interface Episode {
  readonly events: ReadonlyArray<{ readonly at: number; readonly event: WeekEvent }>
  /** When the next one begins, or the week ends: `restMillis` after the last event's effects have passed, at least. */
  readonly until: number
}

/** What a week is drawn from. */
export interface WeekDraw {
  readonly seed: string
  readonly days: number
  /** How many episodes there are in a day, as far as they fit. */
  readonly episodesPerDay: number
  /** The declarations that can work, and the others, by their numbers. */
  readonly good: ReadonlyArray<number>
  readonly bad: ReadonlyArray<number>
  /** How many tags can move. */
  readonly tags: number
  /** Whether containers can hang. */
  readonly probed: boolean
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** By then, after the last fault, all that a run may wait for has ended, and the longest back-off has passed. */
export const settleMillis = 25 * minute

/** At least so long a VM on which nothing happens is watched. */
export const restMillis = 15 * minute

/** The episodes of a week, which begins with a good declaration in its metadata. */
export const drawWeek = Effect.fnUntraced(function* ({
  seed,
  days,
  episodesPerDay,
  good,
  bad,
  tags,
  probed
}: WeekDraw) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/week`)
  const next = () => chance.nextDoubleUnsafe()
  const oneOf = <A>(values: ReadonlyArray<A>): A => values[Math.floor(next() * values.length)]!
  const some = (likely: number) => next() < likely
  /** Most often near the least: on a logarithmic scale. */
  const between = (least: number, most: number) => Math.round(least * (most / least) ** next())

  const end = days * day
  let leftMillis = end
  const declares = (): WeekEvent => ({
    _tag: "Declares",
    declaration: oneOf(bad.length > 0 && some(0.35) ? bad : good)
  })
  const dies = (): WeekEvent => ({
    _tag: "AgentDies",
    afterCalls: between(1, 90),
    how: oneOf(["crash", "crash", "crash after", "crash half"] as const),
    pauseMillis: between(second, 30 * second)
  })
  const faults = weekFaults.filter((what) => probed || what !== "probes are not answered")
  const kinds: ReadonlyArray<readonly [weight: number, draw: () => WeekEvent]> = [
    [10, declares],
    [8, () => ({ _tag: "Fails", what: oneOf(faults), forMillis: between(20 * second, longest(some(0.2) ? 4 : 1)) })],
    [
      3,
      () => ({
        _tag: "PowerGoes",
        how: oneOf(["at once", "shut down", "taken back"] as const),
        forMillis: between(10 * second, 20 * minute)
      })
    ],
    [2, () => ({ _tag: "EngineGoes", forMillis: between(second, 10 * minute) })],
    [5, dies],
    [2, () => ({ _tag: "AgentRestarts", pauseMillis: between(second, 30 * second) })],
    [2, () => ({ _tag: "HangUp" })],
    [2, () => ({ _tag: "Up" })],
    [1, () => ({ _tag: "Down" })],
    [3, () => ({ _tag: "ByHand", what: oneOf(["stop", "remove"] as const), which: Math.floor(next() * 8) })],
    [tags === 0 ? 0 : 3, () => ({ _tag: "TagMoves", which: Math.floor(next() * tags) })],
    [
      probed ? 5 : 0,
      () => ({ _tag: "Hangs", which: Math.floor(next() * 8), forMillis: between(10 * second, 10 * minute) })
    ],
    [2, () => ({ _tag: "ClockJumps", byMillis: Math.round((2 * next() - 1) * 12 * hour) })]
  ]
  const longest = (hours: number) => Math.max(minute, Math.min(hours * hour, leftMillis / 5))
  const total = kinds.reduce((sum, [weight]) => sum + weight, 0)
  const draw = (): WeekEvent => {
    let left = next() * total
    for (const [weight, draw] of kinds) if ((left -= weight) < 0) return draw()
    return declares()
  }
  /** What follows close upon another event strikes the run that it set off. */
  const drawEvents = (from: number): Episode["events"] => {
    let at = from
    return Array.from({ length: between(1, 7) }, (_, index) => {
      if (index > 0) at += some(0.6) ? between(50, 30 * second) : between(30 * second, 20 * minute)
      return { at, event: draw() }
    })
  }

  const episodes: Array<Episode> = [{ events: [], until: between(5 * minute, 30 * minute) }]
  for (;;) {
    const from = episodes.at(-1)!.until
    leftMillis = end - from
    const events = drawEvents(from)
    // An episode whose faults would outlast the week is left out.
    const settled = Math.max(...events.map(({ at, event }) => at + durationOf(event))) + settleMillis
    if (settled + restMillis > end) break
    const until = Math.max(settled + restMillis, from + between(day / episodesPerDay / 3, (day / episodesPerDay) * 2.2))
    episodes.push({ events, until: Math.min(until, end) })
    if (until >= end) break
  }
  const last = episodes.pop()!
  return [...episodes, { ...last, until: end }]
})

/** How long its effects last at most, before anything is done about it. */
export const durationOf = (event: WeekEvent): number => {
  switch (event._tag) {
    case "Fails":
    case "PowerGoes":
    case "EngineGoes":
    case "Hangs":
      return event.forMillis
    // The call may not come before the next look.
    case "AgentDies":
      return event.pauseMillis + dyingMillis
    case "AgentRestarts":
      return event.pauseMillis + stoppingMillis
    default:
      return 0
  }
}

/** How long the call is awaited at which the agent is to be killed, before it is killed anyhow. */
export const dyingMillis = 3 * minute

/** How long systemd waits for the agent's end before it kills it. */
export const stoppingMillis = 90 * second
