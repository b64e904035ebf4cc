import * as Schema from "effect/Schema"

/** Where something was found: fields of every problem and every warning. */
export const position = {
  /** The name of the file, or of another source such as `metadata:<key>`. */
  file: Schema.String,
  /** From 1. */
  line: Schema.Int,
  /** From 1, in UTF-16 units, as editors count. */
  column: Schema.Int,
  /**
   * The numbered line, with carets below the place. Comments are left out, long lines are shortened, and what may be a
   * secret (values of `env`, `args`, `command` and unknown keys) is replaced by `…`. Empty if nothing can be shown.
   */
  excerpt: Schema.String
}

export type Position = Schema.Struct.Type<typeof position>
