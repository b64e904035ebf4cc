import type { Lived } from "./outages.ts"
import { timeText, type WeekLog } from "./WeekLog.ts"

/** How often a declaration that cannot work was tried while it was declared, and how often at most it may be. */
export interface Tries {
  readonly title: string
  readonly from: number
  readonly forMillis: number
  readonly tries: number
  readonly most: number
}

/** Kubernetes' back-off: 10 s, doubled each time, at most 5 min. */
const pauseMillis = (failures: number): number => Math.min(10_000 * 2 ** (failures - 1), 300_000)

/** How many tries there may be in so long a time from the first one on. */
export const mostTries = (millis: number): number => {
  let tries = 1
  let at = 0
  for (;;) {
    at += pauseMillis(tries)
    if (at > millis) return tries
    tries += 1
  }
}

/**
 * The tries of each declaration that cannot work. What waits for a change is tried once, and once more where the agent
 * starts or somebody asks; what is retried begins its back-off anew then, at most, and is looked at once more for each
 * thing that happens to the engine, or to a container that was there before: a job among them comes to its end by itself.
 */
export const triesOf = (
  { declared, declarations, disturbances, runs, pokes }: WeekLog,
  containers: ReadonlyArray<Lived>,
  end: number
): ReadonlyArray<Tries> =>
  declared.flatMap(({ declaration, from }, index) => {
    const { fate, title } = declarations[declaration]!
    if (fate !== "fails" && fate !== "cannot work") return []
    const to = declared[index + 1]?.from ?? end
    const tries = runs.filter(
      (run) =>
        run.declaration === declaration &&
        run.by === "agent" &&
        run.to >= from &&
        run.from < to &&
        (run.outcome === "failed" || run.outcome === "final")
    )
    if (tries.length === 0) return []
    const poked = pokes.filter((at) => at >= from && at < to)
    // What was found in order for once, as an unhealthy container is while it starts, fails for the first time again.
    const well = runs.flatMap((run) =>
      run.declaration === declaration && run.by === "agent" && run.outcome === "done" && run.to > from && run.to < to
        ? [run.to]
        : []
    )
    // The change itself is one of them. What happens at one time is looked at once for each.
    const asked = poked.includes(from) ? poked : [from, ...poked]
    const begins = [...asked, ...well].toSorted((one, other) => one - other)
    const most = begins.reduce((sum, at, poke) => {
      const until = begins[poke + 1] ?? to
      // Where metadata tells two declarations at one time, another look may find the other one.
      const isInDoubt = disturbances.some(({ cause, from, to }) => cause === "metadata" && from < until && to > at)
      return sum + (fate === "fails" || isInDoubt ? mostTries(until - at) : 1)
    }, 0)
    // A look that is on its way then may read it too.
    const happened = disturbances.filter(
      (one) => (one.cause === "an operator" || one.cause === "the engine") && one.from < to && one.to >= from - 10_000
    )
    const isOnItsWay = happened.some((one) => Math.abs(one.from - from) < 10_000)
    const ended = containers.flatMap(({ starts, ends }) =>
      ends.filter(({ at, by }, start) => by === "itself" && starts[start]! < from && at >= from && at < to)
    )
    const looks = fate === "fails" ? happened.length + ended.length : isOnItsWay ? 1 : 0
    return [{ title, from, forMillis: to - from, tries: tries.length, most: most + looks }]
  })

export const triesText = ({ title, from, tries, most }: Tries): string =>
  `${title}, declared at ${timeText(from)}, was tried ${tries} times, at most ${most} were due`
