import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { reportFailure } from "../output/reportFailure.ts"
import { formatFlag, policyFlag } from "../settings/flags.ts"
import { readPolicy } from "../settings/readPolicy.ts"
import { SettingsInvalid } from "../settings/SettingsInvalid.ts"

/** `slipway rehearse`: the whole boot on a VM in memory, in virtual time. */
export const rehearse = Command.make(
  "rehearse",
  {
    file: Argument.String("FILE").pipe(
      Argument.withDescription("The declaration to boot; - is standard input (default: a sample)"),
      Argument.optional
    ),
    policy: policyFlag,
    seed: Flag.String("seed").pipe(
      Flag.withMetavar("TEXT"),
      Flag.withDescription("Any text, from which all random choices follow: the same seed gives the same run"),
      Flag.withDefault("0")
    ),
    faults: Flag.String("faults").pipe(
      Flag.withMetavar("RATE"),
      Flag.withDescription(
        "The probability that a call fails, hangs, loses its answer or kills the agent, from 0 to 1"
      ),
      Flag.withDefault("0")
    ),
    boots: Flag.Int("boots").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Boot N times, each with the next seed, and print a summary"),
      Flag.withDefault(1)
    ),
    days: Flag.Int("days").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription(
        "Let the agent live N days of changes, faults, reboots and its own deaths; print what was down, for how long and why"
      ),
      Flag.optional
    ),
    fleet: Flag.Int("fleet").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription(
        "Boot N VMs at once on one rate-limited network; print when they came up and how many requests they made"
      ),
      Flag.optional
    ),
    format: formatFlag,
    plot: Flag.String("plot").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("With --fleet: draw its requests over time, with and without jitter, as SVG into this file"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ file, policy: policyFile, seed, faults, boots, days, fleet, plot, format }) {
    const policy = yield* readPolicy(policyFile)
    const rate = Number(faults)
    if (!(rate >= 0 && rate <= 1) || faults.trim() === "") {
      return yield* new SettingsInvalid({ problems: ["--faults must be a number from 0 to 1"] })
    }
    if (boots < 1) return yield* new SettingsInvalid({ problems: ["--boots must be 1 or more"] })
    if (Option.exists(fleet, (vms) => vms < 1)) {
      return yield* new SettingsInvalid({ problems: ["--fleet must be 1 or more"] })
    }
    if (Option.isSome(fleet) ? rate > 0 || boots > 1 : Option.isSome(plot)) {
      return yield* new SettingsInvalid({
        problems: ["--fleet goes without --faults and --boots, and --plot goes with --fleet"]
      })
    }
    if (Option.isSome(days) && (days.value < 1 || Option.isSome(fleet) || rate > 0 || boots > 1)) {
      return yield* new SettingsInvalid({
        problems: ["--days must be 1 or more, and goes without --faults, --boots and --fleet"]
      })
    }
    if (Option.isNone(days) && format === "json") {
      return yield* new SettingsInvalid({ problems: ["--format json goes with --days"] })
    }
    // No other command needs the simulation.
    const { carryOutRehearsal } = yield* Effect.promise(() => import("./rehearsal.ts"))
    yield* carryOutRehearsal({ file, policy, seed, rate, boots, days, fleet, format, plot })
  }, reportFailure)
).pipe(
  Command.withDescription("Boot a declaration on a simulated VM: no Docker, no root, no waiting"),
  Command.withExamples([
    { command: "slipway rehearse", description: "A sample: plan, progress and report" },
    { command: "slipway rehearse web.yaml --seed 7", description: "Your own declaration, with another seed" },
    {
      command: "slipway rehearse --faults 0.1 --boots 1000",
      description: "Boots with random faults, and their summary"
    },
    { command: "slipway rehearse --days 7", description: "A week of a VM with its agent" },
    { command: "slipway rehearse --days 7 --format json", description: "For programs: docs/testing.md has its keys" },
    { command: "slipway rehearse --fleet 10000", description: "A region that comes up at once" }
  ])
)
