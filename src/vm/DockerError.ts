import * as Schema from "effect/Schema"

/** `operation` is the engine call, as in "start container"; `detail` the engine's or the system's own words. */
const fields = { operation: Schema.String, detail: Schema.String }

/** Nothing answers on the engine's socket: it is not there, refuses, or may not be opened. */
export class EngineUnreachable extends Schema.TaggedError<EngineUnreachable>()("EngineUnreachable", {
  ...fields,
  /** Where the engine was looked for. */
  address: Schema.String
}) {
  get isRetryable() {
    return true
  }
}

/** The connection broke before the answer was read whole. Whether the engine acted on the request is not known. */
export class AnswerLost extends Schema.TaggedError<AnswerLost>()("AnswerLost", fields) {
  get isRetryable() {
    return true
  }
}

/** The engine refused the request (4xx), other than "not found" and "conflict". */
export class RequestRefused extends Schema.TaggedError<RequestRefused>()("RequestRefused", {
  ...fields,
  statusCode: Schema.Int
}) {
  get isRetryable() {
    return false
  }
}

/** 404: no such container or image; or an endpoint that this engine does not have. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", fields) {
  get isRetryable() {
    return false
  }
}

/** 409: the name is in use, or the container's state forbids the call. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", fields) {
  get isRetryable() {
    return false
  }
}

/** 5xx: the engine failed at it. */
export class EngineFailed extends Schema.TaggedError<EngineFailed>()("EngineFailed", {
  ...fields,
  statusCode: Schema.Int
}) {
  get isRetryable() {
    return true
  }
}

/** The registry does not have the image, or hides it from those who may not read it. */
export class ImageNotFound extends Schema.TaggedError<ImageNotFound>()("ImageNotFound", {
  ...fields,
  image: Schema.String
}) {
  get isRetryable() {
    return false
  }
}

/** The registry refused our credentials, or their absence. */
export class ImageAccessDenied extends Schema.TaggedError<ImageAccessDenied>()("ImageAccessDenied", {
  ...fields,
  image: Schema.String
}) {
  get isRetryable() {
    return false
  }
}

/** The engine's disk is full. */
export class NoSpace extends Schema.TaggedError<NoSpace>()("NoSpace", fields) {
  get isRetryable() {
    return false
  }
}

/** The engine could not get the image from its registry: unreachable, overloaded, or a broken transfer. */
export class RegistryFailed extends Schema.TaggedError<RegistryFailed>()("RegistryFailed", {
  ...fields,
  image: Schema.String
}) {
  get isRetryable() {
    return true
  }
}

/** The engine answered with something that is not its API. */
export class AnswerInvalid extends Schema.TaggedError<AnswerInvalid>()("AnswerInvalid", fields) {
  get isRetryable() {
    return false
  }
}

/** Everything that a call to the engine can fail with. */
export const DockerErrorReason = Schema.Union([
  EngineUnreachable,
  AnswerLost,
  RequestRefused,
  NotFound,
  Conflict,
  EngineFailed,
  ImageNotFound,
  ImageAccessDenied,
  NoSpace,
  RegistryFailed,
  AnswerInvalid
])

/** A call to the engine that failed. */
export class DockerError extends Schema.TaggedError<DockerError>()("DockerError", { reason: DockerErrorReason }) {
  get isRetryable() {
    return this.reason.isRetryable
  }
  override get message() {
    return `${this.reason.operation}: ${this.reason.detail}`
  }
}
