import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import { isAside } from "../observation/Ownership.ts"
import { endWords, isEndAsDeclared } from "../vm/engine/ContainerSpec.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { isAllDone } from "./isAllDone.ts"
import type { RecordedContainer } from "./RecordedContainer.ts"
import { endOf, type RestartOf, type RunRecord, type RunResult } from "./RunRecord.ts"
import { type Status, statusVersion } from "./Status.ts"
import type { ContainerNow, RunState, StatusNow } from "./StatusNow.ts"

/** What the engine says of one container; a text says why it does not. */
export type Seen = Option.Option<SeenContainer> | string

export type SeenContainer = Pick<
  ContainerInspection,
  "name" | "status" | "exitCode" | "error" | "startedAt" | "restartCount" | "restartPolicy" | "health"
>

/** What else is known than the status, and what the engine says. */
export interface Besides {
  /** The ids of the containers that `down` has stopped. */
  readonly stopped?: ReadonlyArray<string>
  /** The process of a run that had not ended when it wrote last; undefined where that is not known. */
  readonly isAlive?: boolean | undefined
  /** A run that has ended since, and could not write its status. */
  readonly later?: RunRecord | undefined
}

/** Pure: what is said of a status in a boot, and of what the engine says of each container by its id. */
export const judge = (
  recorded: Option.Option<Status>,
  boot: string,
  seen: ReadonlyMap<string, Seen>,
  { stopped = [], isAlive, later }: Besides = {}
): StatusNow => {
  const underWay = Option.getOrNull(recorded)?.underWay ?? null
  const run =
    underWay === null || Option.getOrNull(recorded)?.boot !== boot
      ? null
      : stateOf(later === undefined ? isAlive : undefined)
  const unknown = (reason: string): StatusNow => ({
    version: statusVersion,
    verdict: "unknown",
    reasons: [reason],
    run,
    containers: [],
    status: Option.getOrNull(recorded)
  })
  if (later !== undefined) {
    const which = `a run has ended at ${DateTime.formatIso(endOf(later))} (${later.result}), which \`slipway why\` explains`
    return unknown(
      Option.match(recorded, {
        onNone: () => `the status is missing, as it cannot be written or was removed: ${which}`,
        onSome: ({ written }) =>
          `the status is old, as it cannot be written anew: it is of ${DateTime.formatIso(written)}, and ${which}`
      })
    )
  }
  if (Option.isNone(recorded)) return unknown("no run has written its status in this boot")
  const status = recorded.value
  if (status.boot !== boot) {
    return unknown(`no run has ended in this boot; the status of ${DateTime.formatIso(status.written)} is another's`)
  }
  if (status.lastRun === null)
    return unknown(`no run has ended in this boot: the first ${whatBecameOf[run ?? "unknown"]}`)
  const { result } = status.lastRun
  const running = status.running ?? []
  const containers = running.map((container) =>
    containerNow(container, seen.get(container.id) ?? "it was not asked", stopped.includes(container.id), {
      run,
      restart: underWay?.restart
    })
  )
  const isAfterDown = result === "down" || result === "left down"
  const isDone = isAllDone(status)
  const isDown = isAfterDown && !isDone
  const problems =
    result === "nothing declared" || isDown
      ? []
      : containers.flatMap(({ problem }, index) =>
          // Nobody needs what it holds any more.
          problem === null || (isDone && running[index]?.role === "sandbox") ? [] : [problem]
        )
  const reasons = [
    ...(isDown ? whyDown(status, seen, run) : (startedByHand(status, seen) ?? [...whyOtherwise(status), ...problems])),
    ...(whyAnother(status, run) ?? (isDown ? [] : whyChanging(status, run)))
  ]
  const silent =
    result === "nothing declared"
      ? []
      : running.flatMap(({ id, name }) => {
          const found = seen.get(id)
          return typeof found === "string" ? [`whether ${name} runs is not known: ${found}`] : []
        })
  // What the last run came to says nothing of what runs by now.
  const isUnknown = problems.length === 0 && (silent.length > 0 || (status.running === null && reasons.length > 0))
  const verdict = isUnknown ? "unknown" : reasons.length > 0 ? "not as declared" : "as declared"
  return { version: statusVersion, verdict, reasons: [...reasons, ...silent], run, containers, status }
}

