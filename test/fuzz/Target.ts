import type * as Effect from "effect/Effect"
import type { Input } from "./mutate.ts"

/** What a decoder made of an input. That it made anything else of it (a throw, a defect) is what is looked for. */
export interface Outcome {
  readonly accepted: boolean
  /** What an operator is shown of it, each text by itself. */
  readonly shown: ReadonlyArray<string>
}

export interface Target {
  readonly name: string
  /** Realistic inputs, which are mutated. */
  readonly samples: ReadonlyArray<string>
  /** Of each text that an operator is shown, in characters. */
  readonly limit: number
  /** Stands in the samples, or wherever else a secret may stand, and in nothing that is shown. */
  readonly secret?: string
  /** Whether a mutation may move parts of the samples about; a secret would not stay where it is one. */
  readonly slips?: boolean
  /** Of how many inputs one is tried, where each takes long. */
  readonly share?: number
  readonly run: (input: Input) => Effect.Effect<Outcome>
}
