import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { doubled, jittered } from "../timing/backOff.ts"

/** At least from one connection to the next, so that a server that answers at once is not asked all the time. */
export const leastPause = Duration.seconds(1)

/** The longest pause before a server that is away is asked again. */
export const longestPause = Duration.minutes(1)

/** How long a question that waits for a change may take: metadata answers it after 60 s at the latest. */
export const longestPoll = Duration.seconds(70)

/** Waits before a server is asked again that has failed so many times in a row: 1 s, doubled, 1 min at most. */
export const pauseAfter = (failures: number, longest: Duration.Duration = longestPause): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (random) => Effect.sleep(jittered(doubled(leastPause, failures, longest), random)))
