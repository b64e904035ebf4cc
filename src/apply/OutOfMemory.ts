import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { sizeText } from "../plan/diskGrowth.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"

/** The kernel has killed a process of a container, for which there was no memory. */
export const OutOfMemory = Schema.Struct({
  /** What the container may use; absent where it has no limit of its own. */
  limitBytes: Schema.optionalKey(Schema.Finite)
})
export type OutOfMemory = typeof OutOfMemory.Type

export const outOfMemory = ({ config: { resources } }: Pick<ContainerInspection, "config">): OutOfMemory =>
  resources?.memory === undefined ? {} : { limitBytes: resources.memory }

/** `it ran out of memory, of which it may use 64 MiB` */
export const outOfMemoryText = ({ limitBytes }: OutOfMemory): string =>
  limitBytes === undefined
    ? "it ran out of memory: it has no limit of its own, and the VM's was used up"
    : `it ran out of memory, of which it may use ${sizeText(limitBytes)}`

export const outOfMemoryAdvice = ({ limitBytes }: OutOfMemory): string =>
  limitBytes === undefined
    ? "Use a larger VM, or limit what the containers may use (`resources.limits.memory`)."
    : "The kernel kills what goes beyond the limit. Raise `resources.limits.memory`, or have the program use less."

/** How long after a container's end the engine may take to tell why. */
const toldWithin = Duration.millis(300)

/**
 * Whether a container that has ended had run out of memory. Ends and what caused them reach the engine on two ways, and
 * where the end is there first, its inspection does not tell: then an event does, a moment later.
 */
export const hasRunOutOfMemory = Effect.fnUntraced(function* (
  { id, hasRunOutOfMemory = false }: ContainerInspection,
  exitCode: Option.Option<number>
) {
  if (hasRunOutOfMemory || !Option.contains(exitCode, killed)) return hasRunOutOfMemory
  const docker = yield* DockerClient
  return yield* docker.containerEvents(id).pipe(
    Stream.filter(({ _tag }) => _tag === "OutOfMemory"),
    Stream.runHead,
    Effect.map(Option.isSome),
    Effect.timeoutOrElse({ duration: toldWithin, orElse: () => Effect.succeed(false) }),
    Effect.orElseSucceed(() => false)
  )
})

/** The exit code of a process that ended by SIGKILL. */
const killed = 137
