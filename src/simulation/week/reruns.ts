import { containerOf } from "../trial/declaredContainers.ts"
import type { Lived } from "./outages.ts"
import { timeText, type WeekLog } from "./WeekLog.ts"

/** A job that had come to its end by itself, and was run again. */
export interface Rerun {
  readonly container: string
  readonly endedAt: number
  readonly startedAt: number
}

/** What has a job run again: the boot that it was run in is over, or somebody has removed it. */
const causes = new Set(["a reboot", "an operator"])

/**
 * Jobs that were run again although nothing else was read of them since, the boot is the same, and nobody has removed
 * them. An engine that goes down takes the sandbox with it that a job shares: all that is in there is made anew.
 */
export const rerunsOf = (
  { runs: looks, declarations, disturbances }: Pick<WeekLog, "runs" | "declarations" | "disturbances">,
  containers: ReadonlyArray<Lived>
): ReadonlyArray<Rerun> => {
  const jobs = new Set(
    declarations.flatMap(({ declared }) => declared.flatMap(({ name, policy }) => (policy === undefined ? [] : [name])))
  )
  const isShared = declarations.some(({ declared }) => declared.some(({ role }) => role === "sandbox"))
  /** What is declared of it; undefined where that is unknown, as for what cannot work. */
  const identityOf = (name: string, number: number) => {
    const { fate, declared, meaning, pushes } = declarations[number]!
    if (fate !== "works") return undefined
    const own = declared.find((one) => one.name === name)
    const isShared = declared.some(({ role }) => role === "sandbox")
    // A sandbox of jobs alone publishes no port, and is another.
    const isOfJobs = isShared && declared.every(({ role, policy }) => role === "sandbox" || policy !== undefined)
    // What starts before it has it made anew.
    const before = declared.filter(({ role }) => role === "init" || role === "sidecar")
    return JSON.stringify([own, isShared, isOfJobs, before, pushes === undefined ? "" : meaning])
  }
  return [...jobs].flatMap((name) => {
    const runs = containers
      .filter((one) => containerOf(one) === name)
      .flatMap(({ starts, ends }) => starts.map((from, index) => ({ from, end: ends[index] })))
      .toSorted((one, other) => one.from - other.from)
    return runs.flatMap(({ from, end }, index) => {
      const next = runs[index + 1]
      if (next === undefined || end === undefined || end.by !== "itself") return []
      // What those have read that made it, and made it anew: a server may tell late of what is declared, and a run that
      // has begun to switch goes to its end whatever is declared meanwhile.
      const read = looks.flatMap(({ from: at, to, declaration }) =>
        at <= next.from && to >= from && declaration !== undefined ? [declaration] : []
      )
      const identities = new Set(read.flatMap((declaration) => identityOf(name, declaration) ?? []))
      const isExplained =
        identities.size > 1 ||
        disturbances.some(
          ({ cause, from: at, settledAt, isOfTags }) =>
            (causes.has(cause) || isOfTags || (isShared && cause === "the engine")) &&
            at <= next.from &&
            settledAt >= from
        )
      return isExplained ? [] : [{ container: name, endedAt: end.at, startedAt: next.from }]
    })
  })
}

export const rerunText = ({ container, endedAt }: Rerun): string =>
  `${container}, which had come to its end at ${timeText(endedAt)}, was run again`
