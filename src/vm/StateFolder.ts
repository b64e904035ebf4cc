import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"
import { type Command, CommandRunner } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"

/** What is kept from one run to the next could not be read or written; `detail` is the program's own word for why. */
export class StateFailed extends Schema.TaggedError<StateFailed>()("StateFailed", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `keep ${this.path}: ${this.detail}`
  }
}

/** What one run leaves for the next, on the host's own disk. Every call may fail with `CommandError` or `StateFailed`. */
export class StateFolder extends Context.Service<
  StateFolder,
  {
    /** `none` where there is none, and where another machine wrote it: a cloned disk is not to start another VM's secrets. */
    readonly read: (name: string) => Effect.Effect<Option.Option<string>, CommandError | StateFailed>
    /** On the disk when it succeeds, whole, mode 0600. Names are file names, without slashes. */
    readonly write: (name: string, text: string) => Effect.Effect<void, CommandError | StateFailed>
    /** Succeeds too if there was none. */
    readonly remove: (name: string) => Effect.Effect<void, CommandError | StateFailed>
  }
>()("slipway/vm/StateFolder") {
  /**
   * Over the host's own mkdir, install, dd, mv, sync, cat and rm. An entry is written beside its place, synced, and moved
   * there: a crash leaves the one before or the new one. `identityPath` is where the machine says which it is.
   */
  static readonly layer = (path: string = "/var/lib/slipway", identityPath = "/sys/class/dmi/id/product_uuid") =>
    Layer.effect(
      StateFolder,
      Effect.gen(function* () {
        const runner = yield* CommandRunner

        const run = Effect.fnUntraced(function* (command: Command) {
          const result = yield* runner.run(command)
          // Not its stdout, which may be what is kept.
          const detail = `${command.program}: ${complaint({ ...result, stdout: "" })}`
          if (result.exitCode !== 0) return yield* new StateFailed({ path, detail })
        })

        /** `none` where there is no such file. */
        const cat = Effect.fnUntraced(function* (file: string) {
          const result = yield* runner.run({ program: "cat", args: ["--", file] })
          if (result.exitCode === 0) return Option.some(result.stdout)
          if (/no such file/i.test(result.stderr)) return Option.none<string>()
          return yield* new StateFailed({ path: file, detail: complaint({ ...result, stdout: "" }) })
        })

        // Where the firmware gives a machine no identity of its own, the host's name has to do: a clone has another.
        const identity = cat(identityPath).pipe(
          Effect.flatMap(Option.match({ onNone: () => cat("/proc/sys/kernel/hostname"), onSome: Effect.succeedSome })),
          Effect.map((found) => Option.getOrElse(found, () => "").trim())
        )

        return StateFolder.of({
          read: Effect.fn("StateFolder.read")(function* (name) {
            const text = yield* cat(`${path}/${name}`)
            if (Option.isNone(text)) return Option.none()
            const entry = decodeEntry(text.value)
            if (Option.isNone(entry) || entry.value.machine !== (yield* identity)) return Option.none()
            return Option.some(entry.value.text)
          }),
          write: Effect.fn("StateFolder.write")(function* (name, text) {
            const draft = `${path}/${name}.new`
            const stdin = JSON.stringify({ machine: yield* identity, text } satisfies Entry)
            yield* run({ program: "mkdir", args: ["-p", "-m", "0700", "--", path] })
            // Empty and closed to others before anything is in it.
            yield* run({ program: "install", args: ["-m", "0600", "-T", "--", "/dev/null", draft] })
            yield* run({ program: "dd", args: [`of=${draft}`, "conv=fsync", "status=none"], stdin })
            yield* run({ program: "mv", args: ["-f", "-T", "--", draft, `${path}/${name}`] })
            yield* run({ program: "sync", args: ["--", path] })
          }),
          remove: Effect.fn("StateFolder.remove")(function* (name) {
            yield* run({ program: "rm", args: ["-f", "--", `${path}/${name}`] })
          })
        })
      })
    )
}

const Entry = Schema.Struct({ machine: Schema.String, text: Schema.String })
type Entry = typeof Entry.Type
const decodeEntry = Schema.decodeUnknownOption(Schema.fromJsonString(Entry))
