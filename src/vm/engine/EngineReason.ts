import * as Schema from "effect/Schema"
import { engineFields } from "./engineFields.ts"
import type { FailureOrigin } from "./FailureOrigin.ts"

/** The engine's socket does not exist, or refuses connections. */
export class EngineUnreachable extends Schema.TaggedError<EngineUnreachable>()("EngineUnreachable", {
  ...engineFields,
  /** Where the engine was expected. */
  address: Schema.String
}) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return true
  }
  get advice() {
    return "`systemctl status docker` tells more. If the engine has another address, set DOCKER_HOST."
  }
}

/** We may not open the engine's socket. */
export class EngineAccessDenied extends Schema.TaggedError<EngineAccessDenied>()("EngineAccessDenied", {
  ...engineFields,
  address: Schema.String
}) {
  get origin(): FailureOrigin {
    return "host"
  }
  get isRetryable() {
    return false
  }
  get advice() {
    return "Run as root, or as a member of the group that owns the socket (`usermod --append --groups docker USER`, then log in again)."
  }
}

/** The connection broke before the answer was complete: the outcome is unknown. */
export class AnswerLost extends Schema.TaggedError<AnswerLost>()("AnswerLost", engineFields) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return true
  }
}

/** The engine rejected the request with a 4xx other than 404 and 409. */
export class RequestRefused extends Schema.TaggedError<RequestRefused>()("RequestRefused", {
  ...engineFields,
  statusCode: Schema.Int
}) {
  get origin(): FailureOrigin {
    return "declaration"
  }
  get isRetryable() {
    return false
  }
}

/** 404: no such container or image, or an endpoint that this engine lacks. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", engineFields) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return false
  }
}

/** 409: the name is in use, or the container's state forbids the call. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", engineFields) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return false
  }
}

/** 5xx: the engine failed. */
export class EngineFailed extends Schema.TaggedError<EngineFailed>()("EngineFailed", {
  ...engineFields,
  statusCode: Schema.Int
}) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return true
  }
  get advice() {
    return "`journalctl --unit docker` shows what the engine was doing."
  }
}

const at = (directory: string | undefined): string => (directory === undefined ? "" : ` at ${directory}`)

/** A filesystem that the engine writes to is full. */
export class NoSpace extends Schema.TaggedError<NoSpace>()("NoSpace", {
  ...engineFields,
  /** What is full, if known: the engine's data root, containerd's, or the directory for downloads. */
  directory: Schema.optional(Schema.String)
}) {
  get origin(): FailureOrigin {
    return "disk"
  }
  get isRetryable() {
    return false
  }
  /** The image that the engine has is not in doubt. */
  get isPassing() {
    return true
  }
  get meaning() {
    return `the engine's disk is full${at(this.directory)}`
  }
  get advice() {
    return "`docker system df` shows what fills it, and `docker image prune --all` removes unused images. Where `df` shows free space, `df --inodes` may not."
  }
}

/** A filesystem that the engine writes to is read-only or failing. */
export class EngineDiskFailed extends Schema.TaggedError<EngineDiskFailed>()("EngineDiskFailed", {
  ...engineFields,
  directory: Schema.optional(Schema.String)
}) {
  get origin(): FailureOrigin {
    return "disk"
  }
  get isRetryable() {
    return false
  }
  /** The image that the engine has is not in doubt. */
  get isPassing() {
    return true
  }
  get meaning() {
    return `the engine cannot write to its disk${at(this.directory)}`
  }
  get advice() {
    return "The kernel makes a filesystem read-only when its disk fails: `dmesg` says why, and `findmnt --target DIRECTORY` what it lies on. A check (fsck) at the next boot may repair it."
  }
}

/** The container's log driver sends its output away, or keeps none of it. */
export class LogUnreadable extends Schema.TaggedError<LogUnreadable>()("LogUnreadable", engineFields) {
  get origin(): FailureOrigin {
    return "declaration"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "its log driver keeps nothing that can be read back"
  }
}

/** The answer is not one of the engine's API. */
export class AnswerInvalid extends Schema.TaggedError<AnswerInvalid>()("AnswerInvalid", engineFields) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return false
  }
}
