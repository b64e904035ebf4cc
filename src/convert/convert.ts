import * as Result from "effect/Result"
import { decodeWritten } from "../declaration/Declaration.ts"
import type { DeclarationInvalid } from "../declaration/DeclarationInvalid.ts"
import type { DeclarationWarning } from "../declaration/DeclarationWarning.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import type { Converted } from "./Converted.ts"
import type { Source } from "./Source.ts"
import type { ConvertOptions, Target } from "./targets.ts"
import { toDockerRun } from "./to/dockerRun/toDockerRun.ts"

/** What became of a text in another form. */
export interface Conversion extends Converted {
  /** What checking the declaration warned of: what it ignores is not in the result either. */
  readonly warnings: ReadonlyArray<DeclarationWarning>
}

const converters: Readonly<Record<Target, (source: Source, options: ConvertOptions) => Converted>> = {
  "docker-run": toDockerRun
}

/**
 * Writes what a text says in another form, and lists what that cannot say. Pure: what only a VM could tell is left to whoever
 * uses the result.
 */
export const convert = (
  text: DeclarationText,
  options: ConvertOptions
): Result.Result<Conversion, DeclarationInvalid> =>
  Result.map(decodeWritten(text), ({ warnings, ...source }) => ({
    ...converters[options.to]({ ...source, file: text.file }, options),
    warnings
  }))