/** What runs may be as the last run had it declared, while another works on what is declared by now. */
const whyAnother = (status: Status, run: RunState | null): ReadonlyArray<string> | undefined =>
  run === null || !isForAnother(status)
    ? undefined
    : [`another declaration has been read: the run for it ${whatBecameOf[run]}`]

/** Whether the run that is under way works on another declaration than the last. */
export const isForAnother = ({ underWay, declared }: Status): boolean =>
  underWay?.declared != null && underWay.declared.sha256 !== declared?.sha256

/** Whether it is at work on a container. */
export const changesContainers = ({ underWay }: Status): boolean =>
  underWay?.doing?.some(({ container }) => container !== null) ?? false

/** It may have stopped what the last run left, and not have started what comes in its place. */
const whyChanging = (status: Status, run: RunState | null): ReadonlyArray<string> =>
  run === "under way" && status.underWay?.restart === undefined && changesContainers(status)
    ? ["the run that is under way changes what runs"]
    : []

/** After a `down`: what of that is still so. */
const whyDown = (status: Status, seen: ReadonlyMap<string, Seen>, run: RunState | null): ReadonlyArray<string> => {
  const { underWay, degraded } = status
  if (run === "under way" && underWay?.doing?.some(({ container }) => container !== null)) {
    return ["what `slipway down` has stopped is being started by the run that is under way"]
  }
  const left = (status.running ?? []).filter((one) => one.status !== "exited" && isRunning(seen.get(one.id)))
  if (left.length > 0 && status.lastRun?.goesDown !== true) {
    const names = left.map(({ name }) => name).join(", ")
    const [still, it] = left.length === 1 ? ["still runs", "it"] : ["still run", "them"]
    return [
      `\`slipway down\` has not come to its end, and ${names} ${still}: \`slipway down\` stops ${it}, \`slipway up\` starts the rest again`,
      ...degraded
    ]
  }
  return startedByHand(status, seen) ?? whyOtherwise(status)
}

/** Undefined where nothing that `down` has left stopped runs. */
const startedByHand = (
  { running, lastRun }: Status,
  seen: ReadonlyMap<string, Seen>
): ReadonlyArray<string> | undefined => {
  if (lastRun?.result !== "down" && lastRun?.result !== "left down") return undefined
  const again = (running ?? []).flatMap((one) => (hasStartedSince(one, seen.get(one.id)) ? [one.name] : []))
  return again.length === 0
    ? undefined
    : [`${again.join(", ")} was started by hand after \`slipway down\`: an agent, or \`slipway up\`, looks after it`]
}

/** `down` has left it stopped, and it runs. */
const hasStartedSince = ({ status, role }: RecordedContainer, seen: Seen | undefined): boolean =>
  status !== "running" && role !== "init" && isRunning(seen)

const isRunning = (seen: Seen | undefined): boolean =>
  seen !== undefined && typeof seen !== "string" && Option.exists(seen, ({ status }) => status === "running")

/** Whether it has come to its end. */
export const isEnded = ({ status }: Pick<ContainerInspection, "status">): boolean => status === "exited"

const stateOf = (isAlive: boolean | undefined): RunState =>
  isAlive === undefined ? "unknown" : isAlive ? "under way" : "dead"

/** What is said of a run that was under way when it wrote last. */
const whatBecameOf = {
  "under way": "is under way",
  dead: "has died",
  unknown: "is under way, or has died"
} as const satisfies Readonly<Record<RunState, string>>

const aRun = {
  "under way": "by the run that is under way",
  dead: "by a run that has died",
  unknown: "by a run that is under way or has died"
} as const satisfies Readonly<Record<RunState, string>>

