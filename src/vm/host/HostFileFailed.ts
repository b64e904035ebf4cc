import * as Schema from "effect/Schema"

/** A call on the host's files failed. `detail` is the host's own message. */
export class HostFileFailed extends Schema.TaggedError<HostFileFailed>()("HostFileFailed", {
  operation: Schema.Literals([
    "read",
    "write",
    "create",
    "create directory",
    "set mode of",
    "set the group of",
    "move",
    "list",
    "inspect",
    "remove",
    "resolve"
  ]),
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.operation} ${this.path}: ${this.detail}`
  }
}
