import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

/** A problem that is only a warning under konlet's key, because konlet accepted it. */
export class Tolerated extends Schema.TaggedClass<Tolerated>()("Tolerated", {
  ...position,
  /** The problem's tag. */
  problem: Schema.String,
  message: Schema.String,
  advice: Schema.String
}) {}
