import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { containerLabel, digestLabel, roleOf } from "../observation/Ownership.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"

/** What an agent has done for a container whose probes failed. */
export const ProbeRestarts = Schema.Struct({
  count: Schema.Int.annotateKey({
    description: "How often an agent has stopped it for a probe that failed, and started it again if its policy has it."
  }),
  last: Schema.DateTimeUtcFromString.annotateKey({ description: "When the last time was, by the VM's wall clock." }),
  reason: Schema.String.annotateKey({ description: "Which probe failed then, how often, and what it found at last." }),
  nextStart: Schema.NullOr(Schema.DateTimeUtcFromString).annotateKey({
    description: "When it is started again, if it is stopped until then; null otherwise."
  })
})
export type ProbeRestarts = typeof ProbeRestarts.Type

/** A container as a run left it. */
export const RecordedContainer = Schema.Struct({
  name: Schema.String.annotateKey({ description: "The engine's name for it." }),
  container: Schema.NullOr(Schema.String).annotateKey({
    description: "Its name in the declaration; null if it is konlet's, or the declaration names none."
  }),
  role: Schema.Literals(["main", "sidecar", "init", "sandbox"]).annotateKey({ description: "What it is for." }),
  id: Schema.String.annotateKey({ description: "The engine's id of it." }),
  image: Schema.String.annotateKey({ description: "The reference that it was created with." }),
  imageId: Schema.String.annotateKey({ description: "The engine's id of its image." }),
  digest: Schema.NullOr(Schema.String).annotateKey({
    description: "The manifest digest that the reference stood for when it was created; null if no registry said."
  }),
  status: Schema.String.annotateKey({
    description: "The engine's word: `running`, `exited`, `restarting`, `paused`, `created`, `removing` or `dead`."
  }),
  exitCode: Schema.NullOr(Schema.Int).annotateKey({ description: "Of one that has ended; null otherwise." }),
  since: Schema.NullOr(Schema.DateTimeUtcFromString).annotateKey({
    description: "When it was last started, by the VM's wall clock; null if never."
  }),
  restarts: Schema.Int.annotateKey({ description: "How often the engine has restarted it by itself." }),
  restartPolicy: Schema.optionalKey(Schema.Literals(["no", "always", "on-failure", "unless-stopped"])).annotateKey({
    description: "The engine's name for its restart policy; absent where an older version wrote this."
  }),
  health: Schema.NullOr(Schema.Literals(["starting", "healthy", "unhealthy"])).annotateKey({
    description: "What its image's health check says; null if it has none."
  }),
  ready: Schema.NullOr(Schema.Boolean).annotateKey({
    description:
      "Whether its `readinessProbe` succeeds, which `slipway agent` goes on asking; without an agent, whether it has succeeded since it was started. Null if that is not known."
  }),
  probeRestarts: Schema.optionalKey(ProbeRestarts).annotateKey({
    description: "Restarts for its `livenessProbe` or `startupProbe`; absent if there was none."
  })
})
export type RecordedContainer = typeof RecordedContainer.Type

/** `isReady` is undefined where no run has seen that. */
export const recordedContainer = (found: ContainerInspection, isReady?: boolean): RecordedContainer => ({
  name: found.name,
  container: found.labels[containerLabel] || null,
  role: roleOf(found),
  id: found.id,
  image: found.image,
  imageId: found.imageId,
  digest: found.labels[digestLabel] || null,
  status: found.status,
  exitCode: found.status === "exited" ? found.exitCode : null,
  since: Option.getOrNull(Option.map(found.startedAt, DateTime.makeUnsafe)),
  restarts: found.restartCount,
  restartPolicy: found.restartPolicy.name,
  health: Option.getOrNull(found.health),
  ready: isReady ?? null
})
