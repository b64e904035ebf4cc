import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer, DeclaredSpec } from "../DeclarationSchema.ts"
import {
  checkExec,
  checkHttpGet,
  type HandlerNotExpanded,
  type HandlerProblem,
  oneHandler,
  warnOfReferences
} from "./Handler.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import { signals } from "./signals.ts"
import type { Hook, Lifecycle } from "../../workload/Lifecycle.ts"

/** A container that runs to its end has no hooks. */
export class InitContainerHooked extends Schema.TaggedError<InitContainerHooked>()("InitContainerHooked", {
  ...position,
  /** As in `spec.initContainers[0].lifecycle`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path}: an init container that runs to its end can have none`
  }
  get advice(): string {
    return 'Remove it, or make the container a sidecar by "restartPolicy: Always".'
  }
}

/** A sleep that is over before it begins, or goes on after the end. */
export class SleepInvalid extends Schema.TaggedError<SleepInvalid>()("SleepInvalid", {
  ...position,
  path: Schema.String,
  found: Schema.Int,
  /** In seconds. */
  grace: Schema.Int
}) {
  override get message(): string {
    return `${this.path} must be a number from 0 to ${this.grace}, the grace period, not ${this.found}`
  }
  get advice(): string {
    return 'Write less, or a longer "terminationGracePeriodSeconds" in "spec".'
  }
}

/** A signal that Linux does not have. */
export class StopSignalInvalid extends Schema.TaggedError<StopSignalInvalid>()("StopSignalInvalid", {
  ...position,
  signal: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.signal}" is not a signal`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write its name, such as SIGTERM, SIGQUIT or SIGINT.")
  }
}

export type LifecycleProblem = HandlerProblem | InitContainerHooked | SleepInvalid | StopSignalInvalid
type LifecycleCheck = Check<LifecycleProblem, HandlerNotExpanded>

type DeclaredLifecycle = NonNullable<DeclaredContainer["lifecycle"]>
type DeclaredHook = NonNullable<DeclaredLifecycle["preStop"]>

/** konlet gave each container ten seconds. */
const defaultGrace = 10

/**
 * The Pod's grace period in seconds; undefined where none is written. As in Kubernetes, 0 leaves no time at all, and
 * less is 1.
 */
export const checkGracePeriod = (spec: DeclaredSpec): number | undefined => {
  const { terminationGracePeriodSeconds: seconds } = spec
  return seconds === undefined || seconds >= 0 ? seconds : 1
}

/** Checks a container's hooks and stop signal; undefined if it has none. */
export const checkLifecycle = (
  container: DeclaredContainer,
  { grace = defaultGrace, runsToItsEnd }: { readonly grace?: number | undefined; readonly runsToItsEnd: boolean },
  check: LifecycleCheck
): Lifecycle | undefined => {
  const { lifecycle } = container
  const place = check.at(container, "lifecycle")
  if (lifecycle === undefined || place.invalid) return undefined
  if (runsToItsEnd) {
    check.slip(place, InitContainerHooked, { path: place.path })
    return undefined
  }
  const hook = (key: "postStart" | "preStop") => {
    const declared = lifecycle[key]
    return declared && checkHook(declared, check.at(lifecycle, key), container, grace, check)
  }
  const [postStart, preStop, stopSignal] = [hook("postStart"), hook("preStop"), checkStopSignal(lifecycle, check)]
  if (postStart === undefined && preStop === undefined && stopSignal === undefined) return undefined
  return {
    ...(postStart === undefined ? {} : { postStart }),
    ...(preStop === undefined ? {} : { preStop }),
    ...(stopSignal === undefined ? {} : { stopSignal })
  }
}

const handlers = ["exec", "httpGet", "sleep"] as const

const checkHook = (
  declared: DeclaredHook,
  place: ReturnType<LifecycleCheck["at"]>,
  { ports, env }: Pick<DeclaredContainer, "ports" | "env">,
  grace: number,
  check: LifecycleCheck
): Hook | undefined => {
  if (place.invalid || oneHandler(declared, place.path, handlers, check, place) === undefined) return undefined
  const { exec, httpGet, sleep } = declared
  if (exec !== undefined) {
    warnOfReferences(exec, env, check)
    return checkExec(exec, check)
  }
  if (httpGet !== undefined) return checkHttpGet(httpGet, ports, check)
  if (sleep === undefined) return undefined
  const { seconds } = sleep
  const { path, span, invalid } = check.at(sleep, "seconds")
  if (seconds >= 0 && seconds <= grace) return { _tag: "Sleep", seconds }
  if (!invalid) check.slip({ span }, SleepInvalid, { path, found: seconds, grace })
  return undefined
}

const checkStopSignal = (lifecycle: DeclaredLifecycle, check: LifecycleCheck): string | undefined => {
  const place = check.at(lifecycle, "stopSignal")
  const { stopSignal } = lifecycle
  if (stopSignal === "" || place.invalid) return undefined
  if (signals.includes(stopSignal)) return stopSignal
  const suggestion =
    signals.find((signal) => signal === `SIG${stopSignal.toUpperCase()}`) ?? nearest(stopSignal, signals)
  check.slip(place, StopSignalInvalid, { signal: check.quote(lifecycle, "stopSignal"), suggestion })
  return undefined
}
