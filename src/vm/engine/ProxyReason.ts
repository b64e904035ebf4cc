import * as Schema from "effect/Schema"
import { engineFields } from "./engineFields.ts"
import type { FailureOrigin } from "./FailureOrigin.ts"

const fields = { ...engineFields, image: Schema.String }

/** The engine's proxy cannot be reached, or fails. */
export class ProxyFailed extends Schema.TaggedError<ProxyFailed>()("ProxyFailed", fields) {
  get origin(): FailureOrigin {
    return "proxy"
  }
  get isRetryable() {
    return true
  }
  get meaning() {
    return "the engine's proxy failed"
  }
  get advice() {
    return "`docker info` shows the engine's proxy; it comes from HTTPS_PROXY in the engine's unit, or from /etc/docker/daemon.json."
  }
}

/** The engine's proxy refuses to connect it. */
export class ProxyRefused extends Schema.TaggedError<ProxyRefused>()("ProxyRefused", fields) {
  get origin(): FailureOrigin {
    return "proxy"
  }
  get isRetryable() {
    return false
  }
  /** The registry was never reached, so the image that the engine has is not in doubt. */
  get isPassing() {
    return true
  }
  get meaning() {
    return "the engine's proxy refused"
  }
  get advice() {
    return "It may want a user and a password (HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT in the engine's unit), or not allow this registry; NO_PROXY names hosts that are reached without it."
  }
}
