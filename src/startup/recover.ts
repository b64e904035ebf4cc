import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isEndAsDeclared } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { bootNames, nameFor } from "../observation/bootNames.ts"
import { makeBringBack } from "../apply/bringBack.ts"
import { makeContainerChanges } from "../apply/containerChanges.ts"
import { attempt } from "../timing/Retries.ts"
import { makeRecord, readRecord } from "../observation/ContainerRecord.ts"
import { isActive } from "../observation/Observation.ts"
import { inspectOurs } from "../observation/observeContainers.ts"
import { oneAtATimeNow } from "./oneAtATime.ts"
import {
  containerLabel,
  engineNames,
  hadEndedAs,
  inStartOrder,
  isAside,
  isUnfinished,
  policyBeforeAside,
  roleLabel,
  workloadLabel
} from "../observation/Ownership.ts"
import type { EngineNames } from "../plan/Member.ts"
import { isJustRestarted } from "../plan/doubt.ts"
import { graceOf } from "../plan/stopGrace.ts"
import { tell } from "../progress/Progress.ts"
import { makeUnmountRecord } from "../apply/UnmountRecord.ts"
import { makeWriteFiles } from "../apply/writeFiles.ts"
import { Mounts } from "../vm/storage/Mounts.ts"

/**
 * A run that died between setting old containers aside and confirming their successors may have left the VM without
 * them, or with some about to stop. Unless all successors have come up, all old containers are brought back first,
 * under this boot's names, so that the VM has them soon, whatever becomes of this run. Gives whether any were.
 */
export const recover = Effect.fn("recover")(function* (names: EngineNames, mountRoot: string) {
  const observed = yield* oursWhereOneIsAside([...names.keys()])
  const left = leftAside(observed)
  if (left.length === 0) return false
  yield* runAgain(observed, left, names, mountRoot)
  return true
})

/** None is to be seen by another run under the name by which it was set aside, once it runs: that run would start it anew. */
const runAgain = (
  observed: Observed,
  left: ReadonlyArray<ContainerInspection>,
  names: EngineNames,
  mountRoot: string
) =>
  Effect.gen(function* () {
    const changes = yield* makeContainerChanges
    yield* clearSuccessors(observed.containers, left, names)
    yield* bringBack(left, mountRoot)
    const finished = observed.containers.filter((container) => isFinishedAside(container, names))
    const restored = yield* Effect.forEach([...finished, ...left], (container) => {
      const [first = container.name] = firstNames(names, container.labels)
      const old = { ...container, name: nameFor(bootNames(first), { ...observed, unusableNames: [] }) }
      // Only a container that runs again loses its mark; running matters more than its name.
      return changes.restore(old).pipe(
        Effect.orElseSucceed(() => undefined),
        Effect.map((name) => name ?? container.name)
      )
    })
    return restored.slice(-left.length)
  }).pipe(tellOf, Effect.uninterruptible)

/** Removes what the dead run made in their places: it never ran, did not stay up, or is to go with those that did not. */
const clearSuccessors = Effect.fnUntraced(function* (
  containers: ReadonlyArray<ContainerInspection>,
  left: ReadonlyArray<ContainerInspection>,
  names: EngineNames
) {
  const changes = yield* makeContainerChanges
  const awaited = yield* Effect.all([makeRecord("unready"), makeRecord("unhooked")])
  const successors = containers.filter(
    (container) =>
      !isAside(container) && (isUnfinished(container) || left.some((old) => isSuccessor(container, old, names)))
  )
  // What joined a network goes before what holds it.
  const lastFirst = successors.toSorted((one, other) => inStartOrder(other, one))
  yield* Effect.forEach(
    lastFirst,
    (successor) =>
      Effect.andThen(
        changes.clear(successor, successor.config.hooks?.preStop !== undefined),
        Effect.forEach(awaited, ({ end }) => end(successor.id), { discard: true })
      ),
    { discard: true }
  )
})

