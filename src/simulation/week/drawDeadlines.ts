import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/**
 * Draws how long some of the declarations may be active: from minutes to hours, or for ever. From a random stream of
 * its own, so that a seed's other draws do not depend on it.
 */
export const drawDeadlines = Effect.fnUntraced(function* (seed: string, likely: number) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/week deadlines`)
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely
  const isAny = some(likely)
  const drawn = Array.from({ length: 5 }, () => {
    const seconds = Math.round(180 * 60 ** chance.nextDoubleUnsafe())
    return some(0.5) && isAny ? seconds : undefined
  })
  return (declaration: number): number | undefined => drawn[declaration]
})
