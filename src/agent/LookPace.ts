import * as Duration from "effect/Duration"
import { backOff } from "../timing/backOff.ts"

/** As Kubernetes forgets a back-off, after so long. */
const forgottenAfter = Duration.toMillis(Duration.minutes(10))

/** At least between two looks that events alone cause. */
const leastGap = Duration.toMillis(Duration.seconds(10))

/**
 * How often what happens to containers may cause a look. A container that ends again and again is restarted by the
 * engine, with a back-off of its own, and a look at it changes nothing: after the first, each container causes another
 * after 10 s, then 20 s, and so on to 5 min, so that a crash loop costs the VM no more than a look every five minutes,
 * and all crash loops together no more than one every ten seconds. What happens to another container, or to its
 * successor, is not held up by it.
 */
export class LookPace {
  #lastAt = -Infinity
  readonly #looks = new Map<string, { readonly count: number; readonly at: number }>()

  /** The milliseconds from `now` until the first of the containers may cause a look. */
  waitFor(ids: Iterable<string>, now: number): number {
    const dues = [...ids].map((id) => this.#dueOf(id, now))
    return Math.max(0, Math.max(this.#lastAt + leastGap, Math.min(...dues)) - now)
  }

  /** They cause one now, as far as they may. */
  look(ids: Iterable<string>, now: number): void {
    for (const [id, { at }] of this.#looks) if (now - at > forgottenAfter) this.#looks.delete(id)
    for (const id of ids) {
      if (this.#dueOf(id, now) > now) continue
      this.#looks.set(id, { count: (this.#looks.get(id)?.count ?? 0) + 1, at: now })
    }
    this.#lastAt = now
  }

  #dueOf(id: string, now: number): number {
    const looks = this.#looks.get(id)
    return looks === undefined || now - looks.at > forgottenAfter
      ? -Infinity
      : looks.at + Duration.toMillis(backOff(looks.count))
  }
}
