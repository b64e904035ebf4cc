import * as Schema from "effect/Schema"
import { engineFields } from "./engineFields.ts"
import type { FailureOrigin } from "./FailureOrigin.ts"

/** Nothing answers on the engine's socket: it is not there, or refuses. */
export class EngineUnreachable extends Schema.TaggedError<EngineUnreachable>()("EngineUnreachable", {
  ...engineFields,
  /** Where the engine was looked for. */
  address: Schema.String
}) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return true
  }
  get advice() {
    return "`systemctl status docker` tells more. Another address goes into DOCKER_HOST."
  }
}

/** The engine's socket is there, and may not be opened. */
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

/** The connection broke before the answer was read whole. Whether the engine acted on the request is not known. */
export class AnswerLost extends Schema.TaggedError<AnswerLost>()("AnswerLost", engineFields) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return true
  }
}

/** The engine refused the request (4xx), other than "not found" and "conflict". */
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

/** 404: no such container or image; or an endpoint that this engine does not have. */
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

/** 5xx: the engine failed at it. */
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
    return "`journalctl --unit docker` tells what the engine was at."
  }
}

const at = (directory: string | undefined): string => (directory === undefined ? "" : ` at ${directory}`)

/** A filesystem on which the engine writes is full. */
export class NoSpace extends Schema.TaggedError<NoSpace>()("NoSpace", {
  ...engineFields,
  /** What is full, where that is said: the engine's data root, that of its containerd, or where it keeps what comes in. */
  directory: Schema.optional(Schema.String)
}) {
  get origin(): FailureOrigin {
    return "disk"
  }
  get isRetryable() {
    return false
  }
  /** Says nothing against the image that the engine holds. */
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

/** A filesystem on which the engine writes is read-only, or fails. */
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
  /** Says nothing against the image that the engine holds. */
  get isPassing() {
    return true
  }
  get meaning() {
    return `the engine cannot write to its disk${at(this.directory)}`
  }
  get advice() {
    return "The kernel makes a filesystem read-only when its disk fails: `dmesg` says why, and `findmnt --target DIRECTORY` what it lies on. A check (fsck) at the next boot may mend it."
  }
}

/** The engine answered with something that is not its API. */
export class AnswerInvalid extends Schema.TaggedError<AnswerInvalid>()("AnswerInvalid", engineFields) {
  get origin(): FailureOrigin {
    return "engine"
  }
  get isRetryable() {
    return false
  }
}
