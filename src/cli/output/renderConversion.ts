import * as Redacted from "effect/Redacted"
import type { Conversion } from "../../convert/convert.ts"
import type { SourceInvalid } from "../../convert/from/SourceInvalid.ts"
import type { ConvertOptions } from "../../convert/targets.ts"
import { type DeclarationInvalid, renderProblem } from "../../declaration/DeclarationInvalid.ts"
import type { DeclarationProblem } from "../../declaration/DeclarationProblem.ts"
import type { DeclarationWarning } from "../../declaration/DeclarationWarning.ts"
import { printable } from "../../text/printable.ts"

/** The files, for standard output: each under its name, where there are several. */
export const renderFiles = ({ files }: Conversion): string =>
  files
    .map(({ name, text }) => {
      const whole = Redacted.value(text).replace(/\n$/, "")
      return files.length === 1 ? whole : `# ${name}\n${whole}`
    })
    .join("\n\n")

/** What is ignored, not carried over, and noted, for standard error. */
export const renderLists = ({ notCarried, notes, warnings }: Conversion): ReadonlyArray<string> =>
  [
    ...warnings.map(renderProblem),
    ...notCarried.map(({ path, reason }) => `not carried: ${path}: ${reason}`),
    ...notes.map(({ path, reason }) => `note: ${path}: ${reason}`)
  ].map(printable)

/** The version of the JSON's shape: another one where a key is removed or changes its meaning. */
const shapeVersion = 1

/** `written`: the texts are in files, whose paths are given in their place. */
export const conversionJson = (
  { files, notCarried, notes, warnings }: Conversion,
  { from, to }: ConvertOptions,
  written?: ReadonlyArray<string>
): string =>
  JSON.stringify(
    {
      version: shapeVersion,
      from,
      to,
      files: files.map(({ name, text, isSecret, isExecutable = false }, index) => ({
        name,
        ...(written === undefined ? { text: Redacted.value(text) } : { path: written[index] }),
        secret: isSecret,
        executable: isExecutable
      })),
      notCarried,
      notes,
      warnings: warnings.map(findingJson),
      problems: []
    },
    null,
    2
  )

/** The same keys where nothing can be made of the source: all the reasons. */
export const failureJson = (error: SourceInvalid | DeclarationInvalid, { from, to }: ConvertOptions): string => {
  const isDeclared = error._tag === "DeclarationInvalid"
  const warnings = isDeclared ? error.warnings.map(findingJson) : []
  const problems = isDeclared
    ? error.problems.map(findingJson)
    : error.problems.map(({ file, line, path, detail, advice }) => ({ file, line, path, message: detail, advice }))
  return JSON.stringify(
    { version: shapeVersion, from, to, files: [], notCarried: [], notes: [], warnings, problems },
    null,
    2
  )
}

const findingJson = ({ _tag, line, column, message, advice }: DeclarationProblem | DeclarationWarning) => ({
  kind: _tag,
  line,
  column,
  message,
  advice
})
