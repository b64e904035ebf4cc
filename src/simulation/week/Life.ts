import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { CallName } from "../CallName.ts"
import { Caller } from "../Calls.ts"
import type { SimulatedVm } from "../SimulatedVm.ts"
import { invariants, isOurs } from "../trial/invariants.ts"
import { dyingMillis, stoppingMillis } from "./drawWeek.ts"
import { makeIllness } from "./illness.ts"
import { makePrograms } from "./Programs.ts"
import type { Software } from "./Software.ts"
import type { WeekEvent } from "./WeekEvent.ts"
import { type ActiveFault, causeOfFault, faultIn, mannersIn } from "./WeekFaults.ts"
import type { WeekLog } from "./WeekLog.ts"
import type { WeekScene } from "./WeekScene.ts"

interface LifeOptions {
  readonly vm: SimulatedVm["Service"]
  readonly log: WeekLog
  readonly scene: WeekScene
  readonly software: Software
  readonly chance: { readonly nextDoubleUnsafe: () => number }
}

const changing: ReadonlySet<CallName> = new Set([
  "docker create",
  "docker start",
  "docker stop",
  "docker remove",
  "docker rename",
  "docker update",
  "run mount",
  "run umount"
])

/** From when the cloud takes a VM back until it has no power. */
const takenBackMillis = 30_000

/** From the machine's start to that of the agent. */
const bootMillis = 8_000

/** The longest that a `down` takes, the waiting for another run included. */
const downMillis = 120_000

