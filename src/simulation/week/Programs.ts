import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { Caller, type Process } from "../Calls.ts"
import type { SimulatedVm } from "../SimulatedVm.ts"
import { stoppingMillis } from "./drawWeek.ts"
import type { Software, Tell } from "./Software.ts"
import type { WeekLog } from "./WeekLog.ts"
import type { WeekRun } from "./WeekRun.ts"

/** A program that runs on the VM. */
interface Running {
  readonly by: WeekRun["by"]
  readonly process: Process
  readonly fiber: Fiber.Fiber<unknown>
}

/** The programs of a VM: the agent, as systemd keeps it, and what somebody runs beside it. */
export const makePrograms = (vm: SimulatedVm["Service"], log: WeekLog, software: Software) => {
  const programs = new Set<Running>()
  let ask: Effect.Effect<unknown> = Effect.void
  let terminate: Effect.Effect<unknown> = Effect.void

  const start = Effect.fnUntraced(function* <A, R>(
    by: WeekRun["by"],
    program: (tell: Tell) => Effect.Effect<A, never, R>
  ) {
    const process: Process = { isDead: false }
    const tell: Tell = (told) => Effect.map(vm.now, (now) => (process.isDead ? undefined : log.told(now, by, told)))
    const fiber = yield* Effect.forkChild(Effect.provideService(program(tell), Caller, process))
    const running: Running = { by, process, fiber }
    programs.add(running)
    yield* Effect.forkChild(
      Effect.flatMap(Fiber.await(fiber), (exit) =>
        Effect.map(vm.now, (now) => {
          // Whoever has killed it or made it crash knows.
          if (process.isDead || !programs.delete(running)) return
          if (by === "agent" || Exit.isFailure(exit)) log.violate(now, `${by} has ended: ${exitText(exit)}`)
        })
      )
    )
    return running
  })

  const startAgent = Effect.gen(function* () {
    const asked = yield* Queue.unbounded<void>()
    const terminated = yield* Deferred.make<void>()
    ask = Queue.offer(asked, undefined)
    terminate = Deferred.succeed(terminated, undefined)
    const now = yield* vm.now
    // It looks at once, and again if metadata did not answer when it began to watch.
    log.pokes.push(now, now)
    log.agentStarts(now)
    log.say(now, "the agent starts")
    const signals = { asked: Stream.fromQueue(asked), terminated: Deferred.await(terminated) }
    yield* start("agent", (tell) => software.agent(tell, signals))
  })

  const kill = Effect.fnUntraced(function* (running: Running) {
    const { by, process, fiber } = running
    programs.delete(running)
    process.isDead = true
    yield* Effect.forkDetach(Fiber.interrupt(fiber))
    log.died(yield* vm.now, by, "killed")
  })
  const killAll = Effect.suspend(() => Effect.forEach(programs, kill, { discard: true }))
  const agents = () => [...programs].filter(({ by }) => by === "agent")

  /** SIGTERM to the agent, and SIGKILL if it has not ended by then. Gives whether it had. */
  const terminateAgent = Effect.fnUntraced(function* (withinMillis: number) {
    const [running] = agents()
    if (running === undefined) return true
    programs.delete(running)
    yield* terminate
    const ended = yield* Effect.timeoutOption(Fiber.await(running.fiber), Duration.millis(withinMillis))
    if (Option.isNone(ended)) yield* kill(running)
    else log.died(yield* vm.now, "agent", "ended")
    return Option.isSome(ended)
  })

  const agentRestarts = Effect.fnUntraced(function* (pauseMillis: number) {
    yield* terminateAgent(stoppingMillis)
    yield* Effect.sleep(Duration.millis(pauseMillis))
    yield* startAgent
  })

  const up = Effect.gen(function* () {
    if ([...programs].some(({ by }) => by !== "agent")) return
    yield* start("up", (tell) =>
      Effect.flatMap(software.up(tell), (outcome) =>
        tell({ _tag: "Looked", occasion: "by hand", outcome, detail: "", followsTags: outcome === "done" })
      )
    )
  })
  const down = Effect.gen(function* () {
    if ([...programs].some(({ by }) => by !== "agent")) return
    const disturbance = log.disturb(yield* vm.now, "an operator", Number.POSITIVE_INFINITY)
    log.downs.push(disturbance)
    const run = log.begin(yield* vm.now, "down")
    const ended = (outcome: "done" | "failed") =>
      Effect.map(vm.now, (now) => {
        disturbance.to = now
        if (run.outcome !== "under way") return
        log.ended(now, run, { occasion: "by hand", outcome, detail: "", followsTags: false })
      })
    yield* start("down", () =>
      Effect.onExit(software.down, (exit) => ended(Exit.isSuccess(exit) && exit.value ? "done" : "failed"))
    )
  })

  return {
    startAgent,
    agentRestarts,
    terminateAgent,
    up,
    down,
    kill,
    killAll,
    agents,
    /** Those that have been made to crash. */
    dead: () => [...programs].filter(({ process }) => process.isDead),
    /** SIGHUP to the agent. */
    hangUp: Effect.suspend(() => ask)
  }
}

const exitText = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) ? String(exit.cause) : "by itself"
