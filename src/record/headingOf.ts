import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { seconds } from "../text/seconds.ts"
import type { RunRecord } from "./RunRecord.ts"

const results = {
  done: "came up",
  "nothing declared": "found nothing declared",
  failed: "failed",
  "held back": "was held back",
  superseded: "gave way to a newer declaration, or to `slipway down`,",
  stopped: "was stopped by a signal",
  down: "stopped everything, as `slipway down` asked for,",
  "left down": "left everything stopped, as `slipway down` had asked for,"
} as const satisfies Readonly<Record<RunRecord["result"], string>>

/** `Run 7 of 2026-01-01T00:00:00.000Z failed after 6.8 s.` */
export const headingOf = ({ number, began, result, restart, goesDown, tookMillis }: RunRecord): string =>
  `Run ${number} of ${DateTime.formatIso(began)} ${
    restart !== undefined && result === "done"
      ? `${restart.what} ${restart.name}`
      : goesDown === true
        ? `${result === "left down" ? "left everything stopped" : "stopped everything"}, as the machine went down,`
        : results[result]
  } after ${seconds(Duration.millis(tookMillis))}.`
