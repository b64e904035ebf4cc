import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { position } from "../yaml/Position.ts"

/** A command is a single word with white space in it, probably a whole command line. */
export class CommandContainsWhiteSpace extends Schema.TaggedClass<CommandContainsWhiteSpace>()(
  "CommandContainsWhiteSpace",
  {
    ...position,
    /** How many words white space separates. */
    words: Schema.Int
  }
) {
  get message(): string {
    return "the container's command is one word that contains white space; no shell will split it"
  }
  get advice(): string {
    return this.words > 1
      ? "Pass arguments separately: each as an item of its own; with gcloud, each in a --container-arg; in the Cloud " +
          'Console, each in a field of its own below "Command and arguments" in "Advanced container options".'
      : "Is there leading or trailing white space by mistake?"
  }
}

/** Warns of a program with white space in its name: most likely it was expected to be split. */
export const checkCommand = (
  { command = [] }: DeclaredContainer,
  check: Check<never, CommandContainsWhiteSpace>
): void => {
  const [word, second] = command
  if (word === undefined || second !== undefined || !/\s/.test(word)) return
  const words = word.split(/\s+/).filter((part) => part !== "").length
  check.warning(check.at(command, 0), CommandContainsWhiteSpace, { words })
}
