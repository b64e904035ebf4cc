import * as Schema from "effect/Schema"
import { Status, statusVersion } from "./Status.ts"

/** A container of the last run, as the engine has it now. */
export const ContainerNow = Schema.Struct({
  name: Schema.String.annotateKey({ description: "The engine's name for it." }),
  image: Schema.String.annotateKey({ description: "The reference that it was created with." }),
  status: Schema.String.annotateKey({
    description:
      "The engine's word for what it is now; `gone` if it is not there any more, `unknown` if it did not say."
  }),
  since: Schema.NullOr(Schema.DateTimeUtcFromString).annotateKey({ description: "When it was last started." }),
  restarts: Schema.NullOr(Schema.Int).annotateKey({ description: "How often the engine has restarted it." }),
  health: Schema.NullOr(Schema.Literals(["starting", "healthy", "unhealthy"])).annotateKey({
    description: "What its image's health check says now."
  }),
  problem: Schema.NullOr(Schema.String).annotateKey({
    description: "What is not as it should be; null if nothing is, or that is not known."
  })
})
export type ContainerNow = typeof ContainerNow.Type

/** What is known of the process of a run that had not ended when it wrote last. */
export const runStates = ["under way", "dead", "unknown"] as const
export type RunState = (typeof runStates)[number]

export const verdicts = ["as declared", "not as declared", "unknown"] as const

/** What `slipway status` says: what the last run left, and what of it is still so. */
export const StatusNow = Schema.Struct({
  version: Schema.Literal(statusVersion).annotateKey({
    description: "Of this shape. Keys may be added without a new one."
  }),
  verdict: Schema.Literals(verdicts).annotateKey({
    description:
      "`unknown` where no run has ended in this boot, the last that has could not write its status or, having failed, not see what runs, or the engine does not answer."
  }),
  reasons: Schema.Array(Schema.String).annotateKey({ description: "Why not, or why that is not known." }),
  run: Schema.NullOr(Schema.Literals(runStates)).annotateKey({
    description:
      "Of `status.underWay`: `dead` if its process has died before it had ended, `unknown` if that cannot be told from here; null if there is none."
  }),
  containers: Schema.Array(ContainerNow).annotateKey({
    description: "The containers of `status.running`, as they are now."
  }),
  status: Schema.NullOr(Status).annotateKey({ description: "What is in `status.json`; null if there is none." })
})
export type StatusNow = typeof StatusNow.Type
