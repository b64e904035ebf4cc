import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Option from "effect/Option"
import type { Processes } from "../vm/host/Processes.ts"
import type { CallName } from "./CallName.ts"
import { monotonicMillis } from "./host/SimulatedClock.ts"

/** A call that a simulated VM received. */
export interface Call {
  /** When, in milliseconds of virtual time since the VM's beginning. */
  readonly at: number
  readonly name: CallName
  /** Its object: a container's name, a device, a mount point. Never a secret. */
  readonly subject: string
}

/** What goes wrong with a call. */
export type Fault = PlainFault | EngineSays

/** Faults that any call can have. */
export type PlainFault =
  /** It has no effect and is answered with an error. */
  | "fail"
  /** It takes effect, but is answered with an error. */
  | "lose"
  /** It takes effect, and is answered half a minute later. */
  | "late"
  /** It has no effect and is never answered. */
  | "hang"
  /**
   * It is never answered, and takes effect just after the agent has given up on it. A command does not: it is killed
   * then.
   */
  | "lag"
  /** The agent dies before the call is received. */
  | "crash"
  /** The call takes effect, and the agent dies before its answer. */
  | "crash after"
  /** The agent dies during the call, which stops half-way if it can: a mkfs. */
  | "crash half"

/** A call to the engine has no effect and is answered with this message. Any other call fails as with "fail". */
export interface EngineSays {
  readonly says: string
  /** Default 500, the most frequent. */
  readonly statusCode?: number
}

/** A process that calls. */
export interface Process {
  /** It was made to crash: no call from it is accepted any more. */
  isDead: boolean
}

/**
 * Who calls. Without it, it is the VM's one agent, which `restartAgent` starts again after a crash. What an operator
 * does by hand is not recorded, and has no faults.
 */
export const Caller = Context.Reference<Process | "agent" | "operator">("slipway/simulation/Caller", {
  defaultValue: () => "agent"
})

/** The agent was made to crash. Until it restarts, the VM accepts no call from it, not even from finalizers. */
export class AgentCrashed extends Error {
  override readonly name = "AgentCrashed"

  constructor() {
    super("the agent was made to crash: the simulated VM takes no call from it before restartAgent()")
  }
}

/**
 * Every call of every simulated service goes through here: it is recorded, takes time, and is answered. All services of
 * a VM share one instance, so that a test can assert order across services.
 */
