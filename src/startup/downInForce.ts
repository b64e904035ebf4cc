import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { makeRecord } from "../observation/ContainerRecord.ts"
import { isActive } from "../observation/Observation.ts"
import { inspectOurs } from "../observation/observeContainers.ts"
import { readEntry } from "../observation/readEntry.ts"
import { isAside, roleOf } from "../observation/Ownership.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { knownStatusOf } from "../record/readStatus.ts"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { sha256 } from "../vm/host/sha256.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"

/**
 * `down` is in force from when it begins until somebody asks for what is declared, or starts one of its containers by
 * hand, or the VM boots: nothing else starts what it has stopped, or makes what it has removed. The entry says of which
 * boot it is, which declaration was the last to have been read, when `down` was asked for, and which starts of containers
 * it has found, a line each.
 */
const entryName = "down"
const askedPrefix = "asked "

/** A `down` that is in force. */
export interface DownInForce {
  /** The SHA-256 of the declaration that a run had read last, be it one that has died; empty if none had. */
  readonly read: string
  /** When it was asked for, in milliseconds of the host's monotonic clock; undefined where an earlier version began it. */
  readonly askedAt: number | undefined
  /** The starts of containers that it has found. */
  readonly starts: ReadonlyArray<string>
}

/** That it cannot be recorded is no reason not to stop. */
export const beginDown = Effect.fnUntraced(function* (askedAt: number, found: ReadonlyArray<ContainerInspection>) {
  const state = yield* StateFolder
  const { seed } = yield* HostRandom
  const last = Option.getOrUndefined(yield* knownStatusOf(seed))
  const read = (last?.underWay?.declared ?? last?.declared)?.sha256 ?? ""
  yield* state
    .write(entryName, [seed, read, `${askedPrefix}${askedAt}`, ...found.filter(isActive).map(startOf)].join("\n"))
    .pipe(
      withDeadline("FILE", "remember that everything is to be down"),
      Effect.catch((error) =>
        tell({
          _tag: "Warning",
          text: `that everything is to be down is not remembered, and an agent may start it: ${error.message}`
        })
      )
    )
})

/** Somebody has asked for what is declared. */
export const endDown = Effect.gen(function* () {
  const state = yield* StateFolder
  yield* state.remove(entryName).pipe(
    withDeadline("FILE", "forget that everything was to be down"),
    Effect.catch((error) =>
      tell({
        _tag: "Warning",
        text: `an agent may still take everything to be down, and not look after it: ${error.message}`
      })
    )
  )
})

/** `none` where none is in force or, with a warning, that cannot be read. */
export const downInForce = Effect.flatMap(HostRandom, ({ seed }) =>
  readEntry(entryName, "whether everything is to be down", (text) => {
    const [boot, read = "", ...lines] = text.split("\n")
    if (boot !== seed) return Option.none()
    const asked = lines[0]?.startsWith(askedPrefix) === true ? lines[0].slice(askedPrefix.length) : undefined
    const down: DownInForce =
      asked === undefined
        ? { read, askedAt: undefined, starts: lines }
        : { read, askedAt: Number(asked), starts: lines.slice(1) }
    return Option.some(down)
  })
)

/** What tells a start of a container from all others. */
const startOf = ({ id, restartCount, startedAt }: ContainerInspection): string =>
  `${id} ${restartCount} ${Option.getOrElse(startedAt, () => 0)}`

/**
 * Whether a container has been started by hand since `down` found these starts; that asks for what is declared. If so,
 * a notice names it, and it no longer counts as stopped by `down`. What `down` could not stop is not such a start.
 * False if the engine does not answer.
 */
const isStartedSince = Effect.fnUntraced(
  function* ({ starts }: DownInForce) {
    const docker = yield* DockerClient
    const all = yield* docker.listContainers.pipe(attempt("LIST", "list containers"))
    const { containers } = yield* inspectOurs(all.filter(isActive), [])
    const started = containers.filter(
      (container) =>
        isActive(container) &&
        !isAside(container) &&
        roleOf(container) !== "init" &&
        !starts.includes(startOf(container))
    )
    if (started.length === 0) return false
    const names = started.map(({ name }) => name).join(", ")
    const text = `${names} was started by hand after \`slipway down\`: what is declared is started again`
    yield* tell({ _tag: "Notice", text })
    yield* (yield* makeRecord("stopped")).end(...started.map(({ id }) => id))
    return true
  },
  Effect.orElseSucceed(() => false)
)

/**
 * Whether a run ends it: as somebody asks for what is declared, and has done so after `down` was asked for, or by what is
 * declared or runs by now.
 */
export const isEnded = Effect.fnUntraced(function* (
  down: DownInForce,
  declared: DeclarationText,
  { endsDown, askedAt }: { readonly endsDown: boolean | "changed"; readonly askedAt: number }
) {
  const isLater = down.askedAt !== undefined && down.askedAt > askedAt
  if (!isLater && (endsDown === true || (endsDown === "changed" && sha256(declared.text) !== down.read))) return true
  return (yield* isDeclaredAnew(declared, down)) || (yield* isStartedSince(down))
})

/**
 * Whether another declaration is there than the last that a run of this boot has read, before `down` or since, as where
 * no agent was alive to see it change: that asks for what is declared. If so, a notice says it.
 */
const isDeclaredAnew = Effect.fnUntraced(function* ({ text }: DeclarationText, { read }: DownInForce) {
  const { seed } = yield* HostRandom
  const now = sha256(text)
  const isAnother = Option.exists(
    yield* knownStatusOf(seed),
    ({ declared }) => declared !== null && declared.sha256 !== now && read !== now
  )
  const notice = "another declaration is there than before `slipway down`: what is declared is started"
  if (isAnother) yield* tell({ _tag: "Notice", text: notice })
  return isAnother
})