/** By their labels, whichever boot they are of; without a label, by this boot's names. */
const isSuccessor = ({ name, labels }: ContainerInspection, old: ContainerInspection, names: EngineNames): boolean =>
  labels[containerLabel] !== undefined && labels[containerLabel] === old.labels[containerLabel]
    ? true
    : firstNames(names, old.labels).some((first) => bootNames(first).includes(name))

/** The first engine names in this boot of the container that this one was; without a label it may be any. */
const firstNames = (names: EngineNames, labels: ContainerInspection["labels"]): ReadonlyArray<string> => {
  const name = labels[containerLabel]
  const own = name === undefined ? undefined : names.get(name)
  return own === undefined ? (name === undefined ? [...names.values()] : []) : [own]
}

/** Whether the run failed before it observed the VM. */
export const isBeforeTheVm = (error: { readonly _tag: string; readonly setting?: string }): boolean =>
  error._tag === "DeclarationInvalid" ||
  error._tag === "DeclarationUnreadable" ||
  error._tag === "DeclarationKeyMisspelt" ||
  error._tag === "MetadataError" ||
  error._tag === "AttachedDisksUnknown" ||
  (error._tag === "OperationTimeout" && (error.setting === "METADATA" || error.setting === "TOKEN"))

/**
 * The same for a run that does not know the declaration, or has none. The run's outcome is settled already, and nothing
 * that fails here changes it. Under the lock, unless nothing is left.
 */
export const recoverUndeclared = Effect.fn("recoverUndeclared")(
  function* (mountRoot: string) {
    const find = oursWhereOneIsAside([])
    if (leftAside(yield* find).length === 0) return
    yield* oneAtATimeNow
    const observed = yield* find
    const left = leftAside(observed)
    if (left.length === 0) return
    const names = yield* namesInThisBoot([...left, ...observed.containers.filter(isAside)])
    yield* runAgain(observed, left, names, mountRoot)
  },
  Effect.scoped,
  (recovered) => Effect.ignore(recovered)
)

/** By what each was called in its declaration, which is all that is known of that. konlet's do not say. */
const namesInThisBoot = (containers: ReadonlyArray<ContainerInspection>) =>
  engineNames(
    containers.flatMap(({ labels }) => (labels[workloadLabel] === undefined ? [] : [labels[containerLabel] ?? ""]))
  )

type Observed = Effect.Success<ReturnType<typeof oursWhereOneIsAside>>

/** Our containers, if any of them is set aside, and which are not seen to have come up; otherwise none, after one call. */
const oursWhereOneIsAside = Effect.fnUntraced(function* (containerNames: ReadonlyArray<string>) {
  const docker = yield* DockerClient
  const all = yield* docker.listContainers.pipe(attempt("LIST", "list containers"))
  const isAnyAside = all.some(({ names }) => names.some((name) => isAside({ name })))
  const wallMillis = DateTime.toEpochMillis(yield* DateTime.now)
  if (!isAnyAside) return { containers: [], lost: [], awaited: [], wallMillis }
  const awaited = yield* Effect.forEach(["unready", "unhooked"] as const, readRecord)
  return { ...(yield* inspectOurs(all, containerNames)), awaited: awaited.flat(), wallMillis }
})

/** Mounts first, which the dead run may have unmounted. */
const bringBack = Effect.fnUntraced(function* (left: ReadonlyArray<ContainerInspection>, mountRoot: string) {
  const unmounted = yield* makeUnmountRecord
  // A mount that fails here is missed by that container's start, or was not needed.
  yield* Effect.catch(unmounted.mountAgain, (error) => tell({ _tag: "Warning", text: error.message }))
  yield* putFilesBack(mountRoot)
  yield* startLeft(left, mountRoot)
  yield* unmounted.clear
})

/**
 * What has ended is started at once, the first started first. A run stops one container after another, the last started
 * first, so of those that run only the last started can be stopping: it is waited for meanwhile.
 */
