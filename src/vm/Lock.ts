import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { CommandError } from "./CommandError.ts"

/** Another run held the lock for all the time that we were willing to wait. */
export class LockBusy extends Schema.TaggedError<LockBusy>()("LockBusy", {
  path: Schema.String,
  /** What the holder wrote of itself; empty where it wrote nothing. */
  holder: Schema.String,
  waited: Schema.Duration
}) {
  override get message() {
    return `another run holds ${this.path}${this.holder === "" ? "" : ` (${this.holder})`}`
  }
}

/** The lock could not be tried at all; `detail` is the program's own word for why. */
export class LockFailed extends Schema.TaggedError<LockFailed>()("LockFailed", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `lock ${this.path}: ${this.detail}`
  }
}

/** One run at a time on a VM. */
export class Lock extends Context.Service<
  Lock,
  {
    /**
     * Holds the lock until the scope closes or the process dies, however it dies. `holder` is written into the lock's
     * file for others to read. Waits up to `limit` for another run, after telling `onWait` who that is.
     */
    readonly acquire: (options: {
      readonly holder: string
      readonly limit: Duration.Duration
      readonly onWait: (holder: string) => Effect.Effect<void>
    }) => Effect.Effect<void, CommandError | LockBusy | LockFailed, Scope.Scope>
  }
>()("slipway/vm/Lock") {}
