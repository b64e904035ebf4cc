import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import type { SimulatedContainer } from "../engine/SimulatedContainer.ts"
import { containerOf, type DeclaredContainer } from "../trial/declaredContainers.ts"
import { settleMillis } from "./drawWeek.ts"
import type { Cause, Disturbance } from "./Disturbance.ts"
import type { WeekLog } from "./WeekLog.ts"
import type { WeekRun } from "./WeekRun.ts"

type JobPolicy = NonNullable<DeclaredContainer["policy"]>

/** A declared container that had run did not run for a while. */
export interface Outage {
  readonly container: string
  readonly from: number
  readonly to: number
  /** Why it went down. */
  readonly cause: Cause | "the container itself" | "nobody"
  /** How much of it nothing explains: seconds of these are a bug in Slipway. */
  readonly unexplainedMillis: number
}

/** A container, and when it ran. */
export interface Lived extends Pick<SimulatedContainer, "starts" | "ends"> {
  readonly spec: Pick<ContainerSpec, "name" | "labels">
}

interface Up {
  readonly from: number
  readonly to: number
  readonly by: SimulatedContainer["ends"][number]["by"] | undefined
}

/** All outages of what was declared and had come up, until `end`. */
export const outagesOf = (log: WeekLog, containers: ReadonlyArray<Lived>, end: number): ReadonlyArray<Outage> => {
  const ups = upsOf(containers, end)
  return expectationsOf(log, end).flatMap(({ name, policy, from, to }) =>
    (policy === undefined
      ? gapsOf(ups.get(name) ?? [], from, to)
      : jobGapsOf(policy, log, ups.get(name) ?? [], from, to)
    ).map(({ from, to, by }) => {
      const explainedUntil = explained(log.disturbances, from)
      return {
        container: name,
        from,
        to,
        cause: by === "itself" ? ("the container itself" as const) : causeAt(log, name, from, by),
        // Its restart policy brings it back within a minute.
        unexplainedMillis: Math.max(0, to - Math.max(explainedUntil, by === "itself" ? from + 60_000 : from))
      }
    })
  )
}

/** Two containers of one name that ran at once. */
export const overlapsOf = (
  containers: ReadonlyArray<Lived>,
  end: number
): ReadonlyArray<{ name: string; at: number }> =>
  [...upsOf(containers, end)].flatMap(([name, ups]) =>
    ups.flatMap(({ from }, index) => (index > 0 && from < ups[index - 1]!.to ? [{ name, at: from }] : []))
  )

/** When the containers of each declared name ran, by time. */
const upsOf = (containers: ReadonlyArray<Lived>, end: number): ReadonlyMap<string, ReadonlyArray<Up>> => {
  const ups = new Map<string, Array<Up>>()
  for (const container of containers) {
    const name = containerOf(container)
    const own = container.starts.map((from, index): Up => {
      const ended = container.ends[index]
      return { from, to: ended?.at ?? end, by: ended?.by }
    })
    ups.set(name, [...(ups.get(name) ?? []), ...own])
  }
  return new Map([...ups].map(([name, all]) => [name, all.toSorted((one, other) => one.from - other.from)]))
}

/** Which containers were to run, from when they had come up until others had. */
const expectationsOf = ({ standings, declarations }: WeekLog, end: number) =>
  standings.flatMap(({ declaration, from, isOver = false }, index) => {
    const { declared } = declarations[declaration]!
    const lasting = isOver ? [] : declared.filter(({ role }) => role !== "init")
    // What jobs alone have shared, nobody needs once they have come to their ends.
    const isOfJobs = lasting.every(({ role, policy }) => role === "sandbox" || policy !== undefined)
    return lasting
      .filter(({ role }) => role !== "sandbox" || !isOfJobs)
      .map(({ name, policy }) => ({ name, policy, from, to: standings[index + 1]?.from ?? end }))
  })

const gapsOf = (ups: ReadonlyArray<Up>, from: number, to: number): ReadonlyArray<Up> => {
  const gaps: Array<Up> = []
  let at = from
  let by: Up["by"]
  for (const up of ups) {
    if (up.from >= to) break
    if (up.from > at) gaps.push({ from: at, to: up.from, by })
    if (up.to >= at) [at, by] = [up.to, up.by]
  }
  if (at < to) gaps.push({ from: at, to, by })
  return gaps
}

/**
 * The same of a job, which is not to run any more once it has ended by itself. Under `Never` that holds whatever has
 * ended it, the engine too, but a run that stopped it. It was down where it was started again.
 */
const jobGapsOf = (policy: JobPolicy, { runs }: WeekLog, ups: ReadonlyArray<Up>, from: number, to: number) => {
  const isOfRun = (at: number) =>
    runs.some(({ switchedAt, to }) => switchedAt !== undefined && switchedAt <= at && at <= to)
  const before = ups.findLast((up) => up.to <= from)
  return gapsOf(ups, from, to)
    .map((gap) =>
      gap.by === undefined && before !== undefined
        ? { ...gap, by: before.by, ended: before.to }
        : { ...gap, ended: gap.from }
    )
    .filter(
      ({ by, to: until, ended }) =>
        by !== "itself" && until < to && (policy === "OnFailure" || (by !== "engine" && isOfRun(ended)))
    )
}

/** Until when what has happened explains that something is down from this time on. */
const explained = (disturbances: ReadonlyArray<Disturbance>, from: number): number => {
  let until = from
  for (const one of disturbances) {
    if (one.from > until) break
    const last = Math.min(Math.max(one.settledAt, one.to), one.to + settleMillis)
    until = Math.max(until, last)
  }
  return until
}

const causeAt = ({ disturbances, runs }: WeekLog, container: string, at: number, by: Up["by"]): Cause | "nobody" => {
  const open = disturbances.filter((one) => one.from <= at && one.settledAt > at)
  const latest = (causes: ReadonlyArray<Cause>) => open.findLast(({ cause }) => causes.includes(cause))?.cause
  if (by === "engine") return latest(["a reboot", "the engine"]) ?? "nobody"
  const run = runs.findLast((run) => run.from <= at && at <= run.to)
  if (run?.switchedAt === undefined && open.some(({ of }) => of.includes(container))) return "a failing probe"
  if (run?.by === "down") return "an operator"
  const hand = open.findLast(({ cause, from }) => cause === "an operator" && at - from < 1_000)
  if (hand !== undefined) return hand.cause
  return causeOfRun(run, open.at(-1)?.cause)
}

/** Why a run took something down. */
const causeOfRun = (run: WeekRun | undefined, latest: Cause | undefined): Cause | "nobody" => {
  if (run === undefined) return latest ?? "nobody"
  if (run.causes.includes("a bad declaration")) return "a bad declaration"
  return run.causes.includes("a switch") ? "a switch" : (run.causes[0] ?? latest ?? "nobody")
}
