import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { type DockerError, isEngineAway } from "../vm/engine/DockerError.ts"

/**
 * The engine was out of reach while a plan was applied, as when it restarts: it takes its containers with it, and so what
 * failed meanwhile says nothing of what is declared.
 */
export class EngineWentAway extends Schema.TaggedError<EngineWentAway>()("EngineWentAway", {
  /** What failed. */
  detail: Schema.String
}) {
  get isRetryable() {
    return true
  }
  get advice() {
    return "The next run tries again. Why the engine went away, its own log says: `journalctl --unit docker`."
  }
  override get message() {
    return `the engine went away meanwhile: ${this.detail}`
  }
}

/** What is noted of the calls to an engine. */
export interface Noted {
  /** It was out of reach for one of them. */
  wasAway: boolean
  /** The ids of the jobs that were created. */
  readonly jobs: Array<string>
}

/** Runs what changes containers, and notes whether the engine was out of reach for any of its calls. */
export const notingAway = Effect.fnUntraced(function* <A, E, R>(run: Effect.Effect<A, E, R>, notes: Noted) {
  const docker = yield* DockerClient
  const noted = <B>(call: Effect.Effect<B, DockerError>) =>
    Effect.tapError(call, (error) => Effect.sync(() => void (notes.wasAway ||= isEngineAway(error))))
  return yield* Effect.provideService(
    run,
    DockerClient,
    DockerClient.of({
      ...docker,
      // Whoever gives up waiting for an answer to that could not reach it.
      ping: Effect.onInterrupt(noted(docker.ping), () => Effect.sync(() => void (notes.wasAway = true))),
      listContainers: noted(docker.listContainers),
      inspectContainer: (id) => noted(docker.inspectContainer(id)),
      createContainer: (spec) =>
        Effect.tap(noted(docker.createContainer(spec)), (id) =>
          Effect.sync(() => (spec.restartPolicy.name === "no" ? notes.jobs.push(id) : undefined))
        ),
      startContainer: (id) => noted(docker.startContainer(id)),
      stopContainer: (id, grace) => noted(docker.stopContainer(id, grace)),
      removeContainer: (id) => noted(docker.removeContainer(id)),
      renameContainer: (id, name) => noted(docker.renameContainer(id, name)),
      unpauseContainer: (id) => noted(docker.unpauseContainer(id)),
      lastLogLines: (id, count) => noted(docker.lastLogLines(id, count)),
      updateRestartPolicy: (id, policy) => noted(docker.updateRestartPolicy(id, policy))
    })
  )
})