/** Why what runs is not what is declared, by what the last run said. */
export const whyOtherwise = (
  status: Pick<Status, "declared" | "running" | "lastRun" | "degraded">
): ReadonlyArray<string> => {
  const { lastRun, degraded } = status
  if (lastRun === null || lastRun.result === "done" || lastRun.result === "nothing declared") return degraded
  if (isAllDone(status)) return degraded
  const { result, error, goesDown } = lastRun
  if (goesDown === true)
    return ["everything was stopped, as the machine goes down: `slipway up` starts it again", ...degraded]
  return [reasonsOf[result] ?? firstLine(error?.message ?? "the last run failed"), ...degraded]
}

const reasonsOf: Partial<Readonly<Record<RunResult, string>>> = {
  stopped: "the last run was stopped by a signal",
  superseded: "the last run gave way to a newer declaration, or to `slipway down`",
  down: "`slipway down` has stopped everything: `slipway up` starts it again",
  "left down": "`slipway down` has stopped everything: `slipway up` starts it again"
}

const firstLine = (text: string): string => text.split("\n", 1).join()

const containerNow = (
  recorded: RecordedContainer,
  seen: Seen,
  isStopped: boolean,
  { run, restart }: { readonly run: RunState | null; readonly restart: RestartOf | undefined }
): ContainerNow => {
  const { name, image, since, role } = recorded
  if (typeof seen === "string") {
    return { name, image, status: "unknown", since, restarts: null, health: null, problem: null }
  }
  if (Option.isNone(seen)) {
    // An init container has served: whoever tidies up may remove it.
    const problem = role === "init" ? null : `${name}, which the last run left, was removed`
    return { name, image, status: "gone", since, restarts: null, health: null, problem }
  }
  const found = seen.value
  return {
    name,
    image,
    status: found.status,
    since: Option.getOrNull(Option.map(found.startedAt, DateTime.makeUnsafe)),
    restarts: found.restartCount,
    health: Option.getOrNull(found.health),
    problem:
      isStopped && isEnded(found)
        ? `${name} was stopped by \`slipway down\``
        : (nameProblemOf(name, found, run) ??
          (run === "dead" ? null : restartProblemOf(name, restart)) ??
          probeProblemOf(recorded, found) ??
          problemOf(found, recorded))
  }
}

/** A run that has set a container aside has given it a name, and taken its restart policy away: its end says nothing. */
const nameProblemOf = (name: string, found: SeenContainer, run: RunState | null): string | null => {
  if (found.name === name) return null
  return isAside(found)
    ? `${name} is set aside as ${found.name}, ${aRun[run ?? "unknown"]}`
    : `${name} is named ${found.name} now`
}

/** What an agent does with it now. */
const restartProblemOf = (name: string, restart: RestartOf | undefined): string | null =>
  restart?.name === name ? `${name} is being ${restart.what}: ${restart.reason}` : null

/** What an agent has said of it by its probes, as far as that is still of this start of it. */
const probeProblemOf = (recorded: RecordedContainer, found: SeenContainer): string | null => {
  const { name, probeRestarts, ready } = recorded
  if (isEnded(found) && probeRestarts !== undefined) {
    const { nextStart, reason } = probeRestarts
    if (nextStart !== null) return `${name} is stopped until ${DateTime.formatIso(nextStart)}: ${reason}`
    return recorded.status === "exited" ? `${name} was stopped and stays stopped: ${reason}` : null
  }
  const isSame = Option.getOrUndefined(found.startedAt) === (recorded.since && DateTime.toEpochMillis(recorded.since))
  return ready === false && found.status === "running" && isSame ? `${name} is not ready` : null
}

const problemOf = (found: SeenContainer, { name, restartPolicy }: RecordedContainer): string | null => {
  const { status, exitCode, health } = found
  const policy = found.restartPolicy.name
  const isOther = restartPolicy !== undefined && restartPolicy !== policy
  const other = isOther ? `its restart policy is "${policy}", and was "${restartPolicy}"` : undefined
  if (status === "exited") {
    if (isEndAsDeclared(found.restartPolicy, exitCode) && !isOther) return null
    return `${name} ${endWords(found)}${other === undefined ? "" : `; ${other}`}`
  }
  if (status !== "running") return `${name} is ${status}`
  if (Option.contains(health, "unhealthy")) return `${name} is unhealthy`
  return other === undefined ? null : `${name} runs, but ${other}`
}
