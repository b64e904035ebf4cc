import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"
import { refuseLink } from "./refuseLink.ts"

/** What one run leaves for the next, on the host's own disk. Every call may fail with `CommandError` or `HostFileFailed`. */
export class StateFolder extends Context.Service<
  StateFolder,
  {
    /** `none` where there is none, and where another machine wrote it: a cloned disk is not to start another VM's secrets. */
    readonly read: (name: string) => Effect.Effect<Option.Option<string>, CommandError | HostFileFailed>
    /** On the disk when it succeeds, whole, mode 0600. Names are file names, without slashes. */
    readonly write: (name: string, text: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** Succeeds too if there was none. */
    readonly remove: (name: string) => Effect.Effect<void, CommandError | HostFileFailed>
  }
>()("slipway/vm/StateFolder") {
  /**
   * A crash leaves the entry before or the new one. Neither the folder nor an entry may be a symbolic link (see
   * `refuseLink`). `identityPath` is where the machine says which it is.
   */
  static readonly layer = (path: string = "/var/lib/slipway", identityPath = "/sys/class/dmi/id/product_uuid") =>
    Layer.effect(
      StateFolder,
      Effect.gen(function* () {
        const files = yield* HostFiles

        // Where the firmware gives a machine no identity of its own, the host's name has to do: a clone has another.
        const identity = files.read(identityPath).pipe(
          Effect.flatMap(
            Option.match({ onNone: () => files.read("/proc/sys/kernel/hostname"), onSome: Effect.succeedSome })
          ),
          Effect.map((found) => Option.getOrElse(found, () => "").trim())
        )

        const folder = path.replace(/(?<=.)\/+$/, "")

        /** Where an entry is. */
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

const Entry = Schema.Struct({ machine: Schema.String, text: Schema.String })
type Entry = typeof Entry.Type
const decodeEntry = Schema.decodeUnknownOption(Schema.fromJsonString(Entry))
