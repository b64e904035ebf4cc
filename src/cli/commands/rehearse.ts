import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../declaration/Declaration.ts"
import { type DeclarationText, textOf } from "../../workload/DeclarationText.ts"
import { resolve } from "../../resolution/resolve.ts"
import { allContainers, type Workload } from "../../workload/Workload.ts"
import { fleetDeclaration, sampleDeclaration, vmFor } from "../../simulation/sample.ts"
import { SimulatedVm } from "../../simulation/SimulatedVm.ts"
import type { VmDescription } from "../../simulation/VmDescription.ts"
import { declaredContainers } from "../../simulation/trial/declaredContainers.ts"
import { runTrial } from "../../simulation/trial/Trial.ts"
import { TrialSummary } from "../../simulation/trial/TrialSummary.ts"
import { drawWeekScene } from "../../simulation/week/WeekScene.ts"
import { runInVirtualTime } from "../../simulation/host/VirtualTime.ts"
import { defaultSettings, type Settings } from "../../startup/Settings.ts"
import { startup } from "../../startup/startup.ts"
import { reportFailure } from "../output/reportFailure.ts"
import { formatFlag, policyFlag } from "../settings/flags.ts"
import { readPolicy } from "../settings/readPolicy.ts"
import { withProgress } from "../output/withProgress.ts"
import { ownScene, rehearseDays } from "./rehearseDays.ts"
import { rehearseFleet } from "./rehearseFleet.ts"
import { readInput } from "../settings/readInput.ts"
import { planText } from "../../progress/PlanDescription.ts"
import { renderReport } from "../output/renderReport.ts"
import { SettingsInvalid } from "../settings/SettingsInvalid.ts"

/** Boots that broke a guarantee: a bug in Slipway. Each seed comes with the guarantee. */
export class RehearsalFailed extends Schema.TaggedError<RehearsalFailed>()("RehearsalFailed", {
  seeds: Schema.Array(Schema.String)
}) {
  override get message() {
    return `${this.seeds.length} of the boots broke a guarantee: a bug in Slipway. Replay one with --seed ${this.seeds[0]} --boots 1 and the same --faults.`
  }
}

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
    const settings = { ...defaultSettings, policy }
    if (Option.isSome(days) && Option.isNone(file)) {
      return yield* rehearseDays("Declarations by chance", yield* drawWeekScene(seed), settings, {
        seed,
        days: days.value,
        format
      })
    }
    const sample = Option.isSome(fleet) ? fleetDeclaration : sampleDeclaration
    const declared = yield* Option.match(file, {
      onNone: () => Effect.succeed({ file: "sample.yaml", text: new TextEncoder().encode(sample) }),
      onSome: readInput
    })
    const decoded = yield* Effect.fromResult(decodeDeclaration(declared, Option.getOrUndefined(policy)))
    const description = vmFor(decoded.workload, textOf(declared))
    const { workload } = yield* resolve(decoded.workload, "settings", Effect.void).pipe(
      Effect.provide(SimulatedVm.layer(description)),
      runInVirtualTime
    )
    if (Option.isSome(days)) {
      const scene = yield* ownScene(declared, workload, description, seed)
      return yield* rehearseDays(declared.file, scene, settings, { seed, days: days.value, format })
    }
    if (Option.isSome(fleet)) {
      return yield* rehearseFleet(declared.file, { vms: fleet.value, seed, description }, startup(settings), plot)
    }
    if (boots === 1 && rate === 0) return yield* rehearseOnce(declared, description, settings, seed)
    yield* rehearseMany(declared, { workload, description }, settings, { seed, rate, boots })
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

/** One boot without faults, shown from the plan to the report. */
const rehearseOnce = Effect.fnUntraced(function* (
  declared: DeclarationText,
  description: VmDescription,
  settings: Settings,
  seed: string
) {
  const boot = startup({ ...settings, declaration: Option.some(declared) })
  yield* Console.log(`Booting ${declared.file} on a simulated VM (seed ${seed}); its time is virtual.\n`)
  const report = yield* withProgress(boot, {
    onPlan: (plan) => Console.log(`${planText(plan)}\n`)
  }).pipe(Effect.provide(SimulatedVm.layer({ ...description, seed })), runInVirtualTime)
  yield* Console.log(`\n${renderReport(report)}`)
})

/** Boots with random faults. A single one logs its progress; all end in a summary. */
const rehearseMany = Effect.fnUntraced(function* (
  declared: DeclarationText,
  { workload, description }: { readonly workload: Workload; readonly description: VmDescription },
  settings: Settings,
  { seed, rate, boots }: { readonly seed: string; readonly rate: number; readonly boots: number }
) {
  const declaration = textOf(declared)
  const summary = new TrialSummary()
  for (let index = 0; index < boots; index++) {
    summary.add(
      yield* runTrial({
        seed: boots === 1 ? seed : seedAt(seed, index),
        rate,
        description,
        declaration,
        declared: declaredContainers(workload),
        boot: withProgress(startup(settings)),
        secrets: secretsOf(workload),
        isLogged: boots === 1
      })
    )
  }
  yield* Console.log(
    `${declared.file} on a simulated VM, from seed ${seed} on, at a fault rate of ${rate}.\n\n${summary.text}`
  )
  if (summary.failed.length > 0) {
    return yield* new RehearsalFailed({ seeds: summary.failed.map((result) => result.seed) })
  }
})

/** A numeric seed counts up; any other gets the count as a suffix. */
const seedAt = (seed: string, index: number): string =>
  /^\d{1,15}$/.test(seed) ? `${Number(seed) + index}` : index === 0 ? seed : `${seed}-${index}`

/** Values of env that are too long to appear in a line by accident. */
const secretsOf = (workload: Workload): ReadonlyArray<string> =>
  allContainers(workload)
    .flatMap(({ env }) => env.map(({ value }) => value))
    .filter((value) => value.length >= 8)
