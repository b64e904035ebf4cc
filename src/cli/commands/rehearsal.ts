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
import { withProgress } from "../output/withProgress.ts"
import { ownScene, rehearseDays } from "./rehearseDays.ts"
import { rehearseFleet } from "./rehearseFleet.ts"
import { readInput } from "../settings/readInput.ts"
import { planText } from "../../progress/PlanDescription.ts"
import { renderReport } from "../output/renderReport.ts"

/** Boots that broke a guarantee: a bug in Slipway. Each seed comes with the guarantee. */
export class RehearsalFailed extends Schema.TaggedError<RehearsalFailed>()("RehearsalFailed", {
  seeds: Schema.Array(Schema.String)
}) {
  override get message() {
    return `${this.seeds.length} of the boots broke a guarantee: a bug in Slipway. Replay one with --seed ${this.seeds[0]} --boots 1 and the same --faults.`
  }
}

/** What is to be rehearsed: one boot, several with faults, days, or a fleet. */
export interface Rehearsal {
  readonly file: Option.Option<string>
  readonly policy: Settings["policy"]
  readonly seed: string
  readonly rate: number
  readonly boots: number
  readonly days: Option.Option<number>
  readonly fleet: Option.Option<number>
  readonly format: "text" | "json"
  readonly plot: Option.Option<string>
}

/** Carries it out in memory, in virtual time. */
export const carryOutRehearsal = Effect.fnUntraced(function* (choice: Rehearsal) {
  const { file, seed, rate, boots, days, fleet, format, plot } = choice
  const settings = { ...defaultSettings, policy: choice.policy }
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
  const decoded = yield* Effect.fromResult(decodeDeclaration(declared, Option.getOrUndefined(choice.policy)))
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
})

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
