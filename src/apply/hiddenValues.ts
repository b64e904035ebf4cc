import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { DeclaredContainer, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { allContainers, type EnvironmentVariable } from "../workload/Workload.ts"
import type { ContainerConfig } from "../vm/engine/ContainerConfig.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { logOptions } from "../vm/engine/LogConfig.ts"
import { TerminationMessages } from "../vm/host/TerminationMessages.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import { podAddress } from "../workload/podAddress.ts"
import { makeMask, type Mask } from "./mask.ts"

/**
 * Hides the declared values in what a run is told by a container or about it: its last log lines, its termination
 * message, and the words of an engine that refuses to create or start it, which may quote its arguments and env. So they
 * are in no error, and in nothing that is made of one.
 */
export const hidingValues =
  (workload: DeclaredWorkload) =>
  <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | DockerClient | TerminationMessages> =>
    Effect.gen(function* () {
      const docker = yield* DockerClient
      const messages = yield* TerminationMessages
      const mask = makeMask([
        ...allContainers<DeclaredContainer>(workload).flatMap(knownValues),
        ...secretFiles(workload)
      ])
      return yield* run.pipe(
        Effect.provideService(DockerClient, hidden(docker, mask)),
        Effect.provideService(TerminationMessages, {
          ...messages,
          read: (file) => Effect.map(messages.read(file), mask)
        })
      )
    })

/** Of a variable that is not resolved yet what is known. */
const knownValues = ({ imported = [], env, logging }: DeclaredContainer): ReadonlyArray<EnvironmentVariable> => [
  ...[...imported, ...env].flatMap((variable) => {
    if ("from" in variable) return []
    const value = "value" in variable ? variable.value : variable.template
    // The address, which is not known here, parts it.
    return value.split(podAddress).map((part) => ({ name: variable.name, value: part }))
  }),
  ...Object.entries(logging?.options ?? {}).map(([name, value]) => ({ name, value }))
]

/** Files of Secrets, as far as they are texts. */
const secretFiles = ({ volumes }: DeclaredWorkload): ReadonlyArray<EnvironmentVariable> =>
  volumes.flatMap((volume) =>
    volume._tag !== "Files"
      ? []
      : volume.files.flatMap((file) =>
          "data" in file && file.isSecret === true
            ? [{ name: file.path, value: new TextDecoder().decode(Redacted.value(file.data)) }]
            : []
        )
  )

/** The same for a container that another declaration made: the env that it was created with. */
export const hidingValuesOf =
  (config: ContainerConfig) =>
  <A>(change: Effect.Effect<A, DockerError>): Effect.Effect<A, DockerError> =>
    hiding(maskOf(config), change)

/** The same for all containers that there are, whichever declaration made them. */
export const hidingValuesIn =
  (containers: ReadonlyArray<Pick<ContainerInspection, "config">>) =>
  <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | DockerClient> =>
    Effect.flatMap(DockerClient, (docker) => {
      const mask = makeMask(containers.flatMap(({ config }) => createdWith(config)))
      return Effect.provideService(run, DockerClient, hidden(docker, mask))
    })

/** Hides what a container was created with. */
export const maskOf = (config: CreatedWith): Mask => makeMask(createdWith(config))

type CreatedWith = Pick<ContainerConfig, "env" | "logConfig">

const createdWith = ({ env, logConfig }: CreatedWith): ReadonlyArray<EnvironmentVariable> => {
  const options = Object.entries(logOptions(logConfig)).map(([name, value]) => ({ name, value }))
  const values = env.map(({ name, value }) => ({ name, value: Redacted.value(value) }))
  return [...values, ...options]
}

const hiding = <A>(mask: Mask, change: Effect.Effect<A, DockerError>): Effect.Effect<A, DockerError> =>
  Effect.mapError(change, (error) => error.mapDetail(mask))

const hidden = (docker: DockerClient["Service"], mask: Mask): DockerClient["Service"] => {
  /** The engine may quote what a container was created with in whatever it refuses or fails to do with it. */
  const hide = <A>(call: Effect.Effect<A, DockerError>) => hiding(mask, call)
  return DockerClient.of({
    ...docker,
    createContainer: (spec) => hide(docker.createContainer(spec)),
    startContainer: (id) => hide(docker.startContainer(id)),
    stopContainer: (id, grace) => hide(docker.stopContainer(id, grace)),
    removeContainer: (id) => hide(docker.removeContainer(id)),
    renameContainer: (id, name) => hide(docker.renameContainer(id, name)),
    unpauseContainer: (id) => hide(docker.unpauseContainer(id)),
    updateRestartPolicy: (id, policy) => hide(docker.updateRestartPolicy(id, policy)),
    inspectContainer: (id) =>
      Effect.map(
        hide(docker.inspectContainer(id)),
        Option.map((found) => ({ ...found, error: mask(found.error) }))
      ),
    exec: (id, command) =>
      Effect.map(hide(docker.exec(id, command)), (result) => ({ ...result, output: mask(result.output) })),
    // As one text: a value may have several lines.
    lastLogLines: (id, count) =>
      Effect.map(hide(docker.lastLogLines(id, count)), (lines) =>
        lines.length === 0 ? lines : mask(lines.join("\n")).split("\n")
      )
  })
}
