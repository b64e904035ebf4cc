import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Call } from "../Calls.ts"
import type { SimulatedContainer } from "../engine/SimulatedContainer.ts"
import type { SimulatedVm } from "../SimulatedVm.ts"
import { containerOf } from "../trial/declaredContainers.ts"
import { isOurs } from "../trial/invariants.ts"
import type { ProbedContainer } from "./drawProbes.ts"
import type { WeekEvent } from "./WeekEvent.ts"
import type { Disturbance } from "./Disturbance.ts"
import { timeText, type WeekLog } from "./WeekLog.ts"

const step = Duration.seconds(5)

/** What a stop may be late: the last probe's time limit, and a look that is under way. */
const slackMillis = 15_000

/** An agent that has started has to look at the VM before it knows what to probe. */
const firstLookMillis = 60_000

/**
 * Containers that do not answer their liveness probes. Only they are restarted, not before their threshold says so, and not
 * long after.
 */
export const makeIllness = (vm: SimulatedVm["Service"], log: WeekLog, probed: ReadonlyArray<ProbedContainer>) => {
  let last = 0
  const longestProbe = Duration.seconds(Math.max(0, ...probed.map(({ timeoutSeconds }) => timeoutSeconds)))
  const ours = (name: string) => vm.engine.containers.filter((one) => isOurs(one) && containerOf(one) === name)
  const probeOf = (container: SimulatedContainer) => probed.find(({ name }) => name === containerOf(container))
  /** It is stopped, and whoever does so is to start it again. */
  const isAwaited = ({ name }: ProbedContainer) => {
    const all = ours(name)
    return (
      all.some(({ isUp, isStopping, ends }) => (isUp ? isStopping : ends.at(-1)?.by === "stop")) &&
      !all.some(({ isUp, isStopping }) => isUp && !isStopping)
    )
  }
  const isAnyAwaited = () => probed.some(isAwaited)

  const over = Effect.fnUntraced(function* (disturbance: Disturbance) {
    // The last probe to fail may not have come to its end.
    yield* Effect.sleep(longestProbe)
    do yield* Effect.sleep(step)
    while (isAnyAwaited())
    disturbance.to = yield* vm.engine.settled
  })
  const begin = (now: number, of: ReadonlyArray<string>, until: number) => {
    last = Math.max(last, until)
    return log.disturb(now, "a failing probe", Number.POSITIVE_INFINITY, { of })
  }

  /** From when on, at the earliest, nothing but this has kept an agent from acting on it. */
  const aloneSince = (disturbance: Disturbance) => {
    const agent = log.agentLives.at(-1)
    if (agent === undefined || agent.to !== Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
    const others = log.disturbances.filter((one) => one !== disturbance).map(({ settledAt }) => settledAt)
    return Math.max(disturbance.from, agent.from + firstLookMillis, ...others)
  }
  const isLeftAlone = (container: SimulatedContainer, disturbance: Disturbance, now: number) => {
    const probe = probeOf(container)
    if (probe === undefined || container.isStopping) return false
    const { failureThreshold, initialDelaySeconds, periodSeconds, timeoutSeconds } = probe
    const since = Math.max(aloneSince(disturbance), (container.starts.at(-1) ?? 0) + initialDelaySeconds * 1_000)
    return now - since > (failureThreshold + 1) * Math.max(periodSeconds, timeoutSeconds) * 1_000 + slackMillis
  }

  return {
    isAnyAwaited,
    /** When the last of them is over, if nothing is done about it. */
    last: () => last,
    /** One of them hangs, until it is started again or recovers. */
    hangs: Effect.fnUntraced(function* ({ which, forMillis }: Extract<WeekEvent, { _tag: "Hangs" }>) {
      const now = yield* vm.engine.settled
      // One that hangs already recovers when that is over.
      const up = probed.flatMap(({ name }) => ours(name).filter(({ isUp, isUnwell }) => isUp && !isUnwell))
      const container = up[which % Math.max(1, up.length)]
      if (container === undefined) return
      const name = containerOf(container)
      log.say(now, `${name} hangs`)
      const starts = container.starts.length
      const isSame = () => container.isUp && container.starts.length === starts
      const disturbance = begin(now, [name], now + forMillis)
      container.isUnwell = true
      yield* Effect.forkChild(
        Effect.gen(function* () {
          for (;;) {
            const later = yield* vm.engine.settled
            if (!isSame() || later >= now + forMillis) break
            if (isLeftAlone(container, disturbance, later)) {
              log.violate(later, `${name} hangs since ${timeText(now)}, and was not restarted`)
            }
            yield* Effect.sleep(step)
          }
          if (isSame()) container.isUnwell = false
          yield* over(disturbance)
        })
      )
    }),
    /** No probe is answered from now on. What it gives is to be done once they are again. */
    begins: (now: number, until: number) => {
      const disturbance = begin(
        now,
        probed.map(({ name }) => name),
        until
      )
      return over(disturbance)
    },
    /** Judges a change to the VM if nothing else has happened. */
    judge: (call: Call) => {
      const open = log.open()
      if (open.some(({ cause }) => cause !== "a failing probe")) return
      const container = vm.engine.containers.find(({ id, name }) => [id, name].includes(call.subject))
      const own = open.filter(
        ({ of, to }) => container !== undefined && of.includes(containerOf(container)) && to + slackMillis >= call.at
      )
      const what = `${call.name} ${call.subject}`
      const probe = container && probeOf(container)
      if (container === undefined || probe === undefined || own.length === 0) {
        log.violate(call.at, `${what}, though nothing had happened${open.length === 0 ? "" : " to that"}`)
        return
      }
      if (call.name !== "docker stop") return
      const failingMillis = call.at - Math.max(container.starts.at(-1) ?? 0, Math.min(...own.map(({ from }) => from)))
      if (failingMillis < (probe.failureThreshold - 1) * probe.periodSeconds * 1_000) {
        log.violate(call.at, `${what}, though its probe had failed for ${failingMillis / 1_000} s alone`)
      }
    }
  }
}
