import * as Schema from "effect/Schema"
import { notNegative } from "./limits.ts"
import { alternative } from "./annotations.ts"
import { signals } from "../check/signals.ts"
import { Exec, HttpGet } from "./HandlerSchema.ts"

const Sleep = Schema.Struct({
  seconds: Schema.Int.annotateKey({ limits: notNegative, description: "At most the grace period; 0 if left out." })
}).annotate({ title: "a sleep" })

const Hook = Schema.Struct({
  exec: Schema.optionalKey(Exec).annotateKey({ ...alternative, description: "Runs a command in the container." }),
  httpGet: Schema.optionalKey(HttpGet).annotateKey({
    ...alternative,
    description: "A GET from the host. As in Kubernetes, any answer is success, whatever its status."
  }),
  sleep: Schema.optionalKey(Sleep).annotateKey({ ...alternative, description: "Waits." })
}).annotate({ title: "a hook" })

export const LifecycleSchema = Schema.Struct({
  postStart: Schema.optionalKey(Hook).annotateKey({
    description:
      "Run right after each start by `up`, before the container counts as up. If it fails, so does the start, as after `SLIPWAY_INIT_TIMEOUT` (30 minutes). The engine's own restarts do not run it."
  }),
  preStop: Schema.optionalKey(Hook).annotateKey({
    description:
      "Run before `up` stops the container, within the grace period; two seconds are left for the stop itself. If it fails, the container is stopped all the same."
  }),
  stopSignal: Schema.String.annotateKey({
    values: ["", ...signals],
    description: "Replaces the image's STOPSIGNAL (SIGTERM if it has none). Unlike in Kubernetes it needs no `os.name`."
  })
}).annotate({ title: "a lifecycle" })
