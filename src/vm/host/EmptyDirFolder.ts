import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CommandError } from "./CommandError.ts"
import { HostFileFailed, HostFiles, parentOf } from "./HostFiles.ts"
import { folderName, shortHash } from "./folderName.ts"
import { defaultStatePath, withoutSlashes } from "./StateFolder.ts"
import { refuseLink } from "./refuseLink.ts"

/**
 * The directories behind `emptyDir` volumes that are not in memory, on the host's disk: `<folder>/<boot>/<volume>`. What
 * is in them lasts for one boot. Every call may fail with `CommandError` or `HostFileFailed`.
 */
export class EmptyDirFolder extends Context.Service<
  EmptyDirFolder,
  {
    /** Where a volume's directory is in the boot of this seed (see `HostRandom`). */
    readonly pathOf: (seed: string, volume: string) => string
    /** The paths of what is there: the directories of the volumes of this boot, and of each other boot one for them all. */
    readonly observe: (seed: string) => Effect.Effect<ReadonlyArray<string>, CommandError | HostFileFailed>
    /** Open to all, as a container of any user may have to write there: nobody else gets that far. */
    readonly make: (path: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** Removes a path that was observed, with all below it. No error if there is nothing. */
    readonly remove: (path: string) => Effect.Effect<void, CommandError | HostFileFailed>
  }
>()("slipway/vm/EmptyDirFolder") {
  /** In the state folder. Neither it nor what is above a volume's directory in it may be a link (see `refuseLink`). */
  static readonly layer = (statePath: string = defaultStatePath) =>
    Layer.effect(
      EmptyDirFolder,
      Effect.gen(function* () {
        const files = yield* HostFiles
        const state = withoutSlashes(statePath)
        const folder = `${state}/empty-dirs`
        const bootFolder = (seed: string) => `${folder}/${shortHash(seed)}`

        /** The folders above a directory that are ours. None may be a link, for nothing may be done in another's place. */
        const closed = Effect.fnUntraced(function* (operation: HostFileFailed["operation"], path: string) {
          const parent = parentOf(path)
          const above = [state, folder, ...(parent === folder ? [] : [parent])]
          if (parent !== folder && parentOf(parent) !== folder) {
            return yield* new HostFileFailed({ operation, path, detail: "it is no directory of an emptyDir" })
          }
          for (const one of above) yield* refuseLink(files, operation, one)
          return above
        })

        return EmptyDirFolder.of({
          pathOf: (seed, volume) => `${bootFolder(seed)}/${folderName(volume)}`,
          observe: Effect.fn("EmptyDirFolder.observe")(function* (seed) {
            const boots = (yield* files.list(folder)).filter((name) => /^[0-9a-f]{16}$/.test(name))
            const own = bootFolder(seed)
            const paths = yield* Effect.forEach(boots, (boot) =>
              `${folder}/${boot}` === own
                ? Effect.map(files.list(own), (names) => names.map((name) => `${own}/${name}`))
                : Effect.succeed([`${folder}/${boot}`])
            )
            return paths.flat().toSorted()
          }),
          make: Effect.fn("EmptyDirFolder.make")(function* (path) {
            for (const above of yield* closed("create directory", path)) yield* files.makeDirectory(above, "0700")
            yield* refuseLink(files, "create directory", path)
            yield* files.makeDirectory(path)
            yield* files.setMode(path, "0777")
          }),
          remove: Effect.fn("EmptyDirFolder.remove")(function* (path) {
            yield* closed("remove", path)
            yield* files.removeTree(path)
          })
        })
      })
    )
}
