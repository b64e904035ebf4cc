import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { CommandError } from "./CommandError.ts"
import { CommandRunner } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"
import { oneLine } from "../../text/printable.ts"
import { type HostFileFailed, HostFiles, parentOf } from "./HostFiles.ts"
import { refuseLink } from "./refuseLink.ts"

/** Another run held the lock for as long as we were willing to wait. */
export class LockBusy extends Schema.TaggedError<LockBusy>()("LockBusy", {
  path: Schema.String,
  /** How the holder described itself; empty if it did not. */
  holder: Schema.String,
  waited: Schema.Duration
}) {
  get advice() {
    return "Wait for it, or see what it does: `journalctl --unit slipway`."
  }
  override get message() {
    return `another run holds ${this.path}${this.holder === "" ? "" : ` (${this.holder})`}`
  }
}

/** The attempt to lock failed. `detail` is the program's own message. */
export class LockFailed extends Schema.TaggedError<LockFailed>()("LockFailed", {
  path: Schema.String,
  detail: Schema.String
}) {
  get advice() {
    return "Its place is a setting: SLIPWAY_LOCK, a path in a directory that you may write to."
  }
  override get message() {
    return `lock ${this.path}: ${this.detail}`
  }
}

/** One run at a time on a VM. */
export class Lock extends Context.Service<
  Lock,
  {
    /**
     * Holds the lock until the scope closes or the process dies, in whatever way. `holder` is written into the lock
     * file for others to read. Waits up to `limit` for another run, after telling `onWait` who holds it.
     */
    readonly acquire: (options: {
      readonly holder: string
      readonly limit: Duration.Duration
      readonly onWait: (holder: string) => Effect.Effect<void>
    }) => Effect.Effect<void, CommandError | LockBusy | LockFailed, Scope.Scope>
  }
>()("slipway/vm/Lock") {
  /**
   * A child process holds the lock until its stdin ends: `flock … tee`. Only we have the other end of that pipe, so
   * child and lock end with us, however we end. tee writes the holder's line into the file; its echo tells that the
   * lock is held. The file may not be a symbolic link (see `refuseLink`): both programs would follow it.
   */
  static readonly layer = (path: string = "/run/slipway/lock") =>
    Layer.effect(
      Lock,
      Effect.gen(function* () {
        const runner = yield* CommandRunner
        const files = yield* HostFiles

        /** Tries to lock, and tells whether we hold it. `wait` is flock's option for how long to wait. */
        const hold = Effect.fnUntraced(function* (wait: ReadonlyArray<string>, holder: string) {
          // With --no-fork flock becomes tee: one process to end, and none left over.
          const args = ["--exclusive", "--no-fork", ...wait, "--conflict-exit-code", `${conflict}`, path, "tee", path]
          const ended = yield* runner.hold({ program: "flock", args, stdin: `${holder}\n` })
          if (Option.isNone(ended)) return true
          if (ended.value.exitCode === conflict) return false
          return yield* new LockFailed({ path, detail: complaint({ ...ended.value, stdout: "" }) })
        })

        const failing = <A>(step: Effect.Effect<A, CommandError | HostFileFailed>) =>
          Effect.catchTag(step, "HostFileFailed", ({ detail }) => new LockFailed({ path, detail }))

        /** How the holder described itself; empty if it did not. */
        const readHolder = files.read(path).pipe(
          Effect.map((text) =>
            oneLine(
              Option.getOrElse(text, () => ""),
              longestHolder
            )
          ),
          Effect.orElseSucceed(() => "")
        )

        const acquire = Effect.fn("Lock.acquire")(function* ({ holder, limit, onWait }: AcquireOptions) {
          const line = oneLine(holder, longestHolder)
          yield* failing(refuseLink(files, "write", path))
          const held = yield* Effect.catchIf(
            hold(["--nonblock"], line),
            (error) => error._tag === "LockFailed" && /no such file/i.test(error.detail),
            () => Effect.andThen(failing(files.makeDirectory(parentOf(path), "0700")), hold(["--nonblock"], line))
          )
          if (!held) {
            yield* onWait(yield* readHolder)
            const seconds = Math.min(Duration.toSeconds(limit), longestWaitSeconds)
            if (seconds === 0 || !(yield* hold(["--wait", `${seconds}`], line))) {
              return yield* new LockBusy({ path, holder: yield* readHolder, waited: limit })
            }
          }
          // If the directory is ours, others cannot enter it already.
          yield* Effect.ignore(files.setMode(path, "0600"))
        })

        return Lock.of({ acquire })
      })
    )
}

/** As `Lock.acquire` takes them. */
type AcquireOptions = Parameters<Lock["Service"]["acquire"]>[0]

/** flock's exit code if the lock is taken. Its default, 1, could also be tee's. */
const conflict = 75

/** A day: flock cannot wait without a limit. */
const longestWaitSeconds = 86_400

/** The most characters of a holder's description that are kept and shown. */
const longestHolder = 200
