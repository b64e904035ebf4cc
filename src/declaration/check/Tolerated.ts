import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

/** What would be a problem elsewhere, and is none under konlet's key, because konlet took it as it was written. */
export class Tolerated extends Schema.TaggedClass<Tolerated>()("Tolerated", {
  ...position,
  /** The problem's tag. */
  problem: Schema.String,
  message: Schema.String,
  advice: Schema.String
}) {}
