import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import {
  holderText,
  isActive,
  isBeingRemoved,
  isLost,
  type NameHolder,
  type OurContainer
} from "../observation/Observation.ts"
import { nameWithoutMark } from "../observation/Ownership.ts"

/** A container of ours that still runs although it was to be stopped. */
export class ContainerStuck extends Schema.TaggedError<ContainerStuck>()("ContainerStuck", {
  container: Schema.String,
  /** What the engine says. */
  detail: Schema.String
}) {
  get advice() {
    return "Whatever holds its process lets go with a restart of the engine (`systemctl restart docker`) or of the VM; the next run goes on from there."
  }
  override get message() {
    return (
      `the container ${this.container} cannot be stopped: ${this.detail}. ` +
      "It holds its ports and disks, so no other was started beside it."
    )
  }
}

/** The engine refuses a container's name, as another container has it, or one that it does not list. */
export class ContainerNameInUse extends Schema.TaggedError<ContainerNameInUse>()("ContainerNameInUse", {
  name: Schema.String,
  /** The container that has it; absent where the engine lists none. */
  holder: Schema.optional(Schema.Struct({ id: Schema.String, image: Schema.String })),
  /** What the engine says. */
  detail: Schema.String
}) {
  get advice() {
    return this.holder === undefined
      ? "A restart of the engine (`systemctl restart docker`) makes it forget names that no container has."
      : `Somebody has created it under that name, or renamed it to that: rename it, or remove it with \`docker rm --force ${this.holder.id.slice(0, 12)}\`.`
  }
  override get message() {
    return this.holder === undefined
      ? `the engine does not give the name ${this.name}: ${this.detail}`
      : `the name ${this.name} is taken: ${holderText(this.holder)}, has it`
  }
}

/** The container that has a name; undefined where there is none, or none that can be inspected. */
export const holderOf = (name: string): Effect.Effect<NameHolder | undefined, never, DockerClient> =>
  Effect.flatMap(DockerClient, (docker) =>
    docker.inspectContainer(name).pipe(
      attempt("INSPECT", `inspect container ${name}`),
      Effect.map(Option.match({ onNone: () => undefined, onSome: ({ id, image }): NameHolder => ({ id, image }) })),
      Effect.orElseSucceed(() => undefined)
    )
  )

/** The container's state, from the engine's list where it cannot be inspected; undefined where there is none. */
const statusOf = Effect.fnUntraced(function* (idOrName: string) {
  const docker = yield* DockerClient
  const listed = docker.listContainers.pipe(
    attempt("LIST", "list containers"),
    Effect.map((all) => all.find(({ id, names }) => id === idOrName || names.includes(idOrName))?.status)
  )
  return yield* docker.inspectContainer(idOrName).pipe(
    withDeadline("INSPECT", `inspect container ${idOrName}`),
    Effect.map((found) => Option.getOrUndefined(found)?.status),
    Effect.catch(() => listed)
  )
})

/** Whether a container has a process, or may have. */
export const isUp = (idOrName: string) =>
  Effect.map(statusOf(idOrName), (status) => status !== undefined && isActive({ status }))

/**
 * The warning about a container that is not needed any more and could not be removed; `none` if it has gone meanwhile.
 * It is left, and kept as far as possible from being started again: by the engine when the host boots, or by a later
 * run that takes it for one that a dead run had stopped.
 */
export const leaveBehind = Effect.fnUntraced(function* (container: OurContainer, name: string, why: string) {
  const status = yield* Effect.orElseSucceed(statusOf(container.id), () => container.status)
  if (status === undefined) return Option.none()
  const leftAs = isBeingRemoved({ status }) ? name : yield* disarm(container.id, name)
  const words = isLost(container) && !container.why.includes(why) ? `${why} (${container.why})` : why
  return Option.some(
    isActive({ status })
      ? `${leftAs} is not needed any more, but can neither be stopped nor removed, and holds its ports and disks: ${words}. A restart of the engine or of the VM ends it.`
      : `${leftAs} could not be removed, and is left: ${words}. It does not run, and each run tries again; \`docker rm --force ${leftAs}\` does so by hand. What holds it lets go with a restart of the engine or of the VM.`
  )
})

/** Gives the resulting name. */
const disarm = Effect.fnUntraced(function* (id: string, name: string) {
  const docker = yield* DockerClient
  yield* docker
    .updateRestartPolicy(id, { name: "no", maximumRetryCount: 0 })
    .pipe(withDeadline("INSPECT", `change the restart policy of ${name}`), Effect.ignore)
  const unmarked = nameWithoutMark(name)
  if (unmarked === name) return name
  return yield* docker
    .renameContainer(id, unmarked)
    .pipe(
      withDeadline("INSPECT", `rename container ${name} to ${unmarked}`),
      Effect.match({ onFailure: () => name, onSuccess: () => unmarked })
    )
})
