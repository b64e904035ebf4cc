import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"
import { refuseLink } from "./refuseLink.ts"

/** Where it is unless a setting says otherwise: in memory, so that it does not outlive the boot. */
export const defaultStatusPath = "/run/slipway/status.json"

/** The file that says what runs and how the last run went. Every call may fail with `CommandError` or `HostFileFailed`. */
export class StatusFile extends Context.Service<
  StatusFile,
  {
    readonly path: string
    /** `none` if there is none. */
    readonly read: Effect.Effect<Option.Option<string>, CommandError | HostFileFailed>
    /** Atomic: whoever reads it finds a whole one. Its mode is 0600. */
    readonly write: (text: string) => Effect.Effect<void, CommandError | HostFileFailed>
  }
>()("slipway/vm/StatusFile") {
  /** It may not be a symbolic link (see `refuseLink`). Its directory is made if it is missing. */
  static readonly layer = (path: string = defaultStatusPath) =>
    Layer.effect(
      StatusFile,
      Effect.map(HostFiles, (files) =>
        StatusFile.of({
          path,
          read: Effect.andThen(refuseLink(files, "read", path), files.read(path)),
          write: Effect.fn("StatusFile.write")(function* (text) {
            yield* refuseLink(files, "write", path)
            yield* files.write(path, text, { mode: "0600", directoryMode: "0700" })
          })
        })
      )
    )
}
