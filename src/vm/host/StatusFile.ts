import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
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
    /** Atomic: whoever reads it finds a whole one, or none if it cannot be written. Its mode is 0600. */
    readonly write: (text: string) => Effect.Effect<void, CommandError | HostFileFailed>
    /** Whoever reads it to write it anew does so alone in this process, or what another has written meanwhile is lost. */
    readonly oneAtATime: <A, E, R>(change: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    /**
     * What is written through this service, also where the file cannot be; begins with the last that was. Who is slow
     * misses what came in between, never the newest.
     */
    readonly written: Stream.Stream<string>
  }
>()("slipway/vm/StatusFile") {
  /** It may not be a symbolic link (see `refuseLink`). Its directory is made if it is missing. */
  static readonly layer = (path: string = defaultStatusPath) =>
    Layer.effect(
      StatusFile,
      Effect.gen(function* () {
        const files = yield* HostFiles
        const texts = yield* PubSub.sliding<string>({ capacity: 16, replay: 1 })
        const write = Effect.fn("StatusFile.write")(function* (text: string) {
          yield* refuseLink(files, "write", path)
          // What cannot be written anew, as on a full disk, says what is no more so.
          yield* Effect.tapError(files.write(path, text, { mode: "0600", directoryMode: "0700" }), () =>
            Effect.ignore(files.remove(path))
          )
        })
        const permit = yield* Semaphore.make(1)
        return StatusFile.of({
          path,
          oneAtATime: Semaphore.withPermits(permit, 1),
          read: Effect.andThen(refuseLink(files, "read", path), files.read(path)),
          write: (text) => Effect.ensuring(write(text), PubSub.publish(texts, text)),
          written: Stream.fromPubSub(texts)
        })
      })
    )
}
