import * as Schema from "effect/Schema"

/** `operation` is the engine call, as in "start container"; `detail` the engine's or the system's own words. */
export const engineFields = { operation: Schema.String, detail: Schema.String }
