import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { EngineRestartPolicy } from "../vm/engine/ContainerSpec.ts"
import type { ContainerInspection, ContainerSummary } from "../vm/engine/Inspection.ts"
import { isActive } from "./Observation.ts"
import { mayEnd } from "../vm/engine/ContainerSpec.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"

/** Says that a container is ours, and holds the workload's hash: see `workloadHash`. */
export const workloadLabel = "slipway.workload"
/** Holds the manifest digest that the image reference stood for when the container was created. */
export const digestLabel = "slipway.image-digest"

/** The container's name in the declaration, where it has one. */
export const containerLabel = "slipway.container"
/** What a container is for, where it is not one of the workload's own containers. */
export const roleLabel = "slipway.role"
/** Names the versions of Secret Manager's secrets that the container was created with. */
export const secretsLabel = "slipway.secrets"
/** The runtime that was declared for the container: an engine tells its default the same way. Absent: none was. */
export const runtimeLabel = "slipway.runtime"
/** Identifies the images that the container has mounted: see `volumeImagesText`. */
export const volumeImagesLabel = "slipway.volume-images"
/** Says that a network is ours. */
export const networkLabel = "slipway.network"
/** Identifies the sandbox and the init containers that came before the container: see `restsOn`. */
export const restsOnLabel = "slipway.rests-on"

/**
 * What a container is for: to hold the network that the others share, to be run to its end before the others start, to run
 * beside them, or to be one of them.
 */
export type Role = "sandbox" | "init" | "sidecar" | "main"

/** By its label; one of konlet's, or of a single container, has none. */
export const roleOf = ({ labels }: Pick<ContainerSummary, "labels">): Role => {
  const role = labels[roleLabel]
  return role === "sandbox" || role === "init" || role === "sidecar" ? role : "main"
}

/**
 * What is started first comes first: by what containers are for. The times of their starts only tell among those that
 * are for the same, as the engine starts all at once when it comes up, and the wall clock by which it tells them may be
 * set back.
 */
export const inStartOrder = (one: Started, other: Started): number =>
  stageOf(one) - stageOf(other) || startOf(one) - startOf(other)

type Started = Pick<ContainerInspection, "labels"> & Partial<Pick<ContainerInspection, "startedAt">>

const stageOf = (container: Started): number => {
  const role = roleOf(container)
  return role === "sandbox" ? 0 : role === "init" || role === "sidecar" ? 1 : 2
}

/** What never started comes first. */
const startOf = ({ startedAt = Option.none() }: Started): number => Option.getOrElse(startedAt, () => 0)

/** An init container that runs outside of a run of ours: the run that had begun it has died. Nothing brings it back. */
export const isUnfinished = (container: Pick<ContainerSummary, "labels" | "status">): boolean =>
  container.labels[roleLabel] === "init" && isActive(container)

/** Labels by which other owners mark their containers: Docker Compose, Swarm and stacks, Kubernetes. */
const foreignLabelPrefixes = ["com.docker.compose.", "com.docker.swarm.", "com.docker.stack.", "io.kubernetes."]

/**
 * Whether a container is ours to stop and remove: it carries our label, or one of the names that konlet owned
 * (`klt-…`, and in its first versions the container's bare name) and no other owner's label.
 */
export const isOurs = (
  container: Pick<ContainerSummary, "labels" | "names">,
  containerNames: ReadonlyArray<string>
): boolean => {
  const labels = Object.keys(container.labels)
  if (labels.includes(workloadLabel)) return true
  if (labels.some((label) => foreignLabelPrefixes.some((prefix) => label.startsWith(prefix)))) return false
  return container.names.some((name) => name.startsWith("klt-") || (name !== "" && containerNames.includes(name)))
}

/**
 * The name under which a container of ours waits, stopped, for its successor to be confirmed. If it ran, the name keeps
 * its restart policy, so that a later run can bring it back if this one dies. If it had come to its end, the name says
 * so, and keeps what tells this boot's names from others': if it is declared again, it is not run again.
 */
export const asideName = (container: ContainerInspection): string =>
  isAside(container) ? container.name : `klt-aside-${asideMark(container)}${container.id.slice(0, 12)}`

const asideMark = (container: ContainerInspection): string => {
  if (isActive(container)) return `${container.restartPolicy.name}-`
  const [letters] = /-[a-z]{4}$/.exec(container.name) ?? []
  return letters !== undefined && hasComeToItsEnd(container) ? `ended${letters}-` : ""
}

/** Whether it has ended as its restart policy allows. */
export const hasComeToItsEnd = ({
  status,
  restartPolicy,
  exitCode
}: Pick<ContainerInspection, "status" | "restartPolicy" | "exitCode">): boolean =>
  status === "exited" && mayEnd(restartPolicy, exitCode)

/** Other names with the same meaning, for when the engine holds the first for something else. */
export const otherAsideNames = (name: string, { id }: Pick<ContainerInspection, "id">): ReadonlyArray<string> =>
  [14, 16, 18, 20].map((length) => `${name}${id.slice(12, length)}`)

/** The restart policy of a container that ran until it was set aside; `none` for all others. */
export const policyBeforeAside = (container: ContainerInspection): Option.Option<EngineRestartPolicy> => {
  const [, name] = asidePattern.exec(container.name) ?? []
  return Option.map(
    Option.fromUndefinedOr(restartPolicyNames.find((known) => known === name)),
    (name): EngineRestartPolicy => ({ name, maximumRetryCount: 0 })
  )
}

/** Whether it had come to its end when it was set aside. */
export const hadEndedBeforeAside = ({ name }: Pick<ContainerInspection, "name">): boolean => endedPattern.test(name)

/** The same of one that had one of these names. */
export const hadEndedAs = (names: ReadonlyArray<string>, { name }: Pick<ContainerInspection, "name">): boolean => {
  const [, letters] = endedPattern.exec(name) ?? []
  return letters !== undefined && names.some((one) => one.endsWith(letters))
}

/** The same name without what was known of it: a container with this name is of no use any more. */
export const nameWithoutMark = (name: string): string =>
  name.replace(asidePattern, "klt-aside-$2").replace(endedPattern, "klt-aside-$2")

/** Set aside, and so of no use to anybody. */
export const isAside = ({ name }: Pick<ContainerInspection, "name">): boolean => name.startsWith("klt-aside-")

const endedPattern = /^klt-aside-ended(-[a-z]{4})-([0-9a-f]+)$/
const asidePattern = /^klt-aside-(no|always|on-failure|unless-stopped)-([0-9a-f]+)$/
const restartPolicyNames = ["no", "always", "on-failure", "unless-stopped"] as const

const letters = "abcdefghijklmnopqrstuvwxyz"

/**
 * `klt-<container name>-<four letters>`: the same throughout one boot of one host. The letters come from a random
 * stream of their own, so that no other draw can change the name.
 */
export const engineName = Effect.fnUntraced(function* (containerName: string) {
  const { seed } = yield* HostRandom
  const draws = Effect.replicateEffect(Random.nextIntBetween(0, letters.length, { halfOpen: true }), 4)
  const indices = yield* draws.pipe(Random.withSeed(`${seed}/name`))
  return `klt-${containerName}-${indices.map((index) => letters[index]).join("")}`
})

/** The engine names in this boot of containers, by what their declaration calls them. */
export const engineNames = (containerNames: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(containerNames, (name) => Effect.map(engineName(name), (first) => [name, first] as const)),
    (named): ReadonlyMap<string, string> => new Map(named)
  )
