import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** How long each operation, or one try of it, may take. `SLIPWAY_<NAME>_TIMEOUT` overrides a row. */
export const deadlineTable = {
  /** One metadata read: a local answer takes milliseconds, so five seconds of silence are a broken server. */
  METADATA: Duration.seconds(5),
  /** As metadata; a token that the server has to fetch first takes longer than the rest, yet under a second. */
  TOKEN: Duration.seconds(5),
  /** One read of a secret, the VM's token for it included: the service is across a network, and answers within a second. */
  SECRET: Duration.seconds(10),
  /** The engine's answer to a ping. */
  PING: Duration.seconds(5),
  /** From the request to the engine's first message: it has to resolve, connect and authenticate. */
  PULL_FIRST_BYTE: Duration.minutes(2),
  /** Between two messages of a pull. The engine sends several a second while bytes come in. */
  PULL_STALL: Duration.minutes(1),
  /** A whole pull: 30 GB at 10 MB/s. */
  PULL: Duration.minutes(60),
  /** Long because the engine may still be unpacking or its disk be busy with a pull. */
  CREATE: Duration.minutes(4),
  START: Duration.minutes(3),
  /** On top of the grace period that the container has before it is killed. */
  STOP: Duration.minutes(2),
  REMOVE: Duration.minutes(2),
  LIST: Duration.seconds(30),
  INSPECT: Duration.seconds(30),
  /** For a disk that metadata lists to appear as a device. */
  DISK: Duration.seconds(60),
  MOUNT: Duration.minutes(2),
  /** A file of ours on the host: the state folder, the greeting. A root disk that hangs must not hold a run. */
  FILE: Duration.minutes(2),
  FIREWALL: Duration.minutes(2),
  /** Waiting for another run to end. A first boot with a large image can take that long. */
  LOCK: Duration.minutes(15),
  /** An init container, its retries included. */
  INIT: Duration.minutes(30),
  /** A check of some terabytes, repairs included. */
  FSCK: Duration.minutes(30),
  MKFS: Duration.minutes(30),
  /** Giving a volume to a group: some ten million files. */
  GROUP: Duration.minutes(30),
  /** Growing some terabytes while they are in use, which takes seconds where the disk is not busy. */
  GROW: Duration.minutes(10)
} as const satisfies Record<string, Duration.Duration>

/** What has a deadline: a row of the table, `PULL` or `STOP`. */
export type Operation = keyof typeof deadlineTable

/** The deadlines in force. */
export const Deadlines = Context.Reference<Readonly<Record<Operation, Duration.Duration>>>("slipway/timing/Deadlines", {
  defaultValue: () => deadlineTable
})

/** An operation that was given up because it took longer than its deadline. */
export class OperationTimeout extends Schema.TaggedError<OperationTimeout>()("OperationTimeout", {
  operation: Schema.String,
  /** The setting's name in the table. */
  setting: Schema.String,
  limit: Schema.Duration
}) {
  get isRetryable() {
    return true
  }
  get advice() {
    return `If it needs longer, raise SLIPWAY_${this.setting}_TIMEOUT.`
  }
  override get message() {
    return `${this.operation}: timed out after ${Duration.format(this.limit)}`
  }
}

/**
 * Fails with `OperationTimeout` if the effect takes longer than its row of the table allows. `operation` names it to
 * the operator. `extra` is added to the limit (the grace period of a stop).
 */
export const withDeadline =
  (setting: Operation, operation: string, extra: Duration.Duration = Duration.zero) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | OperationTimeout, R> =>
    Effect.flatMap(Deadlines, (deadlines) => {
      const limit = Duration.sum(deadlines[setting], extra)
      return Effect.timeoutOrElse(effect, {
        duration: limit,
        orElse: () => Effect.fail(new OperationTimeout({ operation, setting, limit }))
      })
    })
