import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"
import { firmwareIdentityPath, machineIdentity } from "./machineIdentity.ts"
import { refuseLink } from "./refuseLink.ts"

/**
 * What one run leaves for the next, on the host's disk. Every call may fail with `CommandError` or `HostFileFailed`.
 */
export class StateFolder extends Context.Service<
  StateFolder,
  {
    /** `none` if there is none, or if another machine wrote it: a cloned disk must not start another VM's secrets. */
    readonly read: (name: string) => Effect.Effect<Option.Option<string>, CommandError | HostFileFailed>
    /** Durable once it succeeds; atomic; mode 0600. Names are file names, without slashes. */
    readonly write: (name: string, text: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** No error if there is none. */
    readonly remove: (name: string) => Effect.Effect<void, CommandError | HostFileFailed>
  }
>()("slipway/vm/StateFolder") {
  /**
   * After a crash the entry is the old or the new one. Neither the folder nor an entry may be a symbolic link (see
   * `refuseLink`). `identityPath` is where the machine's identity is read.
   */
  static readonly layer = (path: string = defaultStatePath, identityPath = firmwareIdentityPath) =>
    Layer.effect(
      StateFolder,
      Effect.gen(function* () {
        const files = yield* HostFiles

        const identity = machineIdentity(files, identityPath)

        const folder = withoutSlashes(path)

        /** The path of an entry. */
        const place = Effect.fnUntraced(function* (operation: HostFileFailed["operation"], name: string) {
          const entry = `${folder}/${name}`
          yield* refuseLink(files, operation, folder)
          yield* refuseLink(files, operation, entry)
          return entry
        })

        return StateFolder.of({
          read: Effect.fn("StateFolder.read")(function* (name) {
            const text = yield* files.read(yield* place("read", name))
            if (Option.isNone(text)) return Option.none()
            const entry = decodeEntry(text.value)
            if (Option.isNone(entry) || entry.value.machine !== (yield* identity)) return Option.none()
            return Option.some(entry.value.text)
          }),
          write: Effect.fn("StateFolder.write")(function* (name, text) {
            const entry = JSON.stringify({ machine: yield* identity, text } satisfies Entry)
            yield* files.write(yield* place("write", name), entry, {
              mode: "0600",
              directoryMode: "0700",
              isSynced: true
            })
          }),
          remove: Effect.fn("StateFolder.remove")(function* (name) {
            yield* files.remove(yield* place("remove", name))
          })
        })
      })
    )
}

/** Where it is unless a setting says otherwise. */
export const defaultStatePath = "/var/lib/slipway"

/** A path without slashes at its end. */
export const withoutSlashes = (path: string): string => path.replace(/(?<=.)\/+$/, "")

const Entry = Schema.Struct({ machine: Schema.String, text: Schema.String })
type Entry = typeof Entry.Type
const decodeEntry = Schema.decodeUnknownOption(Schema.fromJsonString(Entry))
