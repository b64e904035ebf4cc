/**
 * What becomes of a field that Kubernetes has. One that works is a key of the schema; each other one has its fate in
 * `KubernetesKeys.ts`, and what is below it is not looked at.
 */
export type Fate = (Meaningless | Refused) & {
  /** Values that ask for nothing, beside those that never do: what holds here anyway, or Kubernetes' default. */
  readonly idle?: ReadonlyArray<string>
}

/** It asks for something that one VM has no use for: a warning, and it is ignored. */
interface Meaningless {
  readonly _tag: "Meaningless"
  /** In a few words, as in "no scheduler chooses a node". */
  readonly why: string
}

/** Without it the Pod would not be what was asked for: a problem. konlet ignored it. */
interface Refused {
  readonly _tag: "Refused"
  readonly why: string
  /** What to write instead. */
  readonly advice: string
  /** The key of the same mapping that is to be written instead: nothing is said about its absence. */
  readonly instead: string | undefined
}

/** A fate of a field that has values which ask for nothing. */
export const unless = (fate: Fate, ...idle: ReadonlyArray<string>): Fate => ({ ...fate, idle })

export const meaningless = (why: string): Fate => ({ _tag: "Meaningless", why })

export const refused = (why: string, advice: string, instead?: string): Fate => {
  return { _tag: "Refused", why, advice, instead }
}
