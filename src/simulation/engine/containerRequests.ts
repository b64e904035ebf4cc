import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ContainerSpec, EngineRestartPolicy } from "../../vm/engine/ContainerSpec.ts"
import { mountImages, unmountImages } from "./engineMounts.ts"
import { speaks } from "../../vm/engine/EngineProduct.ts"
import type { EngineParts } from "./EngineParts.ts"
import { inspectContainer } from "./inspectContainer.ts"
import { failIf, refused } from "./refused.ts"
import { resourcesRefused } from "./simulatedResources.ts"
import type { SimulatedContainer } from "./SimulatedContainer.ts"
import { missingSource, sourceMissing, startContainer } from "./startContainer.ts"
import { layersLost, markedForRemoval, unremovable, unrenamable, unstoppable } from "./stuckContainer.ts"

/** What the simulated engine answers about containers, and does with them. */
export const containerRequests = (engine: EngineParts) => {
  const { calls, containers, files, images, product } = engine
  const { receive, change } = engine.requests

  /** It takes the container as long as it takes; neither can it be kept from that, nor started meanwhile. */
  const beginStop = (container: SimulatedContainer, grace: Duration.Duration) =>
    Effect.flatMap(containers.settled, (now) => {
      if (container.stuck.stop === undefined) container.beginStop(now, Duration.toMillis(grace))
      return containers.wake
    })

  const create = Effect.fnUntraced(function* (spec: ContainerSpec) {
    const operation = `create container ${spec.name}`
    yield* containers.requireFree(operation, spec.name)
    const conflicting = conflictingOption(spec)
    if (conflicting !== undefined) {
      return yield* refused(operation, 400, `conflicting options: ${conflicting} and the network mode`)
    }
    const { workingDir = "/" } = spec
    if (!workingDir.startsWith("/")) {
      const detail = `the working directory '${workingDir}' is invalid, it needs to be an absolute path`
      return yield* refused(operation, 400, detail)
    }
    const impossible = resourcesRefused(spec, engine.facts)
    if (impossible !== undefined) return yield* refused(operation, 400, impossible)
    const driver = spec.logConfig?.type ?? "json-file"
    if (driver !== "none" && !engine.facts.logDrivers.includes(driver)) {
      return yield* refused(operation, 400, `logger: no log driver named '${driver}' is registered`)
    }
    // Podman drops the name.
    if (spec.runtime !== undefined && product === "Docker" && !engine.facts.runtimes.includes(spec.runtime)) {
      return yield* refused(operation, 400, `unknown or invalid runtime name: ${spec.runtime}`)
    }
    const image = images.named(spec.image)
    if (image === undefined) return yield* refused(operation, 404, `No such image: ${spec.image}`)
    for (const { source } of spec.imageMounts ?? []) {
      if (!speaks({ name: product, version: undefined, apiVersion: engine.apiVersion }, 1, 48)) {
        return yield* refused(operation, 400, 'invalid mount config for type "image": mount type unknown')
      }
      if (images.named(source) === undefined) return yield* refused(operation, 404, `No such image: ${source}`)
    }
    const source = missingSource(files, spec)
    // Podman makes the directory here, and refuses only to start without it.
    if (source !== undefined && product === "Podman") files.makeDirectory(source)
    else if (source !== undefined) return yield* refused(operation, 400, sourceMissing(source))
    const container = containers.add(spec, image)
    container.mountedImages = (spec.imageMounts ?? []).flatMap(({ source }) => images.named(source) ?? [])
    mountImages(files, container)
    return container.id
  })

  const remove = Effect.fnUntraced(function* (id: string) {
    const container = containers.named(id)
    if (container === undefined) return
    yield* failIf(unstoppable("remove", container))
    container.stoppedByCall = true
    if (container.status === "restarting") container.cancelRestart()
    if (container.isUp) container.end(yield* calls.now, 137, "removal")
    yield* Effect.ensuring(failIf(unremovable(container)), containers.wake)
    unmountImages(files, container, false)
    containers.remove(container)
    yield* containers.wake
  })

  const rename = Effect.fnUntraced(function* (id: string, name: string) {
    const operation = `rename container ${id}`
    const container = yield* containers.find(operation, id)
    if (container.name === name) {
      return yield* refused(operation, 400, "Renaming a container with the same name as its current name")
    }
    yield* containers.requireFree(operation, name)
    yield* containers.settled
    yield* failIf(unrenamable(container))
    container.name = name
    containers.events.renamed(container)
    yield* containers.wake
  })

  const unpause = Effect.fnUntraced(function* (id: string) {
    const operation = `unpause container ${id}`
    const container = yield* containers.find(operation, id)
    const now = yield* containers.settled
    if (!container.unpause(now)) return yield* refused(operation, 500, `Container ${id} is not paused`)
    containers.events.unpaused(container)
    yield* containers.wake
  })

  return {
    listContainers: receive({
      name: "list",
      subject: "",
      latencyMillis: 5,
      answer: Effect.sync(() =>
        containers.all.map(({ id, name, spec, image, status, exitCode, isUp, publishedPorts }) => ({
          id,
          names: [name],
          labels: spec.labels,
          imageId: image.id,
          status,
          exitCode: status === "exited" ? exitCode : undefined,
          ports: isUp ? publishedPorts : []
        }))
      )
    }),
    inspectContainer: (id: string) =>
      receive({
        name: "inspect container",
        subject: id,
        latencyMillis: 3,
        answer: containers.find("inspect container", id).pipe(
          Effect.tap((found) => failIf(layersLost("inspect container", found))),
          Effect.map((found) => Option.some(inspectContainer(found)))
        )
      }).pipe(Effect.catchReason("DockerError", "NotFound", () => Effect.succeedNone)),
    createContainer: (spec: ContainerSpec) =>
      change({ name: "create", subject: spec.name, latencyMillis: 35, answer: Effect.suspend(() => create(spec)) }),
    startContainer: (id: string) =>
      change({
        name: "start",
        subject: id,
        latencyMillis: 110,
        answer: Effect.flatMap(containers.find(`start container ${id}`, id), (container) => {
          if (!container.isUp) return startContainer(engine, container)
          if (product === "Docker" || !container.isStopping) return Effect.void
          const detail = `container ${container.id} must be in Created or Stopped state to be started: container state improper`
          return refused(`start container ${id}`, 500, detail)
        })
      }),
    stopContainer: (id: string, grace: Duration.Duration) =>
      change({
        name: "stop",
        subject: id,
        latencyMillis: 10,
        answer: Effect.flatMap(containers.find(`stop container ${id}`, id), (container) => {
          const stuck = unstoppable("stop", container)
          return stuck === undefined
            ? Effect.andThen(beginStop(container, grace), containers.untilEnded(container))
            : Effect.andThen(Effect.sleep(grace), Effect.fail(stuck))
        }),
        // The engine has begun to stop it.
        half: Effect.ignore(Effect.flatMap(containers.find("stop", id), (container) => beginStop(container, grace)))
      }),
    awaitEnd: (id: string) =>
      receive({
        name: "wait",
        subject: id,
        latencyMillis: 2,
        answer: Effect.flatMap(containers.find(`wait for the end of container ${id}`, id), (container) =>
          containers.untilEnded(container)
        )
      }),
    removeContainer: (id: string) =>
      change({ name: "remove", subject: id, latencyMillis: 25, answer: Effect.suspend(() => remove(id)) }),
    renameContainer: (id: string, name: string) =>
      change({ name: "rename", subject: name, latencyMillis: 4, answer: Effect.suspend(() => rename(id, name)) }),
    unpauseContainer: (id: string) =>
      change({ name: "unpause", subject: id, latencyMillis: 15, answer: Effect.suspend(() => unpause(id)) }),
    updateRestartPolicy: (id: string, policy: EngineRestartPolicy) =>
      change({
        name: "update",
        subject: id,
        latencyMillis: 4,
        answer: Effect.flatMap(containers.find(`change the restart policy of ${id}`, id), (container) =>
          failIf(markedForRemoval("update", container)).pipe(
            Effect.andThen(containers.settled),
            Effect.flatMap((now) => {
              container.restartPolicy = policy
              container.happened.push({ at: now, event: { _tag: "Updated" } })
              return containers.wake
            })
          )
        )
      })
  }
}

/** What a container on another's network cannot have of its own. */
const conflictingOption = ({ networkMode, hostname, extraHosts, dns, ports }: ContainerSpec): string | undefined => {
  if (networkMode === "host" || networkMode._tag !== "Container") return undefined
  if (hostname !== undefined) return "hostname"
  if (dns !== undefined) return "dns"
  if (extraHosts !== undefined) return "custom host-to-IP mapping"
  return ports === undefined ? undefined : "port publishing"
}
