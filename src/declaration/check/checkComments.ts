import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { ValueCutByComment } from "../DeclarationWarning.ts"
import type { Findings } from "../Findings.ts"
import type { Place, Places } from "../yaml/Places.ts"

/**
 * Warns where a value of `env`, `args` or `command` ends at a "#" that is most likely a part of it: `abc #def`. A comment
 * has a space behind its "#", and so does not look like one.
 */
export const checkComments = (
  { env, command = [], args = [] }: DeclaredContainer,
  places: Places,
  findings: Findings
): void => {
  const warn = ({ node, path }: Place): void => {
    if (node._tag !== "Scalar" || node.cutAt === undefined) return
    const isEmpty = node.text === ""
    const span = { start: node.cutAt, end: node.cutAt }
    findings.warning(span, (position) => new ValueCutByComment({ ...position, path, isEmpty }))
  }
  for (const variable of env) warn(places.of(variable, "value"))
  for (const index of command.keys()) warn(places.of(command, index))
  for (const index of args.keys()) warn(places.of(args, index))
}
