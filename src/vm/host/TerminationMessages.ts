import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"
import { defaultStatePath, withoutSlashes } from "./StateFolder.ts"
import { refuseLink } from "./refuseLink.ts"

/** Kubernetes' limit for one message; the end of a longer one counts. */
export const longestMessage = 4096

/**
 * The files in which containers leave their last words, on the host's disk: `<folder>/<container>`. Every call may fail
 * with `CommandError` or `HostFileFailed`.
 */
export class TerminationMessages extends Context.Service<
  TerminationMessages,
  {
    /**
     * Makes the file of a new container, by its engine's name, and gives its path. Open to all, as a process of any
     * user may have to write there: nobody else gets that far. What is there is replaced, and stays with the container
     * that has it.
     */
    readonly make: (container: string) => Effect.Effect<string, CommandError | HostFileFailed>
    /** What has been written to it; nothing if it is gone. */
    readonly read: (file: string) => Effect.Effect<string, CommandError | HostFileFailed>
    /** Removes all files but these. */
    readonly keepOnly: (files: ReadonlySet<string>) => Effect.Effect<void, CommandError | HostFileFailed>
  }
>()("slipway/vm/TerminationMessages") {
  /** In the state folder. Neither it nor the folder in it may be a link (see `refuseLink`). */
  static readonly layer = (statePath: string = defaultStatePath) =>
    Layer.effect(
      TerminationMessages,
      Effect.gen(function* () {
        const files = yield* HostFiles
        const state = withoutSlashes(statePath)
        const folder = `${state}/termination-messages`

        const closed = (operation: HostFileFailed["operation"]) =>
          Effect.andThen(refuseLink(files, operation, state), refuseLink(files, operation, folder))

        return TerminationMessages.of({
          make: Effect.fn("TerminationMessages.make")(function* (container) {
            const file = `${folder}/${container}`
            yield* closed("write")
            yield* files.write(file, "", { mode: "0666", directoryMode: "0700" })
            return file
          }),
          read: Effect.fn("TerminationMessages.read")(function* (file) {
            return Option.getOrElse(yield* files.readEnd(file, longestMessage), () => "")
          }),
          keepOnly: Effect.fn("TerminationMessages.keepOnly")(function* (kept) {
            yield* closed("remove")
            const found = (yield* files.list(folder)).map((name) => `${folder}/${name}`)
            yield* Effect.forEach(
              found.filter((file) => !kept.has(file)),
              (file) => files.remove(file),
              { discard: true }
            )
          })
        })
      })
    )
}
