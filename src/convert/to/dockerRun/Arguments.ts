import { known, type Text } from "../../known/Text.ts"

/** A flag with its value, or a word. */
export interface Argument {
  readonly flag?: string
  readonly value?: Text
}

/** `--flag` */
export const bare = (flag: string): Argument => ({ flag })

/** `--flag VALUE` */
export const flagged = (flag: string, value: string | Text): Argument => ({
  flag,
  value: typeof value === "string" ? known(value) : value
})

/** The flag where there is a value. */
export const ifGiven = (flag: string, value: string | number | undefined): ReadonlyArray<Argument> =>
  value === undefined ? [] : [flagged(flag, String(value))]

export const word = (value: string | Text): Argument => ({ value: typeof value === "string" ? known(value) : value })