export interface Calls {
  readonly transcript: ReadonlyArray<Call>
  /** Milliseconds since the VM's beginning. */
  readonly now: Effect.Effect<number>
  readonly receive: <A, E>(call: Received<E>, answer: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Decides, from now on, which fault each call has, given the call and the number of calls before it. */
  readonly setFaults: (faultOf: ((call: Call, index: number) => Fault | undefined) | undefined) => void
  /** The agent restarts after a crash. */
  readonly restartAgent: () => void
  /** Tells the processes that call apart. */
  readonly processes: Processes["Service"]
  /** The server side of all calls goes down: what is not done yet does not happen. */
  readonly abandonWork: () => void
}

/** How a simulated service receives a call. */
export interface Received<E> {
  readonly name: CallName
  readonly subject: string
  readonly latencyMillis: number
  /** The error that a fault answers with. */
  readonly failure: (said?: EngineSays) => E
  /** The effect of a call that stops half-way. None by default. */
  readonly half?: Effect.Effect<void>
  /** It is completed even if its caller hangs up, as the engine does with changes to containers. */
  readonly outlivesCaller?: boolean
}

/** After the caller has checked whether it took effect, and before it retries. */
const lagging = Effect.sleep(Duration.millis(500))

const crashOf = (process: Process) =>
  Effect.suspend(() => {
    process.isDead = true
    return Effect.die(new AgentCrashed())
  })

/** What becomes of a call that has a fault. `answered` is its answer as it would be without, after its latency. */
const withFault = Effect.fnUntraced(function* <A, E>(
  fault: Exclude<Fault, "crash">,
  {
    process,
    received: { name, failure, half = Effect.void },
    latency,
    answer,
    answered
  }: {
    readonly process: Process
    readonly received: Received<E>
    readonly latency: Effect.Effect<void>
    readonly answer: Effect.Effect<A, E>
    readonly answered: Effect.Effect<A, E>
  }
) {
  const isAnswered = fault === "late" || fault === "lose" || fault === "crash after"
  if (!isAnswered) yield* latency
  if (fault === "fail") return yield* Effect.fail(failure())
  if (typeof fault === "object") return yield* Effect.fail(failure(fault))
  if (fault === "hang" || (fault === "lag" && name.startsWith("run "))) return yield* Effect.never
  if (fault === "lag") {
    // If the agent dies meanwhile a reboot may follow, after which nothing of this may happen.
    const late = Effect.andThen(
      lagging,
      Effect.suspend(() => (process.isDead ? Effect.void : answer))
    )
    return yield* Effect.onInterrupt(Effect.never, () => Effect.forkDetach(Effect.ignore(late)))
  }
  if (fault === "crash half") {
    yield* half
    return yield* crashOf(process)
  }
  const came = yield* answered
  if (fault === "late") yield* Effect.sleep(Duration.seconds(30))
  if (fault === "lose") return yield* Effect.fail(failure())
  if (fault === "crash after") return yield* crashOf(process)
  return came
})

/** `isRecorded`: whether anybody reads the transcript. */
export const makeCalls = Effect.fnUntraced(function* (seed: string, isRecorded = true) {
  const origin = yield* monotonicMillis
  const transcript: Array<Call> = []
  let count = 0
  // A random stream of its own: latencies do not change what the VM's software draws.
  const latencies = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/latencies`)
  let agent: Process = { isDead: false }
  let workers = 0
  let faultOf: ((call: Call, index: number) => Fault | undefined) | undefined
  const now = Effect.map(monotonicMillis, (millis) => millis - origin)
  const outliving = <A, E>(latency: Effect.Effect<void>, answer: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const shift = workers
    const ifStillThere = Effect.suspend(() => (shift === workers ? answer : Effect.never))
    return Effect.flatMap(Effect.forkDetach(Effect.andThen(latency, ifStillThere)), Fiber.join)
  }
  /** By their identities, which are their places. */
  const known: Array<Process> = []
  const calls: Calls = {
    transcript,
    now,
    processes: {
      self: Effect.map(Caller, (caller) => {
        if (caller === "operator") return Option.none()
        const process = caller === "agent" ? agent : caller
        if (!known.includes(process)) known.push(process)
        return Option.some(`process ${known.indexOf(process)}`)
      }),
      isAlive: (identity) =>
        Effect.sync(() => Option.some(known[Number(identity.slice("process ".length))]?.isDead === false))
    },
    // No generator where nothing goes wrong: a fleet makes a million of calls.
    receive: (received, answer) =>
      Effect.flatMap(Caller, (caller) => {
        const { name, subject, latencyMillis, outlivesCaller = false } = received
        const after = (latency: Effect.Effect<void>) =>
          outlivesCaller ? outliving(latency, answer) : Effect.andThen(latency, answer)
        if (caller === "operator") return after(Effect.sleep(Duration.millis(latencyMillis)))
        const process = caller === "agent" ? agent : caller
        if (process.isDead) return crashOf(process)
        return Effect.flatMap(now, (at) => {
          const call = { at, name, subject }
          const fault = faultOf?.(call, count)
          if (fault === "crash") return crashOf(process)
          count += 1
          if (isRecorded) transcript.push(call)
          const latency = Effect.sleep(Duration.millis(latencyMillis * (0.75 + latencies.nextDoubleUnsafe() / 2)))
          return fault === undefined
            ? after(latency)
            : withFault(fault, { process, received, latency, answer, answered: after(latency) })
        })
      }),
    setFaults: (next) => {
      faultOf = next
    },
    restartAgent: () => {
      agent.isDead = true
      agent = { isDead: false }
    },
    abandonWork: () => {
      workers += 1
    }
  }
  return calls
})
