import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ImagePullPolicy } from "../workload/ImagePullPolicy.ts"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import { allContainers, containerNames, type Workload } from "../workload/Workload.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { DockerError, NotFound } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { Firewall, type FirewallObservation } from "../vm/firewall/Firewall.ts"
import { MountFailed, Mounts } from "../vm/storage/Mounts.ts"
import type { OperationTimeout } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { engineLimits } from "./engineLimits.ts"
import {
  asHeld,
  type ImageObservation,
  isActive,
  type LeftContainer,
  type Observation,
  type WantedDigest
} from "./Observation.ts"
import { observeContainers, observeImageConfigs } from "./observeContainers.ts"
import { observeEngineFacts, observeGpus } from "./observeEngineFacts.ts"
import { observeProfiles } from "./observeSecurity.ts"
import { observeListening } from "./observePorts.ts"
import { readRecord } from "./ContainerRecord.ts"
import { bootNames } from "./bootNames.ts"
import { networkLabel, roleLabel } from "./Ownership.ts"
import { supervised } from "./Supervision.ts"
import { observeVolumes, tellBinds } from "./observeVolumes.ts"
import { measureMounted, observeDisks } from "./observeDisks.ts"
import type { DeclarationOrigin } from "./DeclarationOrigin.ts"
import { tell } from "../progress/Progress.ts"
import { type AccessError, isRefusedByRegistry, type RegistryAccess } from "./RegistryAccess.ts"

/** Waits for the engine to answer, once for all who await it, and says what it lacks. */
export const makeReached = Effect.gen(function* () {
  const docker = yield* DockerClient
  return yield* docker.ping.pipe(
    attempt("PING", "reach the engine"),
    Effect.tap((product) =>
      Option.match(engineLimits(product), {
        onNone: () => Effect.void,
        onSome: (text) => tell({ _tag: "Notice", text })
      })
    ),
    Effect.cached
  )
})

/** The engine's answer, waited for once. */
export type Reached = Effect.Success<typeof makeReached>

/** What is known of the workload's images, by `pullReference`. */
export type ImageObservations = ReadonlyMap<string, ImageObservation>

export interface ObserveOptions<E, R> {
  readonly workload: Workload
  /** The first engine name of each container in this boot. */
  readonly names: ReadonlyMap<string, string>
  readonly origin: DeclarationOrigin
  readonly settings: { readonly mountRoot: string; readonly openIptables: string }
  readonly reached: Reached
  /** Waits for the engine itself. */
  readonly images: Effect.Effect<ImageObservations, E, R>
  /** What the last run of this boot left, as far as it is known. */
  readonly left: Effect.Effect<ReadonlyArray<LeftContainer>>
}

/** Reads the VM's state, all of it concurrently, changing nothing. */
export const observe = Effect.fn("observe")(function* <E, R>({
  workload,
  names: engineNames,
  origin,
  settings,
  reached,
  images: askedFor,
  left: readLeft
}: ObserveOptions<E, R>) {
  const mounts = yield* Mounts
  const names = containerNames(workload)
  const endsItself = new Set(workload.initContainers.flatMap((one) => (one.isSidecar ? [] : [one.name])))
  const contained = yield* Effect.cached(Effect.andThen(reached, observeContainers(names)))
  const mountRootLeadsTo = yield* Effect.cached(resolveMountRoot(settings.mountRoot))
  const hasPorts = allContainers(workload).some(({ ports }) => ports.length > 0)
  const [
    engine,
    { containers, lost, foreignNames, foreignPorts },
    images,
    mountRoot,
    table,
    volumes,
    { attached, disks },
    firewall,
    networks,
    listening,
    engineFacts,
    gpus,
    unready,
    unhooked,
    stopped,
    restarting,
    { waiting, starting },
    left,
    profiles
  ] = yield* Effect.all(
    [
      reached,
      contained,
      askedFor,
      mountRootLeadsTo,
      mounts.table.pipe(attempt("LIST", "read the mount table")),
      Effect.flatMap(mountRootLeadsTo, (mountRoot) => observeVolumes(workload, mountRoot)),
      observeDisks(
        workload.volumes.filter((volume) => volume._tag === "Disk"),
        origin
      ),
      // Spawning a process blocks this one for milliseconds: ask the engine and the registry first.
      Effect.andThen(contained, observeFirewall(settings.openIptables !== "no")),
      workload.network._tag === "Host" ? Effect.succeed([]) : Effect.andThen(reached, observeNetworks),
      hasPorts ? observeListening : Effect.succeed([]),
      Effect.andThen(reached, observeEngineFacts(workload)),
      observeGpus(workload),
      allContainers(workload).some(({ probes }) => probes !== undefined) ? readRecord("unready") : Effect.succeed([]),
      allContainers(workload).some(({ lifecycle }) => lifecycle?.postStart !== undefined)
        ? readRecord("unhooked")
        : Effect.succeed([]),
      Effect.flatMap(contained, ({ containers }) => readStopped(containers)),
      Effect.flatMap(contained, ({ containers }) => readRestarting(containers)),
      supervised,
      // As a rule all that is declared is there.
      Effect.flatMap(contained, ({ containers }) =>
        [...engineNames].every(([name, first]) => endsItself.has(name) || isThere(containers, first))
          ? Effect.succeed([])
          : readLeft
      ),
      observeProfiles(workload)
    ],
    { concurrency: "unbounded" }
  )
  const observation: Observation = {
    wallMillis: DateTime.toEpochMillis(yield* DateTime.now),
    containers,
    lost,
    foreignNames,
    unusableNames: [],
    images,
    imageConfigs: yield* observeImageConfigs(containers, images),
    mountRoot,
    mounts: yield* tellBinds(table, mountRoot),
    volumes: { ...volumes, engine },
    attached,
    disks: yield* measureMounted(disks, table),
    firewall,
    networks,
    takenPorts: hasPorts ? [...foreignPorts, ...listening] : [],
    ...engineFacts,
    ...gpus,
    unready: unready.filter((id) => !starting.includes(id)),
    unhooked: unhooked.filter((id) => !starting.includes(id)),
    stopped,
    restarting,
    waiting,
    left,
    ...profiles
  }
  return observation
})

