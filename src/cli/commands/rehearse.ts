import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../declaration/Declaration.ts"
import { type DeclarationText, textOf } from "../../workload/DeclarationText.ts"
import type { Workload } from "../../workload/Workload.ts"
import { fleetDeclaration, sampleDeclaration, vmFor } from "../../simulation/sample.ts"
import { SimulatedVm } from "../../simulation/SimulatedVm.ts"
import { runTrial } from "../../simulation/trial/Trial.ts"
import { TrialSummary } from "../../simulation/trial/TrialSummary.ts"
import { runInVirtualTime } from "../../simulation/host/VirtualTime.ts"
import { defaultSettings, type Settings } from "../../startup/Settings.ts"
import { startup } from "../../startup/startup.ts"
import { tellFailure } from "../output/tellFailure.ts"
import { policyFlag } from "../settings/flags.ts"
import { readPolicy } from "../settings/policy.ts"
import { withProgress } from "../output/progress.ts"
import { rehearseFleet } from "./fleet.ts"
import { readInput } from "../settings/readInput.ts"
import { planText } from "../../progress/PlanDescription.ts"
import { renderReport } from "../output/renderReport.ts"
import { SettingsInvalid } from "../settings/SettingsInvalid.ts"

/** Boots that broke a promise: a fault of ours, each seed with what did not hold. */
export class RehearsalFailed extends Schema.TaggedError<RehearsalFailed>()("RehearsalFailed", {
  seeds: Schema.Array(Schema.String)
}) {
  override get message() {
    return `${this.seeds.length} of the boots broke a promise: a fault in Slipway itself. Replay one with --seed ${this.seeds[0]} --boots 1 and the same --faults.`
  }
}

/** `slipway rehearse`: the whole boot on a VM in memory, in virtual time. */
export const rehearse = Command.make(
  "rehearse",
  {
    file: Argument.String("FILE").pipe(
      Argument.withDescription("A declaration (- is standard input); a sample without it"),
      Argument.optional
    ),
    policy: policyFlag,
    seed: Flag.String("seed").pipe(Flag.withDescription("The same seed gives the same run"), Flag.withDefault("0")),
    faults: Flag.String("faults").pipe(
      Flag.withMetavar("RATE"),
      Flag.withDescription("How likely each call fails, hangs, loses its answer or kills the agent, from 0 to 1"),
      Flag.withDefault("0")
    ),
    boots: Flag.Int("boots").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("So many boots, with seeds that count up; prints what they came to"),
      Flag.withDefault(1)
    ),
    fleet: Flag.Int("fleet").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription(
        "So many VMs at once, on one network with limits; prints when they came up, and what they asked for"
      ),
      Flag.optional
    ),
    plot: Flag.String("plot").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Of a fleet: draws its requests over time, with and without chance in its pauses, as SVG"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ file, policy: policyFile, seed, faults, boots, fleet, plot }) {
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
    const sample = Option.isSome(fleet) ? fleetDeclaration : sampleDeclaration
    const declared = yield* Option.match(file, {
      onNone: () => Effect.succeed({ file: "sample.yaml", text: new TextEncoder().encode(sample) }),
      onSome: readInput
    })
    const { workload } = yield* Effect.fromResult(decodeDeclaration(declared, Option.getOrUndefined(policy)))
    const settings = { ...defaultSettings, policy }
    if (Option.isSome(fleet)) {
      const description = vmFor(workload, textOf(declared))
      return yield* rehearseFleet(declared.file, { vms: fleet.value, seed, description }, startup(settings), plot)
    }
    if (boots === 1 && rate === 0) return yield* one(declared, workload, settings, seed)
    yield* many(declared, workload, settings, { seed, rate, boots })
  }, tellFailure)
).pipe(
  Command.withDescription("Boot a declaration on a simulated VM: no Docker, no root, no waiting"),
  Command.withExamples([
    { command: "slipway rehearse", description: "A sample: plan, progress and report" },
    { command: "slipway rehearse web.yaml --seed 7", description: "Your own declaration, with other chances" },
    {
      command: "slipway rehearse --faults 0.1 --boots 1000",
      description: "Boots that go wrong, and what they came to"
    },
    { command: "slipway rehearse --fleet 10000", description: "A region that comes up at once" }
  ])
)

/** A boot with nothing going wrong, told from the plan to the report. */
const one = Effect.fnUntraced(function* (
  declared: DeclarationText,
  workload: Workload,
  settings: Settings,
  seed: string
) {
  const boot = startup({ ...settings, declaration: Option.some(declared) })
  yield* Console.log(`Booting ${declared.file} on a simulated VM (seed ${seed}); its time is virtual.\n`)
  const report = yield* withProgress(boot, {
    onPlan: (plan) => Console.log(`${planText(plan)}\n`)
  }).pipe(Effect.provide(SimulatedVm.layer({ ...vmFor(workload, textOf(declared)), seed })), runInVirtualTime)
  yield* Console.log(`\n${renderReport(report)}`)
})

/** Boots with faults by chance. One alone is told as it goes; of many, the sum. */
const many = Effect.fnUntraced(function* (
  declared: DeclarationText,
  workload: Workload,
  settings: Settings,
  { seed, rate, boots }: { readonly seed: string; readonly rate: number; readonly boots: number }
) {
  const declaration = textOf(declared)
  const description = vmFor(workload, declaration)
  const summary = new TrialSummary()
  for (let index = 0; index < boots; index++) {
    summary.add(
      yield* runTrial({
        seed: boots === 1 ? seed : seedAt(seed, index),
        rate,
        description,
        declaration,
        boot: withProgress(startup(settings)),
        secrets: secretsOf(workload),
        told: boots === 1
      })
    )
  }
  yield* Console.log(
    `${declared.file} on a simulated VM, from seed ${seed} on; ${rate} of all calls go wrong.\n\n${summary.text}`
  )
  if (summary.failed.length > 0) {
    return yield* new RehearsalFailed({ seeds: summary.failed.map((result) => result.seed) })
  }
})

/** Numbers count up; any other seed has the count behind it. */
const seedAt = (seed: string, index: number): string =>
  /^\d{1,15}$/.test(seed) ? `${Number(seed) + index}` : index === 0 ? seed : `${seed}-${index}`

/** Values of env that are long enough not to be in a line by chance. */
const secretsOf = ({ containers: [container] }: Workload): ReadonlyArray<string> =>
  container.env.map(({ value }) => value).filter((value) => value.length >= 8)
