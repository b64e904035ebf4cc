import * as Effect from "effect/Effect"
import { allContainers, type Workload } from "../workload/Workload.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { Gpus } from "../vm/host/Gpus.ts"
import { attempt } from "../timing/Retries.ts"

/**
 * What the engine tells of its machine, asked only where the workload has something that depends on it: it is one more call,
 * and most containers do without.
 */
export const observeEngineFacts = Effect.fnUntraced(function* (workload: Workload) {
  if (!allContainers(workload).some(({ resources }) => resources !== undefined)) return {}
  const docker = yield* DockerClient
  const engineFacts = yield* docker.facts.pipe(attempt("INSPECT", "ask the engine for its machine"))
  return { engineFacts }
})

/** NVIDIA's GPUs of the host, looked for only where a container is to have one. */
export const observeGpus = Effect.fnUntraced(function* (workload: Workload) {
  if (!allContainers(workload).some(({ resources }) => (resources?.limits.gpus ?? 0) > 0)) return {}
  const { observe } = yield* Gpus
  const gpus = yield* observe.pipe(attempt("INSPECT", "look for the host's GPUs"))
  return { gpus }
})
