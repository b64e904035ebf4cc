import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type { CallName } from "./CallName.ts"
import { monotonicMillis } from "./host/SimulatedClock.ts"

/** One call that a simulated VM received. */
export interface Call {
  /** Virtual time at which it came, in milliseconds from the VM's beginning. */
  readonly at: number
  readonly name: CallName
  /** On what: a container's name, a device, a mount point. Never a secret. */
  readonly subject: string
}

/** What goes wrong with a call. */
export type Fault = PlainFault | EngineSays

/** What any call can meet with. */
export type PlainFault =
  /** It is answered with an error, and has no effect. */
  | "fail"
  /** It has its effect, and is answered with an error all the same. */
  | "lose"
  /** It has its effect, and is answered half a minute later. */
  | "late"
  /** It has no effect and no answer. */
  | "hang"
  /** It has no answer, and has its effect just after the agent gave up on it. A command does not: it is killed then. */
  | "lag"
  /** The agent dies as it makes it: it is not received. */
  | "crash"
  /** The agent dies before its answer: it has its effect. */
  | "crash after"
  /** The agent dies while it is worked on, and what was begun stops half-way, where it can: a mkfs. */
  | "crash half"

/** A call to the engine has no effect, and is answered with these words of its. Any other is answered as with "fail". */
export interface EngineSays {
  readonly says: string
  /** Default 500, which it gives for most. */
  readonly statusCode?: number
}

/** The agent was made to crash. Until it starts again the VM accepts no call from it, its finalizers' included. */
export class AgentCrashed extends Error {
  override readonly name = "AgentCrashed"

  constructor() {
    super("the agent was made to crash: the simulated VM takes no call from it before restartAgent()")
  }
}

/**
 * Through which every call of every simulated service goes: it is written down, takes its time, and is answered. All
 * calls of a VM share one, so that a test can assert order across services.
 */
export interface Calls {
  readonly transcript: ReadonlyArray<Call>
  /** Milliseconds since the VM's beginning. */
  readonly now: Effect.Effect<number>
  readonly receive: <A, E>(call: Received<E>, answer: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** What is to go wrong with each call from now on: it is told the call and how many came before it. */
  readonly setFaults: (faultOf: ((call: Call, index: number) => Fault | undefined) | undefined) => void
  /** The agent starts again after a crash. */
  readonly restartAgent: () => void
  /** Whoever works on calls goes down: what they have not come to by now does not happen. */
  readonly abandonWork: () => void
}

/** How a simulated service receives a call. */
export interface Received<E> {
  readonly name: CallName
  readonly subject: string
  readonly latencyMillis: number
  /** What a fault answers with. */
  readonly failure: (said?: EngineSays) => E
  /** The effect of a call that stops half-way. None, where absent. */
  readonly half?: Effect.Effect<void>
  /** It is worked on to its end although its caller has hung up, as the engine does with what changes containers. */
  readonly outlivesCaller?: boolean
}

/** Later than it is looked whether there was an effect, sooner than the next try. */
const lagging = Effect.sleep(Duration.millis(500))

export const makeCalls = Effect.fnUntraced(function* (seed: string) {
  const origin = yield* monotonicMillis
  const transcript: Array<Call> = []
  // A stream of its own: what a VM takes for its latencies changes no draw of what runs on it.
  const latencies = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/latencies`)
  let crashed = false
  let agents = 0
  let workers = 0
  let faultOf: ((call: Call, index: number) => Fault | undefined) | undefined
  const now = Effect.map(monotonicMillis, (millis) => millis - origin)
  const outliving = <A, E>(latency: Effect.Effect<void>, answer: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const shift = workers
    const ifStillThere = Effect.suspend(() => (shift === workers ? answer : Effect.never))
    return Effect.flatMap(Effect.forkDetach(Effect.andThen(latency, ifStillThere)), Fiber.join)
  }
  const calls: Calls = {
    transcript,
    now,
    receive: Effect.fnUntraced(function* (received, answer) {
      const { name, subject, latencyMillis, failure, half = Effect.void, outlivesCaller = false } = received
      if (crashed) return yield* Effect.die(new AgentCrashed())
      const call = { at: yield* now, name, subject }
      const fault = faultOf?.(call, transcript.length)
      if (fault === "crash") {
        crashed = true
        return yield* Effect.die(new AgentCrashed())
      }
      transcript.push(call)
      const latency = Effect.sleep(Duration.millis(latencyMillis * (0.75 + latencies.nextDoubleUnsafe() / 2)))
      const isAnswered = fault === undefined || fault === "late" || fault === "lose" || fault === "crash after"
      if (!isAnswered) yield* latency
      if (fault === "fail") return yield* Effect.fail(failure())
      if (typeof fault === "object") return yield* Effect.fail(failure(fault))
      if (fault === "hang" || (fault === "lag" && name.startsWith("run "))) return yield* Effect.never
      if (fault === "lag") {
        // An agent that dies in between may be followed by a reboot, which leaves nothing to come.
        const agent = agents
        const late = Effect.andThen(
          lagging,
          Effect.suspend(() => (agent === agents && !crashed ? answer : Effect.void))
        )
        return yield* Effect.onInterrupt(Effect.never, () => Effect.forkDetach(Effect.ignore(late)))
      }
      if (fault === "crash half") {
        yield* half
        crashed = true
        return yield* Effect.die(new AgentCrashed())
      }
      const answered = yield* outlivesCaller ? outliving(latency, answer) : Effect.andThen(latency, answer)
      if (fault === "late") yield* Effect.sleep(Duration.seconds(30))
      if (fault === "lose") return yield* Effect.fail(failure())
      if (fault === "crash after") {
        crashed = true
        return yield* Effect.die(new AgentCrashed())
      }
      return answered
    }),
    setFaults: (next) => {
      faultOf = next
    },
    restartAgent: () => {
      crashed = false
      agents += 1
    },
    abandonWork: () => {
      workers += 1
    }
  }
  return calls
})
