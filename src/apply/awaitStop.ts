import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { tell } from "../progress/Progress.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"

/** How long the engine takes at most to kill a container after its grace period. */
const killLimit = Duration.seconds(30)

/** How long a request may be on its way to the engine after whoever made it has died. */
const onItsWay = Duration.seconds(5)

/**
 * Waits for the end of a container that may be stopping, for which it runs with restart policy `no`: it is given that
 * just before it is stopped. A stop cannot be cancelled, and a start does nothing until the container has ended. An
 * inspection does not tell that a container is being stopped. If its events show that nobody has asked for that, it is
 * not waited for, and goes on; where they do not, as it may run on all the same, no longer than a stop can take.
 */
export const awaitStop = Effect.fnUntraced(function* (
  container: Pick<ContainerInspection, "id" | "name" | "config">,
  grace: Duration.Duration
) {
  const docker = yield* DockerClient
  const limit = Duration.sum(grace, killLimit)
  yield* tell({ _tag: "Waiting", text: `${container.name} may be stopping; it is started when it has ended` })
  const ended = docker
    .awaitEnd(container.id)
    .pipe(Effect.retry(Schedule.spaced("1 second")), Effect.timeoutOption(limit), Effect.asVoid)
  yield* Effect.raceFirst(ended, untilSeenToRunOn(container))
})

/**
 * Ends once it is clear that nobody has asked the engine to stop the container: since its restart policy was changed it
 * has been sent no signal. That is never clear where the engine has forgotten the change (it keeps 256 events), of
 * Podman, which tells no signal, nor where a preStop hook may have begun, after which a program ends by itself.
 */
const untilSeenToRunOn = Effect.fnUntraced(
  function* ({ id, config: { hooks } }: Pick<ContainerInspection, "id" | "config">) {
    const docker = yield* DockerClient
    const { name: product } = yield* docker.ping
    if (product !== "Docker" || hooks?.preStop !== undefined) return yield* Effect.never
    let runsOn = false
    yield* docker.containerEvents(id).pipe(
      Stream.runForEach(({ _tag }) =>
        Effect.sync(() => {
          if (_tag === "Updated") runsOn = true
          if (_tag === "Signalled") runsOn = false
        })
      ),
      Effect.timeoutOption(onItsWay)
    )
    if (!runsOn) return yield* Effect.never
  },
  Effect.catch(() => Effect.never)
)
