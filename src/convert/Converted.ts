import type * as Redacted from "effect/Redacted"

/** What a conversion gives: files, and what none of them says. */
export interface Converted {
  readonly files: ReadonlyArray<ConvertedFile>
  /** In the order in which it was found, each once. */
  readonly notCarried: ReadonlyArray<NotCarried>
  /** What is carried over, and rests on something that is not in the text. In the same order. */
  readonly notes: ReadonlyArray<NotCarried>
}

/** A file of a conversion: nothing has been written yet. */
export interface ConvertedFile {
  /** Without a folder. */
  readonly name: string
  /** Has the values of env, unless `isSecret` is false: to be written where they may be read, and nowhere else. */
  readonly text: Redacted.Redacted
  /** It holds values of env, words of commands, or secrets. */
  readonly isSecret: boolean
  readonly isExecutable?: true
}

/** A field of what was converted that the result does not say, or not in the same meaning. Holds no values. */
export interface NotCarried {
  /** As in `spec.containers[0].livenessProbe`. It stands for all that is below it. */
  readonly path: string
  /** What becomes of it, and what can be done instead. */
  readonly reason: string
}
