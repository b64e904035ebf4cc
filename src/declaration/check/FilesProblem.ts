import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

/** A path at which a volume cannot have a file. */
export class FilePathInvalid extends Schema.TaggedError<FilePathInvalid>()("FilePathInvalid", {
  ...position,
  volume: Schema.String,
  filePath: Schema.String,
  /** In words that follow the path. */
  why: Schema.String
}) {
  override get message(): string {
    return `the volume "${this.volume}" cannot have a file at "${this.filePath}": it ${this.why}`
  }
  get advice(): string {
    return 'Write a path below the volume, such as "tls/server.crt".'
  }
}

/** Two files of a volume that cannot both be there. */
export class FilePathTaken extends Schema.TaggedError<FilePathTaken>()("FilePathTaken", {
  ...position,
  volume: Schema.String,
  filePath: Schema.String,
  /** The path of the other; the same, or one above or below it. */
  other: Schema.String
}) {
  override get message(): string {
    return this.filePath === this.other
      ? `the volume "${this.volume}" has two files at "${this.filePath}"`
      : `the volume "${this.volume}" cannot have a file at both "${this.filePath}" and "${this.other}"`
  }
  get advice(): string {
    return 'Give each a path of its own, with "items".'
  }
}

/** Permissions that a file cannot have. */
export class FileModeInvalid extends Schema.TaggedError<FileModeInvalid>()("FileModeInvalid", {
  ...position,
  volume: Schema.String,
  mode: Schema.Int,
  /** It was written in octal. */
  isOctal: Schema.Boolean
}) {
  override get message(): string {
    const found = this.mode < 0 ? "" : ` (${octal(this.mode)} in octal)`
    return `a mode of the volume "${this.volume}" is ${this.mode}${found}, and not from 0 to 511 (0777 in octal)`
  }
  get advice(): string {
    const permissions = octal(this.mode & 0o777)
    if (this.isOctal && this.mode > 0)
      return `Write ${permissions}, without setuid, setgid and sticky bit: Kubernetes refuses these too.`
    const isForgotten = /^[0-7]{3,4}$/.test(String(this.mode))
    const meant = isForgotten ? `0${String(this.mode).slice(-3)}` : "0644"
    return `Write it in octal, with a zero before it, as in ${meant}. In JSON there is no octal: ${Number.parseInt(meant, 8)} is ${meant}.`
  }
}

const octal = (mode: number): string => (mode === 0 ? "0" : `0${mode.toString(8)}`)

/** What has to have exactly one source. */
export class FileSourceInvalid extends Schema.TaggedError<FileSourceInvalid>()("FileSourceInvalid", {
  ...position,
  /** As in `spec.volumes[0].projected.sources[0]`. */
  path: Schema.String,
  found: Schema.Array(Schema.String),
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.found.length === 0
      ? `${this.path} names no source`
      : `${this.path} has more than one source: ${this.found.join(", ")}`
  }
  get advice(): string {
    return `Give it exactly one of ${this.known.slice(0, -1).join(", ")} and ${this.known.at(-1)}.`
  }
}

/** A field of the Pod that a file cannot have. */
export class FileFieldInvalid extends Schema.TaggedError<FileFieldInvalid>()("FileFieldInvalid", {
  ...position,
  /** As in `spec.volumes[0].downwardAPI.items[0].fieldRef.fieldPath`. */
  path: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return this.found === ""
      ? `${this.path} is empty`
      : `${this.path} names no field that a file can have: "${this.found}"`
  }
  get advice(): string {
    return (
      "Write one of metadata.name, metadata.namespace, metadata.uid, metadata.labels, metadata.annotations, " +
      "metadata.labels['KEY'] and metadata.annotations['KEY']; others can be variables."
    )
  }
}

export type FilesProblem = FilePathInvalid | FilePathTaken | FileModeInvalid | FileSourceInvalid | FileFieldInvalid
