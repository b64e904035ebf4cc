import * as Schema from "effect/Schema"
import { secret } from "./annotations.ts"

/** Where a container's output goes, in Compose's words: no field of Kubernetes says it. */
export const LoggingSchema = Schema.Struct({
  driver: Schema.String.annotateKey({
    description:
      "A log driver of the engine, such as `journald` or `gcplogs`; `default` leaves driver and options to the engine's daemon.json. Default: `json-file` with max-size 500m and max-file 3, as with konlet."
  }),
  options: Schema.Record(Schema.String, Schema.String).annotateKey({
    ...secret,
    description: "The driver's options. With `json-file` they replace the defaults one by one."
  })
}).annotate({ title: "a logging" })
