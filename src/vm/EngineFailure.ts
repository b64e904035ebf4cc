import * as Predicate from "effect/Predicate"
import {
  AnswerLost,
  Conflict,
  DockerError,
  EngineFailed,
  EngineUnreachable,
  ImageAccessDenied,
  ImageNotFound,
  NoSpace,
  NotFound,
  RegistryFailed,
  RequestRefused
} from "./DockerError.ts"
import { oneLine } from "./OneLine.ts"

/** What the engine's client throws: an answer that is not a success, or a connection that failed. */
export interface Thrown {
  readonly statusCode: number | undefined
  /** The system's error code, `ECONNREFUSED`. */
  readonly code: string | undefined
  readonly message: string
}

/** Reads what was thrown without trusting its shape. Only the answer's own message is taken from an answer. */
export const thrown = (cause: unknown): Thrown => {
  const field = (name: string): unknown => (Predicate.hasProperty(cause, name) ? cause[name] : undefined)
  const statusCode = field("statusCode")
  const code = field("code")
  const json = field("json")
  const message = Predicate.hasProperty(json, "message") ? json["message"] : field("message")
  return {
    statusCode: isStatus(statusCode) ? statusCode : undefined,
    code: typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined,
    // The client puts the status before the engine's words where it reads an answer as a stream.
    message: oneLine(
      typeof message === "string" ? message.replace(/^\(HTTP code \d+\) .*? - /, "") : "no reason was given"
    )
  }
}

const isStatus = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 100 && value < 1000

const unreachableCodes: ReadonlySet<string> = new Set([
  "ENOENT",
  "ECONNREFUSED",
  "EACCES",
  "EPERM",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTSOCK"
])

/** What to do about it, where that is known. */
const hints: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket. Is the engine installed and running?",
  ECONNREFUSED: "the connection was refused. Is the engine running?",
  EACCES: "permission denied. Run as root, or as a member of the group that owns the socket.",
  EPERM: "permission denied. Run as root, or as a member of the group that owns the socket."
}

/** The typed error for what a call to the engine threw. */
export const engineFailure = (
  operation: string,
  address: string,
  { statusCode, code, message }: Thrown
): DockerError => {
  const fields = { operation, detail: message }
  if (statusCode === undefined) {
    return new DockerError({
      reason:
        code !== undefined && unreachableCodes.has(code)
          ? new EngineUnreachable({
              operation,
              address,
              detail: `nothing answers at ${address}: ${hints[code] ?? code}`
            })
          : new AnswerLost({ operation, detail: `the connection to ${address} broke: ${code ?? message}` })
    })
  }
  if (/no space left on device/i.test(message)) return new DockerError({ reason: new NoSpace(fields) })
  if (statusCode === 404) return new DockerError({ reason: new NotFound(fields) })
  if (statusCode === 409) return new DockerError({ reason: new Conflict(fields) })
  return new DockerError({
    reason:
      statusCode >= 500 ? new EngineFailed({ ...fields, statusCode }) : new RequestRefused({ ...fields, statusCode })
  })
}

/**
 * The typed error for what the engine said of a registry. The engine passes the registry's words on; status codes tell
 * little (20.10 answers 500 for most).
 */
export const registryFailure = (operation: string, image: string, message: string): DockerError => {
  const fields = { operation, image, detail: oneLine(message) }
  if (/no space left on device/i.test(message)) {
    return new DockerError({ reason: new NoSpace({ operation, detail: fields.detail }) })
  }
  // Docker Hub and the engine say both in one breath where they do not tell: "may require 'docker login'".
  if (/unauthorized|no basic auth credentials|authentication required|\bdenied\b|forbidden/i.test(message)) {
    return new DockerError({ reason: new ImageAccessDenied(fields) })
  }
  if (
    /manifest unknown|not found|name unknown|no such (image|manifest)|does not exist|no matching manifest/i.test(
      message
    )
  ) {
    return new DockerError({ reason: new ImageNotFound(fields) })
  }
  return new DockerError({ reason: new RegistryFailed(fields) })
}
