import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** One call that a simulated VM received. */
export interface Call {
  /** Virtual time at which it came, in milliseconds from the VM's beginning. */
  readonly at: number
  /** `docker create`, `run mkfs.ext4`, `metadata token` */
  readonly name: string
  /** On what: a container's name, a device, a mount point. Never a secret. */
  readonly subject: string
}

/**
 * Through which every call of every simulated service goes: it is written down, takes its time, and is answered. All
 * calls of a VM share one, so that a test can assert order across services.
 */
export interface Calls {
  readonly transcript: ReadonlyArray<Call>
  /** Milliseconds since the VM's beginning. */
  readonly now: Effect.Effect<number>
  readonly receive: <A, E>(
    name: string,
    subject: string,
    latencyMillis: number,
    answer: Effect.Effect<A, E>
  ) => Effect.Effect<A, E>
}

export const makeCalls = Effect.fnUntraced(function* (seed: string) {
  const origin = yield* Clock.currentTimeMillis
  const transcript: Array<Call> = []
  // A stream of its own: what a VM takes for its latencies changes no draw of what runs on it.
  const latencies = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/latencies`)
  const now = Effect.map(Clock.currentTimeMillis, (millis) => millis - origin)
  const calls: Calls = {
    transcript,
    now,
    receive: Effect.fnUntraced(function* (name, subject, latencyMillis, answer) {
      transcript.push({ at: yield* now, name, subject })
      yield* Effect.sleep(Duration.millis(latencyMillis * (0.75 + latencies.nextDoubleUnsafe() / 2)))
      return yield* answer
    })
  }
  return calls
})
