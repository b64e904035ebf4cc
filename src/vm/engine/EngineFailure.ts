import * as Predicate from "effect/Predicate"
import {
  AnswerLost,
  Conflict,
  DockerError,
  EngineAccessDenied,
  EngineFailed,
  EngineUnreachable,
  NotFound,
  RegistryFailed,
  RequestRefused,
  type StartReason
} from "./DockerError.ts"
import { containerWords, imageWords, logWords, type Reason, type Row, type Said } from "./EngineWords.ts"
import { boundedWords, plainWords } from "./plainWords.ts"
import { withoutNames } from "./withoutNames.ts"

/** What the engine's client throws: an unsuccessful answer, or a failed connection. */
export interface Thrown {
  readonly statusCode: number | undefined
  /** The system's error code, `ECONNREFUSED`. */
  readonly code: string | undefined
  readonly message: string
}

/** Reads a thrown value of unknown shape. From an answer it takes only the message. */
export const thrown = (cause: unknown): Thrown => {
  const field = (name: string): unknown => (Predicate.hasProperty(cause, name) ? cause[name] : undefined)
  const statusCode = field("statusCode")
  const code = field("code")
  const json = field("json")
  const message = Predicate.hasProperty(json, "message") ? json["message"] : field("message")
  return {
    statusCode: isStatus(statusCode) ? statusCode : undefined,
    code: typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined,
    // For streams the client puts the status before the engine's message.
    message: boundedWords(
      typeof message === "string" ? message.replace(/^\(HTTP code \d+\) .*? - /, "") : "no reason was given"
    )
  }
}

const isStatus = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 100 && value < 1000

/** Why the connection failed, where more can be said than the system's code. */
const connectionCodes: Readonly<Record<string, string | undefined>> = {
  ENOENT: "there is no such socket. Is the engine installed and running?",
  ECONNREFUSED: "the connection was refused. Is the engine running?",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOTFOUND: undefined,
  EAI_AGAIN: undefined,
  EHOSTUNREACH: undefined,
  ENETUNREACH: undefined,
  ENOTSOCK: undefined
}

const notConnected = (operation: string, address: string, code: string | undefined, message: string): DockerError => {
  if (code === undefined || !Object.hasOwn(connectionCodes, code)) {
    const detail = `the connection to ${address} broke: ${code ?? plainWords(message)}`
    return new DockerError({ reason: new AnswerLost({ operation, detail }) })
  }
  const detail = `nothing answers at ${address}: ${connectionCodes[code] ?? code}`
  // The owner of a socket does not change by waiting. Over TCP a firewall may answer so.
  const isForbidden = (code === "EACCES" || code === "EPERM") && address.startsWith("unix:")
  return new DockerError({
    reason: isForbidden
      ? new EngineAccessDenied({ operation, address, detail: `${address} may not be opened: permission denied` })
      : new EngineUnreachable({ operation, address, detail })
  })
}

/**
 * The typed error for what a call to the engine threw. With `image` the message is a registry's, or about storing the
 * image; otherwise it is about a container.
 */
export const engineFailure = (
  operation: string,
  address: string,
  { statusCode, code, message }: Thrown,
  image?: string
): DockerError => {
  if (statusCode === undefined) return notConnected(operation, address, code, message)
  const fields = { operation, detail: plainWords(message) }
  if (image !== undefined) {
    // An engine that lacks the endpoint answers with its router's message.
    return statusCode === 404 && /^(404 )?(page )?not found$/i.test(message.trim())
      ? new DockerError({ reason: new NotFound(fields) })
      : registryFailure(operation, image, message)
  }
  const told = meaningOf(containerWords, withoutNames(message), { ...fields, words: message })
  if (told !== undefined) return new DockerError({ reason: told })
  if (statusCode === 404) return new DockerError({ reason: new NotFound(fields) })
  if (statusCode === 409) return new DockerError({ reason: new Conflict(fields) })
  return new DockerError({
    reason:
      statusCode >= 500 ? new EngineFailed({ ...fields, statusCode }) : new RequestRefused({ ...fields, statusCode })
  })
}

/** The typed error for the engine's message about an image: its own, the registry's or the network's. */
export const registryFailure = (operation: string, image: string, message: string): DockerError => {
  const words = boundedWords(message)
  const said = { operation, image, words, detail: plainWords(message) }
  const reason = meaningOf(imageWords, withoutNames(words, image), said)
  return new DockerError({ reason: reason ?? new RegistryFailed({ operation, image, detail: said.detail }) })
}

/** Why a container ended right after its start, if its log holds the runtime's message and nothing of its own. */
export const startReasonIn = (container: string, lines: ReadonlyArray<string>): StartReason | undefined => {
  // Once per start.
  const [line, ...others] = new Set(lines)
  if (line === undefined || others.length > 0) return undefined
  const words = boundedWords(line)
  return meaningOf(logWords, words, { operation: `start container ${container}`, words, detail: plainWords(line) })
}

const meaningOf = <S extends Said, R extends Reason>(
  rows: ReadonlyArray<Row<S, R>>,
  matched: string,
  said: S
): R | undefined => rows.find(({ words }) => words.test(matched))?.means(said)
