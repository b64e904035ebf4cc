import * as Schema from "effect/Schema"

/** Where in a declaration something was found: fields that every problem and every warning has. */
export const position = {
  /** The file's name, or what else the declaration was read from. */
  file: Schema.String,
  /** From 1. */
  line: Schema.Int,
  /** From 1, in UTF-16 units, as editors count. */
  column: Schema.Int,
  /**
   * The line with its number, and below it carets under the place. Comments are left out and long lines are shortened;
   * what may be a secret (values of `env`, `args`, `command` and of unknown keys) is replaced by `…`. Empty where the
   * text cannot be shown at all.
   */
  excerpt: Schema.String
}

export type Position = Schema.Struct.Type<typeof position>
