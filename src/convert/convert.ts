import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { decodeWritten } from "../declaration/Declaration.ts"
import type { DeclarationInvalid } from "../declaration/DeclarationInvalid.ts"
import type { DeclarationWarning } from "../declaration/DeclarationWarning.ts"
import { type DeclarationText, textOf } from "../workload/DeclarationText.ts"
import type { Converted } from "./Converted.ts"
import { type ConvertInput, declare } from "./from/declare.ts"
import type { SourceInvalid } from "./from/SourceInvalid.ts"
import { declarationFile } from "./from/writeDeclaration.ts"
import type { Source } from "./Source.ts"
import type { ConvertOptions, Target } from "./targets.ts"
import { toDockerRun } from "./to/dockerRun/toDockerRun.ts"
import { toCompose } from "./to/compose/toCompose.ts"
import { toQuadlet } from "./to/quadlet/toQuadlet.ts"
import { toCloudRun } from "./to/cloudRun/toCloudRun.ts"
import { toKubernetes } from "./to/kubernetes/toKubernetes.ts"

/** What became of a text in another form. */
export interface Conversion extends Converted {
  /** What checking the declaration warned of: what it ignores is not in the result either. */
  readonly warnings: ReadonlyArray<DeclarationWarning>
}

type FromDeclaration = Exclude<Target, "declaration">

const converters: Readonly<Record<FromDeclaration, (source: Source, options: ConvertOptions) => Converted>> = {
  kubernetes: toKubernetes,
  compose: toCompose,
  quadlet: toQuadlet,
  "docker-run": toDockerRun,
  "cloud-run": toCloudRun
}

/**
 * Writes what a text says in another form, and lists what that cannot say. Pure: what only a VM could tell is left to
 * whoever uses the result. From one form to another that is no declaration it goes by way of a declaration.
 */
export const convert = (
  input: ConvertInput,
  options: ConvertOptions
): Result.Result<Conversion, DeclarationInvalid | SourceInvalid> =>
  Result.gen(function* () {
    const { from, to } = options
    if (from === "declaration") return yield* convertDeclaration(input, options)
    const declared = yield* declare(input, from, options)
    if (to === "declaration") return { ...declared, warnings: [] }
    const { file } = input
    const text = declared.files.map(({ text }) => Redacted.value(text)).join("")
    const { files, notCarried, notes, warnings } = yield* convertDeclaration({ file, text }, options)
    return {
      files,
      warnings,
      notCarried: [...declared.notCarried, ...notCarried],
      notes: [...declared.notes, ...notes]
    }
  })

const convertDeclaration = (
  text: DeclarationText,
  options: ConvertOptions
): Result.Result<Conversion, DeclarationInvalid> =>
  Result.map(decodeWritten(text), ({ warnings, ...source }) => ({
    ...(options.to === "declaration"
      ? { files: [declarationFile(textOf(text))], notCarried: [], notes: [] }
      : converters[options.to]({ ...source, file: text.file }, options)),
    warnings
  }))
