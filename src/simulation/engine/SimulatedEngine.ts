import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type ImageReference, parseImageReference, pullReference } from "../../workload/ImageReference.ts"
import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../../vm/engine/DockerClient.ts"
import type { EngineProduct } from "../../vm/engine/EngineProduct.ts"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import { engineFailure, registryFailure } from "../../vm/engine/EngineFailure.ts"
import type { EngineCall } from "../CallName.ts"
import type { Calls, Received } from "../Calls.ts"
import { wallMillis } from "../host/SimulatedClock.ts"
import { type MountSeen, SimulatedContainer } from "./SimulatedContainer.ts"
import type { SimulatedFiles } from "../host/SimulatedFiles.ts"
import { SimulatedImages } from "./SimulatedImages.ts"
import { layersLost, markedForRemoval, unremovable, unrenamable, unstoppable } from "./stuckContainer.ts"
import { pullProgress } from "./simulatedPull.ts"
import type { SimulatedNetwork } from "../network/SimulatedNetwork.ts"
import { hexOf, type SimulatedImage } from "../network/SimulatedRegistry.ts"
import type { VmDescription } from "../VmDescription.ts"

/** The simulated VM's Docker engine. */
export interface SimulatedEngine {
  readonly containers: ReadonlyArray<SimulatedContainer>
  /** By `domain/path:tag`. */
  readonly images: ReadonlyMap<string, SimulatedImage>
  readonly client: DockerClient["Service"]
  /** Puts an image there without a pull. */
  readonly load: (reference: string, image: SimulatedImage) => void
  /** Puts a container there without a call. */
  readonly place: (spec: ContainerSpec, running: boolean) => Effect.Effect<SimulatedContainer>
  /** Until it goes down it holds the name for a container that it lists no more. */
  readonly holdName: (name: string) => void
  /** The machine went down, or the engine: no process is left. */
  readonly halt: Effect.Effect<void>
  /** It comes up again, and starts what its restart policy says, as far as that can be started. */
  readonly resume: Effect.Effect<void>
}

