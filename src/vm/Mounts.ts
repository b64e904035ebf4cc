import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"

/** One line of the mount table, its octal escapes undone. */
export interface Mount {
  readonly source: string
  readonly target: string
  readonly type: string
  readonly options: ReadonlyArray<string>
}

/** `mount`, `umount` or `mkdir` said no; `detail` is its own word for why. */
export class MountFailed extends Schema.TaggedError<MountFailed>()("MountFailed", {
  operation: Schema.Literals(["mount", "unmount", "create directory"]),
  target: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.operation} ${this.target}: ${this.detail}`
  }
}

/** The host's mounts and mount points. */
export class Mounts extends Context.Service<
  Mounts,
  {
    /** The mount table of the namespace that commands run in, in the table's order. */
    readonly table: Effect.Effect<ReadonlyArray<Mount>, CommandError | MountFailed>
    /** Creates the mount point if it is missing and mounts onto it. `options` as for `mount -o`. */
    readonly mount: (mount: Mount) => Effect.Effect<void, CommandError | MountFailed>
    readonly unmount: (target: string) => Effect.Effect<void, CommandError | MountFailed>
    /** Creates the directory and its parents where they are missing. */
    readonly createDirectory: (path: string) => Effect.Effect<void, CommandError | MountFailed>
  }
>()("slipway/vm/Mounts") {}
