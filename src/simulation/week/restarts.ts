import { containerOf } from "../trial/declaredContainers.ts"
import type { ProbedContainer } from "./drawProbes.ts"
import type { Lived } from "./outages.ts"
import { timeText, type WeekLog } from "./WeekLog.ts"

/** A container was stopped for its probe and started again, with nothing else the matter. */
export interface Restart {
  readonly container: string
  readonly endedAt: number
  readonly startedAt: number
  /** When it was due. Kubernetes' back-off for the restarts that are known of, and those that may be known of. */
  readonly least: number
  readonly most: number
}

/** Kubernetes' back-off: none, then 10 s, doubled each time, at most 5 min. */
const pauseMillis = (restarts: number): number => (restarts === 0 ? 0 : Math.min(10_000 * 2 ** (restarts - 1), 300_000))

/** What has run for so long is well again. */
const forgottenMillis = 600_000

/** What the start itself takes, and another run that is under way then. */
const slackMillis = 15_000

/**
 * The restarts of containers that fail their liveness probe, and when they were due. Agents forget each other's: a new one
 * starts what waits at once, and so does an `up` by hand, or one that somebody asks to look.
 */
export const restartsOf = (
  log: Pick<WeekLog, "agentLives" | "disturbances" | "runs">,
  containers: ReadonlyArray<Lived>,
  probed: ReadonlyArray<ProbedContainer>
): ReadonlyArray<Restart> => {
  const { agentLives, runs } = log
  const others = log.disturbances.filter(({ cause }) => cause !== "a failing probe")
  const byHand = runs.filter(({ by, occasion }) => by !== "agent" || occasion === "Asked")
  const overlaps = (one: { readonly from: number; readonly to: number }, from: number, to: number) =>
    one.from <= to && one.to >= from
  const isQuiet = (from: number, to: number) =>
    !others.some((one) => overlaps({ from: one.from, to: one.settledAt }, from, to)) &&
    !byHand.some((one) => overlaps(one, from, to))
  const stops = containers.flatMap((container) =>
    container.ends.flatMap(({ at, by }) => (by === "stop" ? [{ container, at }] : []))
  )
  /** One at a time is stopped or started: the grace period of another, which began before it was due, is waited for. */
  const waitedFor = (own: Lived, due: number, startedAt: number) =>
    Math.max(due, ...stops.flatMap(({ container, at }) => (container !== own && at <= startedAt ? [at] : [])))
  return containers
    .filter((container) => probed.some(({ name }) => name === containerOf(container)))
    .flatMap((container) => {
      const found: Array<Restart> = []
      let agent: number | undefined
      let known = 0
      let last = 0
      /** Whether nothing else has ended it since the agent's start. */
      let isSure = true
      for (const [index, { at: endedAt, by }] of container.ends.entries()) {
        const startedAt = container.starts[index + 1]
        if (startedAt === undefined) break
        const life = agentLives.findLastIndex(({ from }) => from <= endedAt)
        if (life !== agent) [agent, known, isSure] = [life, 0, true]
        if (endedAt - last > forgottenMillis) known = 0
        const isIts = by === "stop" && (agentLives[life]?.to ?? 0) >= startedAt
        if (!isIts || !isQuiet(endedAt - 1_000, startedAt)) {
          isSure = false
          continue
        }
        const latest = endedAt + (isSure ? pauseMillis(known) : pauseMillis(Infinity))
        found.push({
          container: containerOf(container),
          endedAt,
          startedAt,
          least: endedAt + pauseMillis(known),
          most: waitedFor(container, latest, startedAt) + slackMillis
        })
        known += 1
        last = startedAt
      }
      return found
    })
}

/** What is wrong with it, if anything. */
export const restartText = ({ container, endedAt, startedAt, least, most }: Restart): string | undefined =>
  startedAt >= least && startedAt <= most
    ? undefined
    : `${container}, stopped for its probe at ${timeText(endedAt)}, was started again ${startedAt < least ? "before" : "long after"} its back-off`