const startLeft = Effect.fnUntraced(function* (left: ReadonlyArray<ContainerInspection>, mountRoot: string) {
  const changes = yield* makeContainerChanges
  const bringBackOne = yield* makeBringBack(mountRoot)
  const start = (container: ContainerInspection) => bringBackOne(container, graceOf(container))
  const ended = left.filter((container) => !isActive(container))
  const stopping = left.findLast(isActive)
  // Nothing may join a network that is about to go. All that joined it has ended, so nobody misses it.
  if (stopping !== undefined && stopping.labels[roleLabel] === "sandbox") {
    yield* Effect.ignore(changes.stop(stopping, graceOf(stopping)))
    yield* Effect.forEach([stopping, ...ended], start, { discard: true })
  } else {
    yield* Effect.all(
      [Effect.forEach(ended, start, { discard: true }), stopping === undefined ? Effect.void : start(stopping)],
      { concurrency: 2, discard: true }
    )
  }
})

/** The dead run may have written other files for the successors. */
const putFilesBack = Effect.fnUntraced(
  function* (setting: string) {
    const mounts = yield* Mounts
    const files = yield* makeWriteFiles
    yield* files.putAllBack(yield* mounts.resolve(setting).pipe(attempt("LIST", `see where ${setting} leads`)))
  },
  Effect.catch((error) =>
    tell({ _tag: "Warning", text: `the files of volumes could not be put back: ${error.message}` })
  )
)

/**
 * The containers that ran until a run set them aside, with the policies that they had, the first started first; none if
 * each has a successor in its place. Of several that were the same container, the last created.
 */
const leftAside = ({ containers, lost, awaited, wallMillis }: Observed): ReadonlyArray<ContainerInspection> => {
  const marked = containers.flatMap((container) =>
    Option.match(policyBeforeAside(container), {
      onNone: () => [],
      onSome: (restartPolicy) => [{ ...container, restartPolicy }]
    })
  )
  // The engine lists the last created first.
  const last = marked.filter((one, index) => !marked.slice(0, index).some((newer) => mayReplace(newer, one)))
  // The run died before it had seen the probes or the hook of these succeed.
  const isAwaited = new Set<string>(awaited)
  const up = containers.filter((container) => hasTakenItsPlace(container, wallMillis) && !isAwaited.has(container.id))
  const isReplaced = (old: ContainerInspection) => up.some((successor) => mayReplace(successor, old))
  return lost.some(isActive) || last.every(isReplaced) ? [] : last.toSorted(inStartOrder)
}

/** An init container that had come to its end in this boot, and was set aside with those that ran. */
const isFinishedAside = (container: ContainerInspection, names: EngineNames): boolean =>
  container.labels[roleLabel] === "init" &&
  firstNames(names, container.labels).some((first) => hadEndedAs(bootNames(first), container))

/** By their labels; konlet's containers have none. */
const mayReplace = (successor: ContainerInspection, old: ContainerInspection): boolean => {
  const [one, other] = [successor.labels[containerLabel], old.labels[containerLabel]]
  return one === undefined || other === undefined || one === other
}

/**
 * A successor that is up as far as can be seen, neither restarted just now nor unhealthy; or a finished job whose
 * predecessor could not be removed.
 */
const hasTakenItsPlace = (container: ContainerInspection, wallMillis: number): boolean => {
  const { status, health, exitCode, restartPolicy } = container
  if (status === "exited") return !isAside(container) && isEndAsDeclared(restartPolicy, exitCode)
  const isUp = isActive(container) && status !== "restarting" && !isJustRestarted(container, wallMillis)
  return isUp && !Option.contains(health, "unhealthy") && Option.isNone(policyBeforeAside(container))
}

/** Reports what became of them; `broughtBack` gives the names under which they run. */
const tellOf = <E extends { readonly message: string }, R>(broughtBack: Effect.Effect<ReadonlyArray<string>, E, R>) =>
  broughtBack.pipe(
    Effect.flatMap((names) =>
      tell({
        _tag: "Warning",
        text: `what an earlier run had set aside, and left so, runs again: ${names.join(", ")}`
      })
    ),
    // Its mounts may be gone. The plan that follows replaces it.
    Effect.catch((error) =>
      tell({
        _tag: "Warning",
        text: `what an earlier run had set aside, and left so, cannot be started: ${error.message}`
      })
    )
  )
