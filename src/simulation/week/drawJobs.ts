import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { DeclaredContainer } from "../trial/declaredContainers.ts"
import type { ImageDescription } from "../VmDescription.ts"

type Fields = Readonly<Record<string, unknown>>

/** A container that comes to its end, as it is declared. */
export interface DrawnJob {
  readonly fields: Fields
  readonly declared: DeclaredContainer
}

/** What a scene has of containers that come to their ends. */
export interface DrawnJobs {
  /** Of the declaration of this number, besides what else it has. */
  readonly jobsOf: (declaration: number) => ReadonlyArray<DrawnJob>
  /** Those that a declaration consists of, and under which policy; undefined where it has others as well. */
  readonly aloneOf: (
    declaration: number
  ) => { readonly restartPolicy: string; readonly jobs: ReadonlyArray<DrawnJob> } | undefined
  readonly images: ReadonlyArray<ImageDescription>
}

/**
 * Draws jobs: some end well within seconds, some within hours, and some fail in the end. From a random stream of its
 * own, so that a seed's other draws do not depend on it.
 */
export const drawJobs = Effect.fnUntraced(function* (seed: string, likely: number, image: (name: string) => string) {
  const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/week jobs`)
  const oneOf = <A>(...values: ReadonlyArray<A>): A => values[Math.floor(chance.nextDoubleUnsafe() * values.length)]!
  const some = (likely: number) => chance.nextDoubleUnsafe() < likely
  const isAny = some(likely)
  const policy = oneOf("Never", "Never", "OnFailure")
  /** Most often near the least: on a logarithmic scale. */
  const afterMillis = () => Math.round(1_000 * 7_200 ** chance.nextDoubleUnsafe())
  const images = [1, 2].map((version): ImageDescription => {
    const isToFail = policy === "Never" && some(0.2)
    return {
      reference: image(`job:${version}`),
      behaviour: isToFail
        ? // Not before it is taken for started.
          { _tag: "Exits", afterMillis: 20_000 + afterMillis(), exitCode: 3 }
        : { _tag: "Exits", afterMillis: afterMillis(), exitCode: 0 }
    }
  })
  const drawn = Array.from({ length: 5 }, (): ReadonlyArray<DrawnJob> => {
    const reference = image(`job:${oneOf(1, 1, 2)}`)
    return some(0.7) ? [jobOf("job", reference, policy)] : []
  })
  const alone = Array.from({ length: 5 }, () =>
    some(0.35)
      ? ["job", "batch"].slice(0, oneOf(1, 2)).map((name) => jobOf(name, image(`job:${oneOf(1, 2)}`), policy))
      : []
  )
  const jobs: DrawnJobs = {
    aloneOf: (declaration) => {
      const drawn = alone[declaration] ?? []
      return isAny && drawn.length > 0 ? { restartPolicy: policy, jobs: drawn } : undefined
    },
    jobsOf: (declaration) => (isAny ? (drawn[declaration] ?? []) : []),
    images: isAny ? images : []
  }
  return jobs
})

const jobOf = (name: string, image: string, policy: "Never" | "OnFailure"): DrawnJob => ({
  fields: { name, image, restartPolicy: policy },
  declared: { name, role: "main", image, policy }
})