export const makeSimulatedEngine = (options: {
  readonly calls: Calls
  readonly files: SimulatedFiles
  readonly network: SimulatedNetwork
  readonly seed: string
  readonly bytesPerSecond: number
  readonly product: EngineProduct["name"]
  readonly imageStore: VmDescription["imageStore"]
}): SimulatedEngine => {
  const { calls, files, network, product } = options
  let containers: ReadonlyArray<SimulatedContainer> = []
  const images = new SimulatedImages(options.imageStore)
  const heldNames = new Map<string, string>()
  let isUp = true
  let made = 0
  // Whoever waits for an event is woken by whatever changes.
  let changed = Deferred.makeUnsafe<void>()
  const wake = Effect.suspend(() => {
    const waiting = changed
    changed = Deferred.makeUnsafe<void>()
    return Deferred.succeed(waiting, undefined)
  })

  const settled = Effect.map(Effect.all([calls.now, wallMillis]), ([now, wall]) => {
    for (const container of containers) container.settle(now, wall)
    return now
  })

  /**
   * What is there of a container already, one by one, and then what comes: `next` is told how many it has given, and
   * says `none` at the end.
   */
  const following = <A>(
    container: SimulatedContainer,
    next: (read: number) => Option.Option<A> | "wait"
  ): Stream.Stream<A> => {
    let read = 0
    const step = Effect.gen(function* () {
      for (;;) {
        const now = yield* settled
        const found = next(read)
        if (found !== "wait") return Option.map(found, (value) => (read++, value))
        const wait = container.nextAt === undefined ? Duration.infinity : Duration.millis(container.nextAt - now)
        yield* Effect.timeoutOption(Deferred.await(changed), wait)
      }
    })
    return Stream.fromEffectRepeat(step).pipe(
      Stream.takeWhile(Option.isSome),
      Stream.map(({ value }) => value)
    )
  }

  const receive = <A>(
    operation: EngineCall,
    subject: string,
    latencyMillis: number,
    answer: Effect.Effect<A, DockerError>,
    {
      image,
      onFailure = () => {},
      ...options
    }: Pick<Received<DockerError>, "half" | "outlivesCaller"> & {
      readonly image?: string
      readonly onFailure?: () => void
    } = {}
  ) => {
    const called = `${operation} ${subject}`.trim()
    return calls.receive(
      {
        name: `docker ${operation}`,
        subject,
        latencyMillis,
        failure: ({ says, statusCode = 500 } = { says: "a fault" }) => {
          onFailure()
          return engineFailure(called, address, { statusCode, code: undefined, message: says }, image)
        },
        ...options
      },
      Effect.suspend(() =>
        isUp
          ? Effect.andThen(settled, answer)
          : Effect.fail(engineFailure(called, address, { statusCode: undefined, code: "ECONNREFUSED", message: "" }))
      )
    )
  }

  /** The engine says no, in its own words. */
  const refused = (operation: string, statusCode: number, message: string) =>
    Effect.fail(engineFailure(operation, address, { statusCode, code: undefined, message }))

  /** What changes a container goes on although its caller has hung up. */
  const change = <A>(
    operation: EngineCall,
    subject: string,
    millis: number,
    answer: Effect.Effect<A, DockerError>,
    half: Effect.Effect<void> = Effect.void
  ) => receive(operation, subject, millis, answer, { half, outlivesCaller: true })

  const find = (operation: string, idOrName: string) =>
    Effect.suspend(() => {
      const found = containers.find(({ id, name }) => id === idOrName || name === idOrName)
      if (found !== undefined) return Effect.succeed(found)
      return refused(operation, 404, `No such container: ${idOrName}`)
    })

  const taken = (operation: string, name: string) => {
    const holder = containers.find((container) => container.name === name)?.id ?? heldNames.get(name)
    if (holder === undefined) return Effect.void
    return refused(
      operation,
      409,
      `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`
    )
  }

  const refusedAs = (error: DockerError | undefined) => (error === undefined ? Effect.void : Effect.fail(error))

  const missingSource = (spec: ContainerSpec) => spec.mounts.find(({ source }) => !files.has(source))?.source

  /** What the container finds behind its mounts. The engine makes host directories of `Binds` that are missing. */
  const look = (spec: ContainerSpec): ReadonlyArray<MountSeen> => {
    const bound = spec.binds.map((bind) => {
      const [source = "", target = ""] = bind.split(":")
      if (!files.has(source)) files.makeDirectory(source)
      return { source, target }
    })
    return [...bound, ...spec.mounts].map(({ source, target }) => {
      const mount = files.mountOf(source)
      const on = mount === undefined ? "root" : (mount.disk ?? "tmpfs")
      return { source, target, on, mountedAt: mount?.target ?? "/" }
    })
  }

  const start = Effect.fnUntraced(function* (container: SimulatedContainer) {
    const operation = `start container ${container.name}`
    yield* refusedAs(markedForRemoval("start", container) ?? layersLost(operation, container))
    const source = missingSource(container.spec)
    if (source !== undefined) {
      container.error = `invalid mount config for type "bind": bind source path does not exist: ${source}`
      return yield* refused(operation, 400, container.error)
    }
    const program = container.missingProgram
    if (program !== undefined) {
      container.exitCode = product === "Podman" ? 0 : 127
      container.error = `failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`
      return yield* refused(operation, 400, container.error)
    }
    container.start(yield* calls.now, yield* wallMillis, look(container.spec))
    yield* wake
  })

  const create = (spec: ContainerSpec, image: SimulatedImage) => {
    const container = new SimulatedContainer(hexOf(`${options.seed} container ${made++}`), spec, image, product)
    containers = [container, ...containers]
    return container
  }

  /** The container goes on for as long as it takes to stop, and can be neither kept from it nor started meanwhile. */
  const beginStop = (container: SimulatedContainer, grace: Duration.Duration) =>
    Effect.flatMap(settled, (now) => {
      if (container.stuck.stop === undefined) container.beginStop(now, Duration.toMillis(grace))
      return wake
    })

  /** Until it does not run, or has been started again since. */
  const untilEnded = Effect.fnUntraced(function* (container: SimulatedContainer) {
    const starts = container.starts.length
    for (;;) {
      const now = yield* settled
      if (!container.isUp || container.starts.length > starts) return
      const wait = container.nextAt === undefined ? Duration.infinity : Duration.millis(container.nextAt - now)
      yield* Effect.timeoutOption(Deferred.await(changed), wait)
    }
  })

  const client = DockerClient.of({
    ping: receive("ping", "", 2, Effect.succeed<EngineProduct>({ name: product, version: undefined })),
    listContainers: receive(
      "list",
      "",
      5,
      Effect.sync(() =>
        containers.map(({ id, name, spec, image, status, exitCode }) => ({
          id,
          names: [name],
          labels: spec.labels,
          imageId: image.id,
          status,
          exitCode: status === "exited" ? exitCode : undefined
        }))
      )
    ),
    inspectContainer: (id) =>
      receive(
        "inspect container",
        id,
        3,
        Effect.map(
          Effect.tap(find("inspect container", id), (found) => refusedAs(layersLost("inspect container", found))),
          (found) => Option.some(found.inspect())
        )
      ).pipe(Effect.catchReason("DockerError", "NotFound", () => Effect.succeedNone)),
    inspectImage: (image) =>
      receive(
        "inspect image",
        typeof image === "string" ? image : pullReference(image),
        3,
        Effect.sync(() => Option.fromUndefinedOr(images.inspect(image)))
      ),
    resolveDigest: (image, token) =>
      receive(
        "resolve digest",
        pullReference(image),
        90,
        product === "Podman"
          ? Effect.succeedNone
          : Effect.map(network.ask(`ask the registry for ${pullReference(image)}`, image, token), ({ digest }) =>
              Option.some(digest)
            ),
        { image: pullReference(image) }
        // An engine that lacks the endpoint answers with its router's words.
      ).pipe(Effect.catchReason("DockerError", "NotFound", () => Effect.succeedNone)),
    pull: (image, token) => {
      const key = pullReference(image)
      let found: SimulatedImage | undefined
      const asked = receive(
        "pull",
        key,
        120,
        Effect.map(network.ask(`pull ${key}`, image, token), (answer) => (found = answer)),
        {
          image: key,
          // Where only the answer is lost, the engine has gone through with it.
          onFailure: () => {
            if (found?.platform === platform) images.add(image, found)
          }
        }
      ).pipe(
        Effect.filterOrFail(
          (found) => found.platform === platform,
          () => registryFailure(`pull ${key}`, key, `no matching manifest for ${platform} in the manifest list entries`)
        )
      )
      return Stream.unwrap(
        Effect.map(Effect.tap(asked, network.beginTransfer), (found) =>
          pullProgress(image, found).pipe(
            Stream.mapEffect(({ afterMillis, bytes, progress }) =>
              Effect.as(
                Effect.sleep(Duration.millis(afterMillis + network.millisFor(bytes, options.bytesPerSecond))),
                progress
              )
            ),
            Stream.onEnd(Effect.map(wallMillis, (now) => images.add(image, found, now)))
          )
        )
      )
    },
    tagImage: (source, target) =>
      receive(
        "tag image",
        pullReference(target),
        4,
        Effect.flatMap(wallMillis, (now) => {
          if (images.tag(source, target, now)) return Effect.void
          const operation = `tag ${pullReference(source)} as ${pullReference(target)}`
          return refused(operation, 404, `No such image: ${pullReference(source)}`)
        })
      ),
    removeImage: (id) =>
      receive(
        "remove image",
        id,
        60,
        Effect.sync(() => (containers.some(({ image }) => image.id === id) ? "in use" : images.remove(id)))
      ),
    dataRoots: receive("info", "", 15, Effect.succeed(["/var/lib/docker"])),
    createContainer: (spec) =>
      change(
        "create",
        spec.name,
        35,
        Effect.gen(function* () {
          const operation = `create container ${spec.name}`
          yield* taken(operation, spec.name)
          const image = images.find(parsed(spec.image))
          if (image === undefined) {
            return yield* refused(operation, 404, `No such image: ${spec.image}`)
          }
          const source = missingSource(spec)
          // Podman makes the directory, and refuses only to start without it.
          if (source !== undefined && product === "Podman") files.makeDirectory(source)
          else if (source !== undefined) {
            return yield* refused(
              operation,
              400,
              `invalid mount config for type "bind": bind source path does not exist: ${source}`
            )
          }
          return create(spec, image).id
        })
      ),
    startContainer: (id) =>
      change(
        "start",
        id,
        110,
        Effect.flatMap(find(`start container ${id}`, id), (container) => {
          if (!container.isUp) return start(container)
          if (product === "Docker" || !container.isStopping) return Effect.void
          const detail = `container ${container.id} must be in Created or Stopped state to be started: container state improper`
          return refused(`start container ${id}`, 500, detail)
        })
      ),
    stopContainer: (id, grace) =>
      change(
        "stop",
        id,
        10,
        Effect.flatMap(find(`stop container ${id}`, id), (container) => {
          const stuck = unstoppable("stop", container)
          return stuck === undefined
            ? Effect.andThen(beginStop(container, grace), untilEnded(container))
            : Effect.andThen(Effect.sleep(grace), Effect.fail(stuck))
        }),
        // The engine has begun to stop it.
        Effect.ignore(Effect.flatMap(find("stop", id), (container) => beginStop(container, grace)))
      ),
    awaitEnd: (id) =>
      receive("wait", id, 2, Effect.flatMap(find(`wait for the end of container ${id}`, id), untilEnded)),
    removeContainer: (id) =>
      change(
        "remove",
        id,
        25,
        Effect.gen(function* () {
          const container = containers.find((container) => container.id === id || container.name === id)
          if (container === undefined) return
          yield* refusedAs(unstoppable("remove", container))
          container.stoppedByCall = true
          if (container.status === "restarting") container.cancelRestart()
          if (container.isUp) container.end(yield* calls.now, 137)
          yield* Effect.ensuring(refusedAs(unremovable(container)), wake)
          containers = containers.filter((one) => one !== container)
        })
      ),
    renameContainer: (id, name) =>
      change(
        "rename",
        name,
        4,
        Effect.gen(function* () {
          const container = yield* find(`rename container ${id}`, id)
          if (container.name === name) {
            const detail = "Renaming a container with the same name as its current name"
            return yield* refused(`rename container ${id}`, 400, detail)
          }
          yield* taken(`rename container ${id}`, name)
          yield* refusedAs(unrenamable(container))
          container.name = name
        })
      ),
    updateRestartPolicy: (id, policy) =>
      change(
        "update",
        id,
        4,
        Effect.flatMap(find(`change the restart policy of ${id}`, id), (container) =>
          Effect.tap(refusedAs(markedForRemoval("update", container)), () =>
            Effect.sync(() => {
              container.restartPolicy = policy
            })
          )
        )
      ),
    containerEvents: (id) =>
      Stream.unwrap(
        Effect.map(receive("events", id, 2, find(`read the events of ${id}`, id)), (container) =>
          following(container, (read) => {
            const happened = container.happened[read]
            return happened === undefined ? "wait" : Option.some(happened.event)
          })
        )
      ),
    lastLogLines: (id, count) =>
      receive(
        "logs",
        id,
        4,
        Effect.map(find(`read the log of ${id}`, id), ({ log }) => log.slice(-count))
      ),
    followLogs: (id) =>
      Stream.unwrap(
        Effect.map(receive("logs", id, 4, find(`read the log of ${id}`, id)), (container) =>
          following(container, (read) => {
            const line = container.log[read]
            if (line === undefined) return container.isUp ? "wait" : Option.none()
            return Option.some({ channel: "stdout" as const, bytes: new TextEncoder().encode(`${line}\n`) })
          })
        )
      )
  })

  return {
    get containers() {
      return containers
    },
    get images() {
      return images.byReference
    },
    client,
    load: (reference, image) => images.add(parsed(reference), image),
    place: (spec, running) =>
      Effect.gen(function* () {
        const image = images.find(parsed(spec.image))
        if (image === undefined)
          return yield* Effect.die(new Error(`no image ${spec.image} for container ${spec.name}`))
        const container = create(spec, image)
        if (running) container.start(yield* calls.now, yield* wallMillis, look(spec))
        return container
      }),
    holdName: (name) => void heldNames.set(name, hexOf(`${options.seed} ${name}`)),
    halt: Effect.gen(function* () {
      calls.abandonWork()
      heldNames.clear()
      const now = yield* settled
      for (const container of containers) {
        if (container.status === "restarting") container.cancelRestart()
        if (!container.isUp) continue
        const wasStopped = container.stoppedByCall
        container.stoppedByCall = true
        container.end(now, 137)
        container.stoppedByCall = wasStopped
      }
      isUp = false
      yield* wake
    }),
    resume: Effect.gen(function* () {
      isUp = true
      for (const container of containers) {
        const { name } = container.restartPolicy
        const starts = name === "always" || (name === "unless-stopped" && !container.stoppedByCall)
        if (!starts || container.starts.length === 0 || (name === "always" && container.stoppedByCall)) continue
        yield* Effect.ignore(start(container))
      }
    })
  }
}

const address = "unix:///var/run/docker.sock"
/** Of the simulated machine. */
const platform = "linux/amd64"

const parsed = (reference: string): ImageReference => Result.getOrThrow(parseImageReference(reference))
