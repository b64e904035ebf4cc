import * as Effect from "effect/Effect"
import { allContainers, type Container, type Workload } from "../workload/Workload.ts"
import type { EngineFacts } from "../vm/engine/EngineFacts.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { Gpus } from "../vm/host/Gpus.ts"
import { needsSecurityFacts } from "./observeSecurity.ts"
import { attempt } from "../timing/Retries.ts"

/**
 * What the engine tells of its machine, asked only where the workload has something that depends on it: it is one more
 * call, and most containers do without.
 */
export const observeEngineFacts = Effect.fnUntraced(function* (workload: Workload) {
  const containers = allContainers(workload)
  const drivers = containers.flatMap((container) => ownDriver(container) ?? [])
  const hasResources = containers.some(({ resources }) => resources !== undefined)
  const hasRuntime = workload.runtime !== undefined
  if (drivers.length === 0 && !hasResources && !hasRuntime && !needsSecurityFacts(workload)) return {}
  const docker = yield* DockerClient
  const facts = yield* docker.facts.pipe(attempt("INSPECT", "ask the engine for its machine"))
  if (drivers.every((driver) => facts.logDrivers.includes(driver))) return { engineFacts: facts }
  const plugins = yield* docker.logPlugins.pipe(attempt("INSPECT", "ask the engine for its log plugins"))
  const engineFacts: EngineFacts = { ...facts, logDrivers: [...facts.logDrivers, ...plugins] }
  return { engineFacts }
})

/** The log driver that a container names, if an engine may lack it. */
export const ownDriver = ({ logging }: Pick<Container, "logging">): string | undefined =>
  logging === undefined || everywhere.has(logging.driver) ? undefined : logging.driver

/** Podman has another word for json-file, and no engine lists `none`. */
const everywhere: ReadonlySet<string> = new Set(["default", "json-file", "none"])

/** NVIDIA's GPUs of the host, looked for only where a container is to have one. */
export const observeGpus = Effect.fnUntraced(function* (workload: Workload) {
  if (!allContainers(workload).some(({ resources }) => (resources?.limits.gpus ?? 0) > 0)) return {}
  const { observe } = yield* Gpus
  const gpus = yield* observe.pipe(attempt("INSPECT", "look for the host's GPUs"))
  return { gpus }
})
