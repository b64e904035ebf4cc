import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Random from "effect/Random"
import * as References from "effect/References"
import { runInVirtualTime } from "../host/VirtualTime.ts"
import { withoutStackTraces } from "../host/withoutStackTraces.ts"
import { SimulatedVm } from "../SimulatedVm.ts"
import { sha256 } from "../../vm/host/sha256.ts"
import { checkRest } from "./checkRest.ts"
import { type Episode, drawWeek, restMillis, settleMillis } from "./drawWeek.ts"
import { makeLife } from "./Life.ts"
import { type Outage, outagesOf, overlapsOf } from "./outages.ts"
import { rerunsOf, rerunText } from "./reruns.ts"
import { restartsOf, restartText } from "./restarts.ts"
import type { Software } from "./Software.ts"
import { type Tries, triesOf, triesText } from "./tries.ts"
import { eventText, kindText } from "./WeekEvent.ts"
import { timeText, WeekLog } from "./WeekLog.ts"
import type { WeekScene } from "./WeekScene.ts"

export interface WeekOptions {
  /** The same seed gives the same days, call by call. */
  readonly seed: string
  readonly days: number
  /** Default 4. */
  readonly episodesPerDay?: number
  readonly scene: WeekScene
  readonly software: Software
  /** Log lines of the software also go to the outer logger. Default false. */
  readonly isLogged?: boolean
}

export interface WeekResult {
  readonly seed: string
  readonly days: number
  /** Of virtual time. */
  readonly millis: number
  /** What happened to the VM from outside, by kind. */
  readonly events: Readonly<Record<string, number>>
  /** Runs, of which that many were looks at a VM that was as declared. */
  readonly runs: number
  readonly idleLooks: number
  readonly switches: number
  readonly calls: number
  readonly outages: ReadonlyArray<Outage>
  readonly tries: ReadonlyArray<Tries>
  /** What did not hold, in words. Should be empty. */
  readonly violations: ReadonlyArray<string>
  /** What happened and what was done about it, a line each. */
  readonly log: ReadonlyArray<string>
  /** Identifies all calls and all lines of the log. */
  readonly fingerprint: string
}

/**
 * Lives days of a VM whose declaration changes, which fails in many ways, boots, and whose agent is killed. Throughout:
 * two containers of one name never run at once; a switch is never cut in its middle; nothing is touched while nothing
 * has happened, whether the agent looks or is started again; what cannot work is not tried more often than its back-off
 * allows; no secret is printed. After each episode, once changes and faults have been over for long enough, the newest
 * declaration runs if it can work, else what ran before. In the end, all seconds in which something declared did not
 * run have a cause.
 */
export const runWeek = ({ seed, days, episodesPerDay = 4, scene, software, isLogged = false }: WeekOptions) =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    const log = new WeekLog(scene.declarations, sha256)
    const watch = Logger.make(({ message }) => {
      const line = String(message)
      if (scene.secrets.some((secret) => line.includes(secret))) log.violate(0, "a log line holds a secret")
    })
    const numbers = scene.declarations.map((_, index) => index)
    const works = (number: number) => scene.declarations[number]!.fate === "works"
    const episodes: ReadonlyArray<Episode> = yield* drawWeek({
      seed,
      days,
      episodesPerDay,
      good: numbers.filter(works),
      bad: numbers.filter((number) => !works(number)),
      tags: scene.moves.length,
      probed: scene.probed !== undefined && scene.probed.length > 0
    })
    const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/week faults`)
    const life = makeLife({ vm, log, scene, software, chance })
    const events: Record<string, number> = {}
    yield* Effect.gen(function* () {
      yield* life.happens({ _tag: "Declares", declaration: 0 })
      yield* life.begin
      for (const episode of episodes) {
        for (const { at, event } of episode.events) {
          yield* life.until(at)
          const kind = kindText(event)
          events[kind] = (events[kind] ?? 0) + 1
          log.say(
            yield* vm.now,
            eventText(event, (number) => scene.declarations[number]!.title)
          )
          yield* life.happens(event)
        }
        const quietFrom = yield* life.quietFrom
        yield* life.until(quietFrom)
        yield* life.ask
        yield* life.until(quietFrom + settleMillis)
        yield* checkRest(vm, log)
        yield* life.until(Math.max((yield* vm.now) + restMillis, episode.until))
        yield* checkRest(vm, log)
      }
      yield* life.end
    }).pipe(Effect.provide(Logger.layer([watch], { mergeWithExisting: isLogged })), (living) =>
      isLogged ? living : Effect.provideService(living, References.MinimumLogLevel, "All")
    )
    const end = yield* vm.engine.settled
    const { containersEver } = vm.engine
    for (const { name, at } of overlapsOf(containersEver, end)) log.violate(at, `two of ours run at once for ${name}`)
    const outages = outagesOf(log, containersEver, end)
    for (const { container, from, to, unexplainedMillis } of outages) {
      if (unexplainedMillis === 0) continue
      log.violate(
        from,
        `${container} was down until ${timeText(to)}, ${unexplainedMillis / 1_000} s of it without a cause`
      )
    }
    const tries = triesOf(log, containersEver, end)
    for (const one of tries) if (one.tries > one.most) log.violate(one.from, triesText(one))
    for (const restart of restartsOf(log, containersEver, scene.probed ?? [])) {
      const wrong = restartText(restart)
      if (wrong !== undefined) log.violate(restart.startedAt, wrong)
    }
    for (const rerun of rerunsOf(log, containersEver)) log.violate(rerun.startedAt, rerunText(rerun))
    const result: WeekResult = {
      seed,
      days,
      millis: end,
      events,
      runs: log.runs.length,
      idleLooks: log.runs.filter(
        ({ outcome, switchedAt, by }) => by === "agent" && outcome === "done" && switchedAt === undefined
      ).length,
      switches: log.runs.filter(({ switchedAt }) => switchedAt !== undefined).length,
      calls: vm.transcript.length,
      outages,
      tries,
      violations: log.violations,
      log: log.lines,
      fingerprint: sha256(
        [...vm.transcript.map(({ at, name, subject }) => `${at} ${name} ${subject}`), ...log.lines].join("\n")
      )
    }
    return result
  }).pipe(
    Effect.provide(SimulatedVm.layer({ ...scene.description, seed })),
    Effect.withTracerEnabled(false),
    runInVirtualTime,
    withoutStackTraces
  )