/** A VM with its agent, as systemd keeps it, and all that can happen to them. */
export const makeLife = ({ vm, log, scene, software, chance }: LifeOptions) => {
  let faults: ReadonlyArray<ActiveFault> = []
  let isEngineUp = true
  const programs = makePrograms(vm, log, software)
  const illness = makeIllness(vm, log, scene.probed ?? [])
  let armed:
    | { left: number; readonly how: "crash" | "crash after" | "crash half"; readonly struck: Deferred.Deferred<void> }
    | undefined

  const { agents, dead, kill, startAgent } = programs
  const pause = (millis: number) => Effect.sleep(Duration.millis(millis))

  const agentDies = Effect.fnUntraced(function* ({
    afterCalls,
    how,
    pauseMillis
  }: Extract<WeekEvent, { _tag: "AgentDies" }>) {
    const struck = Deferred.makeUnsafe<void>()
    armed = { left: afterCalls, how, struck }
    yield* Effect.timeoutOption(Deferred.await(struck), dyingMillis)
    armed = undefined
    // One that dies after its call waits for the answer.
    for (let seconds = 0; seconds < stoppingMillis / 1_000 && dead().length === 0; seconds++) yield* pause(1_000)
    yield* Effect.forEach(dead().length > 0 ? dead() : agents(), kill, { discard: true })
    if (agents().length > 0) return
    yield* pause(pauseMillis)
    yield* startAgent
  })

  const byHand = Effect.fnUntraced(function* ({ what, which }: Extract<WeekEvent, { _tag: "ByHand" }>) {
    const up = vm.engine.containers.filter((one) => isOurs(one) && one.isUp)
    const found = up[which % Math.max(1, up.length)]
    if (found === undefined) return
    const { client } = vm.engine
    const change =
      what === "stop" ? client.stopContainer(found.id, Duration.seconds(10)) : client.removeContainer(found.id)
    const disturbance = log.disturb(yield* vm.now, "an operator", Number.POSITIVE_INFINITY)
    log.say(yield* vm.now, `by hand: ${what} ${found.name}`)
    yield* Effect.ignore(Effect.provideService(change, Caller, "operator"))
    disturbance.to = yield* vm.now
  })

  const powerGoes = Effect.fnUntraced(function* ({ how, forMillis }: Extract<WeekEvent, { _tag: "PowerGoes" }>) {
    const isQuiet = !log.isDisturbed()
    const disturbance = log.disturb(yield* vm.now, "a reboot", Number.POSITIVE_INFINITY)
    if (how !== "at once") {
      if (how === "taken back") vm.setPreempted(true)
      vm.host.setSystemState("stopping")
      const hasEnded = yield* programs.terminateAgent(how === "taken back" ? takenBackMillis : stoppingMillis)
      const now = yield* vm.engine.settled
      const left = vm.engine.containers.filter((one) => isOurs(one) && one.isUp)
      if (isQuiet && hasEnded && left.length > 0) {
        log.violate(now, `the machine went down in order, and ${left.map(({ name }) => name).join()} still ran`)
      }
    }
    yield* programs.killAll
    yield* vm.engine.halt
    yield* pause(forMillis)
    log.boot(yield* vm.now)
    yield* vm.reboot
    yield* pause(bootMillis)
    disturbance.to = yield* vm.now
    yield* startAgent
  })

  const engineGoes = Effect.fnUntraced(function* (forMillis: number) {
    const now = yield* vm.now
    log.disturb(now, "the engine", now + forMillis)
    isEngineUp = false
    yield* vm.engine.halt
    yield* pause(forMillis)
    yield* vm.engine.resume
    isEngineUp = true
  })

  const fails = Effect.fnUntraced(function* ({ what, forMillis }: Extract<WeekEvent, { _tag: "Fails" }>) {
    const now = yield* vm.now
    const fault: ActiveFault = { what, until: now + forMillis }
    const change = Effect.map(vm.now, (now) => {
      faults = faults.filter(({ until }) => until > now)
      // A lie about what is declared, and the truth after it, are changes.
      log.pokes.push(now)
      vm.setMetadataManners(mannersIn(faults))
    })
    const isOfProbes = what === "probes are not answered"
    if (!isOfProbes) log.disturb(now, causeOfFault(what), fault.until)
    const over = isOfProbes ? illness.begins(now, fault.until) : Effect.void
    faults = [...faults, fault]
    yield* change
    yield* Effect.forkChild(Effect.andThen(pause(forMillis), Effect.andThen(change, over)))
  })

  const declares = Effect.fnUntraced(function* (number: number) {
    const now = yield* vm.now
    const next = scene.declarations[number]!
    const before = log.declared.at(-1)
    for (const one of log.open()) if (one.cause === "a bad declaration") one.to = Math.min(one.to, now)
    for (const image of next.pushes ?? []) vm.publish(image)
    vm.setDeclaration(next.text)
    log.declared.push({ from: now, declaration: number })
    log.pokes.push(now)
    if (next.fate !== "works") log.disturb(now, "a bad declaration", Number.POSITIVE_INFINITY)
    else if (
      before === undefined ||
      scene.declarations[before.declaration]!.meaning !== next.meaning ||
      // With another text its time begins anew.
      log.standings.at(-1)?.isOver === true
    ) {
      log.disturb(now, "a switch")
      // The engine may hold what its tags stood for before.
      if (log.disturbances.some(({ isOfTags }) => isOfTags)) tagsMayMove(now)
    }
  })

  const happens = (event: WeekEvent) => {
    switch (event._tag) {
      case "Declares":
        return declares(event.declaration)
      case "Fails":
        return fails(event)
      case "PowerGoes":
        return powerGoes(event)
      case "EngineGoes":
        return engineGoes(event.forMillis)
      case "AgentDies":
        return agentDies(event)
      case "AgentRestarts":
        return programs.agentRestarts(event.pauseMillis)
      case "HangUp":
        return hangUp
      case "Up":
        return Effect.andThen(poked, programs.up)
      case "Down":
        return programs.down
      case "ByHand":
        return byHand(event)
      case "Hangs":
        return illness.hangs(event)
      case "TagMoves":
        return tagMoves(event.which)
      case "ClockJumps":
        return Effect.sync(() => vm.jumpClock(event.byMillis))
    }
  }
  const poked = Effect.map(vm.now, (now) => void log.pokes.push(now))
  const hangUp = Effect.andThen(poked, programs.hangUp)
  const tagsMayMove = (now: number) => log.disturb(now, "a switch", Number.POSITIVE_INFINITY, { isOfTags: true })
  const tagMoves = Effect.fnUntraced(function* (which: number) {
    tagsMayMove(yield* vm.now)
    vm.publish(scene.moves[which]!)
  })

  return {
    begin: Effect.gen(function* () {
      const isWell = invariants(vm, (text) => log.violate(0, text))
      log.isAwaiting = illness.isAnyAwaited
      log.isAnyUp = () => vm.engine.containers.some((one) => isOurs(one) && one.isUp)
      vm.setFaults((call) => {
        if (changing.has(call.name)) {
          // Without the engine nobody's containers run.
          if (isEngineUp) isWell()
          log.judgeDeadline(call.at)
          illness.judge(call)
        }
        if (armed !== undefined && --armed.left <= 0) {
          const { how, struck } = armed
          armed = undefined
          Deferred.doneUnsafe(struck, Exit.void)
          return how
        }
        return faultIn(faults, call, chance)
      })
      yield* startAgent
    }),
    happens,
    /** Lets the time pass, where it has not. */
    until: (at: number) => Effect.flatMap(vm.now, (now) => (at > now ? pause(at - now) : Effect.void)),
    /** From when on nothing fails any more that has failed by now, and a `down` has come to its end. */
    quietFrom: Effect.map(vm.now, (now) =>
      Math.max(log.isDown() ? now + downMillis : now, illness.last(), ...faults.map(({ until }) => until))
    ),
    /** Where a tag has moved and nobody has asked for it, or nobody has asked for anything since a `down`. */
    ask: Effect.suspend(() => (log.isDown() || log.open().some(({ isOfTags }) => isOfTags) ? hangUp : Effect.void)),
    end: Effect.andThen(
      programs.killAll,
      Effect.sync(() => vm.setFaults(undefined))
    )
  }
}
