import { theContainer } from "../text/named.ts"
import * as Schema from "effect/Schema"
import { oneLine } from "../text/printable.ts"

/** A container would have to be created with the value of a secret that could not be read. */
export class SecretUnread extends Schema.TaggedError<SecretUnread>()("SecretUnread", {
  /** As it is declared. */
  container: Schema.String,
  variable: Schema.String,
  /** The version that the containers before it had. */
  version: Schema.String,
  why: Schema.String
}) {
  override get message() {
    const { container, variable, version, why } = this
    return (
      `${theContainer(container)} has to be created, but the value of its ` +
      `variable ${oneLine(variable)}, ${version} as far as is known, could not be read: ${why}`
    )
  }
}

/** The same of a file of a volume. */
export class FileUnread extends Schema.TaggedError<FileUnread>()("FileUnread", {
  volume: Schema.String,
  path: Schema.String,
  /** The version that the containers before had. */
  version: Schema.String,
  why: Schema.String
}) {
  override get message() {
    const { volume, path, version, why } = this
    return (
      `the file ${oneLine(path)} of the volume ${oneLine(volume)} has to be written, but the secret that it holds, ` +
      `${version} as far as is known, could not be read: ${why}`
    )
  }
}
