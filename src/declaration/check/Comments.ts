import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { position } from "../yaml/Position.ts"

/** A value that ends where a comment begins that was most likely meant as part of it. */
export class ValueCutByComment extends Schema.TaggedClass<ValueCutByComment>()("ValueCutByComment", {
  ...position,
  path: Schema.String,
  /** Nothing precedes the comment. */
  isEmpty: Schema.Boolean
}) {
  get message(): string {
    return this.isEmpty
      ? `${this.path} is empty: a "#" after white space begins a comment`
      : `${this.path} ends before the "#": after white space it begins a comment`
  }
  get advice(): string {
    return 'Quote the whole value if the "#" belongs to it; write "# " if it is a comment.'
  }
}

/**
 * Warns where a value of `env`, `args` or `command` ends at a "#" that most likely belongs to it: `abc #def`. Those who
 * mean a comment write a space after the "#".
 */
export const checkComments = (
  { env, command = [], args = [] }: DeclaredContainer,
  check: Check<never, ValueCutByComment>
): void => {
  const warn = ({ node, path }: Place): void => {
    if (node._tag !== "Scalar" || node.cutAt === undefined) return
    const span = { start: node.cutAt, end: node.cutAt }
    check.warning({ span }, ValueCutByComment, { path, isEmpty: node.text === "" })
  }
  for (const variable of env) warn(check.at(variable, "value"))
  for (const index of command.keys()) warn(check.at(command, index))
  for (const index of args.keys()) warn(check.at(args, index))
}
