import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

/** Tells a process of this VM from all others of its boot that can run Slipway. */
export class Processes extends Context.Service<
  Processes,
  {
    /** Identifies this process; `none` where the host's /proc does not show it. Opaque to others. */
    readonly self: Effect.Effect<Option.Option<string>>
    /** Whether the process of such an identity is alive; `none` where that cannot be told from here. */
    readonly isAlive: (identity: string) => Effect.Effect<Option.Option<boolean>>
  }
>()("slipway/vm/Processes") {
  /**
   * `procPath` is where the host's /proc is. A number is given to another process sooner or later: its start time, in ticks
   * since the boot, goes with it, and the PID namespace in which it counts. Source: proc_pid_stat(5).
   */
  static readonly layer = (procPath: string = "/proc") =>
    Layer.effect(
      Processes,
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const statOf = (process: string) =>
          Effect.map(files.readFileString(`${procPath}/${process}/stat`), readStat).pipe(
            Effect.asSome,
            Effect.catch(({ reason }) =>
              // A process that ends while its file is read.
              Effect.succeed(isGone(reason) ? Option.none<Stat>() : undefined)
            )
          )
        /** In which this /proc counts: ours, if it has one number for us, else its first process's, which few may ask. */
        const namespace = Effect.option(
          Effect.flatMap(files.readFileString(`${procPath}/self/status`), (status) =>
            files.readLink(`${procPath}/${/^NSpid:\t\d+$/m.test(status) ? "self" : "1"}/ns/pid`)
          )
        )
        return Processes.of({
          self: Effect.gen(function* () {
            const [stat, within] = [yield* statOf("self"), yield* namespace]
            if (stat === undefined || Option.isNone(stat) || Option.isNone(within)) return Option.none()
            return Option.some(`${within.value} ${stat.value.pid} ${stat.value.startTicks}`)
          }),
          isAlive: Effect.fnUntraced(function* (identity) {
            const [, within, pid, startTicks] = /^(\S+) (\d+) (\d+)$/.exec(identity) ?? []
            if (pid === undefined || !Option.contains(yield* namespace, within)) return Option.none()
            const stat = yield* statOf(pid)
            if (stat === undefined) return Option.none()
            return Option.some(Option.exists(stat, (now) => !now.hasEnded && now.startTicks === startTicks))
          })
        })
      })
    )
}

interface Stat {
  readonly pid: string
  /** It has ended, and nobody has waited for it. */
  readonly hasEnded: boolean
  readonly startTicks: string
}

/** The name in brackets may have spaces and brackets in it; the fields after it are counted from its end. */
const readStat = (text: string): Stat => {
  const after = text.slice(text.lastIndexOf(")") + 2).split(" ")
  return {
    pid: text.slice(0, text.indexOf(" ")),
    hasEnded: after[0] === "Z" || after[0] === "X",
    startTicks: after[19] ?? ""
  }
}

const isGone = (reason: { readonly _tag: string; readonly cause?: unknown }): boolean =>
  reason._tag === "NotFound" || (reason.cause instanceof Error && /ESRCH/.test(reason.cause.message))
