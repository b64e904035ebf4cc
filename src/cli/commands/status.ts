import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { StatusNow } from "../../record/StatusNow.ts"
import { statusNow } from "../../record/readStatusNow.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import { exitCodes } from "../output/exitCodes.ts"
import type { Failure } from "../output/Failure.ts"
import { renderStatusNow } from "../output/renderStatusNow.ts"
import { reportFailure } from "../output/reportFailure.ts"
import type { Platform } from "../Platform.ts"
import { formatFlag, lookFlags } from "../settings/flags.ts"
import { readHostSettings } from "../settings/readSettings.ts"

/** Between two looks of `--watch`. A look reads one small file and asks the engine once a container. */
const pause = Duration.seconds(2)

const exitCodeOf = {
  "as declared": exitCodes.done,
  "not as declared": exitCodes.notAsDeclared,
  unknown: exitCodes.unknown
} as const satisfies Readonly<Record<StatusNow["verdict"], number>>

/** `slipway status`. Its exit code is the verdict. */
export const makeStatus = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "status",
    {
      ...lookFlags,
      format: formatFlag,
      watch: Flag.Boolean("watch").pipe(
        Flag.withDescription(
          "Keep running, and print it again whenever it changes; with --format json, one line each time"
        ),
        Flag.withDefault(false)
      )
    },
    Effect.fnUntraced(function* ({ format, watch, ...flags }) {
      const { host, deadlines } = yield* readHostSettings(flags)
      const text = (now: StatusNow) =>
        format === "text" ? renderStatusNow(now) : JSON.stringify(encode(now), null, watch ? undefined : 2)
      yield* Effect.gen(function* () {
        let shown: string | undefined
        for (;;) {
          const now = yield* statusNow
          const next = text(now)
          if (next !== shown) yield* Console.log(shown === undefined || format === "json" ? next : `\n${next}`)
          shown = next
          platform.exitWith(exitCodeOf[now.verdict])
          if (!watch) return
          yield* Effect.sleep(pause)
        }
      }).pipe(Effect.provideService(Deadlines, deadlines), Effect.provide(platform.layerVm(host)))
    }, reportFailure)
  ).pipe(
    Command.withDescription(
      "Say what is declared, what runs, and how the last run went and why. Exit code: 0 if what is declared runs, 3 if not, 4 if that is not known"
    ),
    Command.withExamples([
      { command: "slipway status", description: "What the last run left, and whether it is still so" },
      { command: "slipway status --format json", description: "For programs: docs/status.md has its keys" },
      { command: "slipway status --watch", description: "Until Ctrl-C" }
    ])
  )

const encode = Schema.encodeSync(StatusNow)
