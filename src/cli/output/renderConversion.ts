import * as Redacted from "effect/Redacted"
import type { Conversion } from "../../convert/convert.ts"
import type { NotCarried } from "../../convert/Converted.ts"
import type { ConvertOptions } from "../../convert/targets.ts"
import { printable } from "../../text/printable.ts"

/** The files, for standard output: each under its name, where there are several. */
export const renderFiles = ({ files }: Conversion): string =>
  files
    .map(({ name, text }) => {
      const whole = Redacted.value(text).replace(/\n$/, "")
      return files.length === 1 ? whole : `# ${name}\n${whole}`
    })
    .join("\n\n")

/** What is not carried over, a line each. */
export const renderNotCarried = ({ path, reason }: NotCarried): string => printable(`not carried: ${path}: ${reason}`)

/** The version of the JSON's shape: another one where a key is removed or changes its meaning. */
const shapeVersion = 1

/** `written`: the texts are in files, whose paths are given in their place. */
export const conversionJson = (
  { files, notCarried, warnings }: Conversion,
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
      warnings: warnings.map(({ _tag, line, column, message, advice }) => ({
        kind: _tag,
        line,
        column,
        message,
        advice
      }))
    },
    null,
    2
  )
