import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { cleanPath } from "./cleanPath.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { placeholderIn, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import type { TerminationMessage } from "../../workload/TerminationMessage.ts"

/** A place at which no file can be put. */
export class TerminationMessagePathInvalid extends Schema.TaggedError<TerminationMessagePathInvalid>()(
  "TerminationMessagePathInvalid",
  {
    ...position,
    found: Schema.String
  }
) {
  override get message(): string {
    return `the terminationMessagePath "${this.found}" is not the absolute path of a file`
  }
  get advice(): string {
    return 'Write a path inside the container without "..", such as /dev/termination-log.'
  }
}

/** A volume is mounted at the same place. */
export class TerminationMessagePathTaken extends Schema.TaggedError<TerminationMessagePathTaken>()(
  "TerminationMessagePathTaken",
  {
    ...position,
    found: Schema.String,
    /** Of the mount. */
    mountLine: Schema.Int
  }
) {
  override get message(): string {
    return `the terminationMessagePath "${this.found}" is already taken by the mount on line ${this.mountLine}`
  }
  get advice(): string {
    return "Write another path: a file below the mount will do."
  }
}

/** A policy that Kubernetes does not have. */
export class TerminationMessagePolicyInvalid extends Schema.TaggedError<TerminationMessagePolicyInvalid>()(
  "TerminationMessagePolicyInvalid",
  {
    ...position,
    found: Schema.String
  }
) {
  override get message(): string {
    return `"${this.found}" is no terminationMessagePolicy`
  }
  get advice(): string {
    return 'Write "File" or "FallbackToLogsOnError".'
  }
}

export type TerminationMessageProblem =
  | TerminationMessagePathInvalid
  | TerminationMessagePathTaken
  | TerminationMessagePolicyInvalid

/** Kubernetes' own. */
const defaultPath = "/dev/termination-log"

/** What a container leaves at its end; undefined if neither key is written. */
export const checkTerminationMessage = (
  container: DeclaredContainer,
  check: Check<TerminationMessageProblem | PlaceholderLeft, never>
): TerminationMessage | undefined => {
  const { terminationMessagePath: written, terminationMessagePolicy: policy } = container
  const place = check.at(container, "terminationMessagePath")
  const policyPlace = check.at(container, "terminationMessagePolicy")
  if (policy !== "" && policy !== "File" && policy !== "FallbackToLogsOnError" && !policyPlace.invalid) {
    check.slip(policyPlace, TerminationMessagePolicyInvalid, {
      found: check.quote(container, "terminationMessagePolicy")
    })
    return undefined
  }
  if (place.invalid || policyPlace.invalid || (written === "" && policy === "")) return undefined
  const form = placeholderIn(written)
  if (form !== undefined) {
    check.slip(place, PlaceholderLeft, { path: place.path, form })
    return undefined
  }
  const found = check.quote(container, "terminationMessagePath")
  if (written !== "" && !isFile(written)) {
    check.slip(place, TerminationMessagePathInvalid, { found })
    return undefined
  }
  const path = cleanPath(written === "" ? defaultPath : written)
  const mount = container.volumeMounts.find(
    ({ mountPath }) => mountPath.startsWith("/") && cleanPath(mountPath) === path
  )
  if (mount !== undefined) {
    const mountLine = check.lineOf(check.at(mount, "mountPath"))
    check.slip(written === "" ? policyPlace : place, TerminationMessagePathTaken, {
      found: written === "" ? path : found,
      mountLine
    })
    return undefined
  }
  return { path, policy: policy === "FallbackToLogsOnError" ? policy : "File" }
}

const isFile = (path: string): boolean =>
  path.startsWith("/") &&
  !path.endsWith("/") &&
  !path.includes("\0") &&
  !path.split("/").includes("..") &&
  cleanPath(path) !== "/"