/** Whether one of them has a name that this boot's container has. */
const isThere = (containers: ReadonlyArray<ContainerInspection>, first: string): boolean =>
  containers.some(({ name }) => name === first) ||
  containers.some(({ name }) => name.startsWith("klt-") && bootNames(first).includes(name))

/** Whatever `down` has stopped does not run, or has no restart policy any more: as a rule there is nothing to read. */
export const readStopped = (containers: ReadonlyArray<ContainerInspection>) =>
  containers.some(
    ({ status, restartPolicy, labels }) =>
      (status !== "running" || restartPolicy.name === "no") && labels[roleLabel] !== "init"
  )
    ? readRecord("stopped")
    : Effect.succeed([])

/** Only what has ended can be one of them. */
export const readRestarting = (containers: ReadonlyArray<ContainerInspection>) => {
  const ended = containers.filter((container) => !isActive(container) && container.labels[roleLabel] !== "init")
  return ended.length === 0
    ? Effect.succeed([])
    : Effect.map(readRecord("restarting"), (ids) => ids.filter((id) => ended.some((one) => one.id === id)))
}

export const observeNetworks = Effect.gen(function* () {
  const docker = yield* DockerClient
  const found = yield* docker.listNetworks(networkLabel).pipe(attempt("LIST", "list networks"))
  return found.map(({ name }) => name)
})

export const resolveMountRoot = Effect.fnUntraced(function* (setting: string) {
  const mounts = yield* Mounts
  const mountRoot = yield* mounts.resolve(setting).pipe(attempt("LIST", `see where ${setting} leads`))
  if (mountRoot !== "/") return mountRoot
  const detail = "it leads to the host's root, which nothing can be mounted over"
  return yield* new MountFailed({ operation: "resolve", target: setting, detail })
})

/** What the engine holds under a reference, and what the registry has for it now, as far as it may be asked. */
export const observeImage = Effect.fn("observeImage")(function* (
  image: ImageReference,
  registry: RegistryAccess,
  policy: ImagePullPolicy
) {
  const docker = yield* DockerClient
  const reference = pullReference(image)
  const inspected = yield* Effect.cached(
    docker.inspectImage(image).pipe(attempt("INSPECT", `inspect image ${reference}`))
  )
  if (policy !== "Always" && image.digest === undefined) {
    const local = yield* inspected
    if (Option.isSome(local)) return asHeld(local.value)
    if (policy === "Never") {
      const observation: ImageObservation = { local, wanted: { _tag: "Unknown", cause: "it is never to be pulled" } }
      return observation
    }
  }
  yield* registry.ready
  const resolve = registry.ask((credentials) =>
    docker.resolveDigest(image, credentials).pipe(attempt("INSPECT", `ask the registry for ${reference}`))
  )
  const [local, wanted] = yield* Effect.all(
    [
      inspected,
      image.digest !== undefined
        ? Effect.succeed<WantedDigest>({ _tag: "Known", digest: image.digest })
        : resolve.pipe(
            Effect.map(
              Option.match({
                onNone: (): WantedDigest => ({ _tag: "Unknown", cause: "the engine cannot ask registries" }),
                onSome: (digest): WantedDigest => ({ _tag: "Known", digest })
              })
            ),
            // Not fatal: the pull that follows either succeeds or fails with a better message.
            Effect.catch((error) => Effect.succeed(unknownFor(error)))
          )
    ],
    { concurrency: "unbounded" }
  )
  const observation: ImageObservation = { local, wanted }
  return observation
})

const unknownFor = (error: DockerError | AccessError | OperationTimeout): WantedDigest => ({
  _tag: "Unknown",
  cause: error.message,
  ...(isRefusedByRegistry(error) ? { refusal: error } : {})
})

/** The image that was just pulled under a reference, which the engine knows by now. */
export const observeHeld = Effect.fn("observeHeld")(function* (image: ImageReference) {
  const docker = yield* DockerClient
  const operation = `inspect image ${pullReference(image)}`
  const held = yield* docker.inspectImage(image).pipe(attempt("INSPECT", operation))
  if (Option.isSome(held)) return asHeld(held.value)
  const detail = "it was pulled, but the engine does not hold it any more"
  return yield* new DockerError({ reason: new NotFound({ operation, detail }) })
})

const observeFirewall = Effect.fnUntraced(function* (open: boolean) {
  const firewall = yield* Firewall
  const unavailable: FirewallObservation = { ipv4: "Unavailable", ipv6: "Unavailable" }
  return yield* firewall.observe.pipe(
    attempt("INSPECT", "inspect the firewall"),
    // Without rules to add, a firewall that cannot be read does not matter.
    (observed) => (open ? observed : Effect.orElseSucceed(observed, () => unavailable))
  )
})
