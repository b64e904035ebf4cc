import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

/** Fields of every violation: its position, and the name of the policy's file. */
export const violated = { ...position, policy: Schema.String }

/** Enough for a message; the policy lists them all. */
const maximumNamed = 5

export const anyOf = (allowed: ReadonlyArray<string>): string => {
  const named = allowed.slice(0, maximumNamed)
  const last = allowed.length > maximumNamed ? "another of the policy's" : named.pop()
  return named.length === 0 ? `${last}` : `${named.join(", ")} or ${last}`
}
