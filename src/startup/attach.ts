import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { mayEnd } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { LogChunk } from "../vm/engine/LogFrames.ts"
import { outOfMemory, outOfMemoryText } from "../apply/OutOfMemory.ts"
import { tell } from "../progress/Progress.ts"
import { attempt } from "../timing/Retries.ts"

/** Between two looks at a container that the engine should restart. */
const pause = Duration.millis(200)

/** How long a container may take to restart if its policy wants it to. */
const startAgainWithin = Duration.seconds(2)

/**
 * Passes a container's output on until it has ended and its restart policy will not restart it, or it has been removed;
 * gives its exit code, 137 if it was removed. Fails with `DockerError` or `OperationTimeout`.
 */
export const attach = Effect.fn("attach")(function* (name: string, write: (chunk: LogChunk) => Effect.Effect<void>) {
  const docker = yield* DockerClient
  const inspect = (idOrName: string) =>
    docker.inspectContainer(idOrName).pipe(attempt("INSPECT", `inspect container ${name}`))
  const attached = yield* inspect(name)
  if (Option.isNone(attached)) return 137
  // Somebody may rename it meanwhile.
  const { id } = attached.value
  let seen = 0
  let restartsAtEnd: number | undefined
  for (;;) {
    // After a restart the log is read from its start again: skip what has been passed on.
    let offset = 0
    yield* docker.followLogs(id).pipe(
      Stream.runForEach((chunk) => {
        const { channel, bytes } = chunk
        const fresh = bytes.subarray(Math.min(bytes.length, Math.max(0, seen - offset)))
        offset += bytes.length
        return fresh.length === 0 ? Effect.void : write({ channel, bytes: fresh })
      }),
      Effect.catchReasons("DockerError", {
        NotFound: () => Effect.void,
        // Nothing of it can be passed on; its end can be waited for.
        LogUnreadable: () => Effect.ignore(docker.awaitEnd(id))
      })
    )
    seen = Math.max(seen, offset)
    const found = yield* inspect(id)
    if (Option.isNone(found)) return 137
    const { status, exitCode, restartPolicy, restartCount } = found.value
    if (status !== "exited" && status !== "dead") {
      yield* Effect.sleep(pause)
      continue
    }
    // Between restarts Docker says "restarting", Podman "exited".
    if (status === "dead" || mayEnd(restartPolicy, exitCode) || restartsAtEnd === restartCount) {
      if (found.value.hasRunOutOfMemory === true) {
        yield* tell({ _tag: "Warning", text: `${name} has ended: ${outOfMemoryText(outOfMemory(found.value))}` })
      }
      return exitCode
    }
    restartsAtEnd = restartCount
    yield* Effect.sleep(startAgainWithin)
  }
})
