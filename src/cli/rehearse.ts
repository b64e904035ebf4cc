import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { decodeDeclaration } from "../declaration/Declaration.ts"
import { sampleDeclaration, vmFor } from "../simulation/sample.ts"
import { SimulatedVm } from "../simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../simulation/VirtualTime.ts"
import { defaultSettings } from "../startup/Settings.ts"
import { startup } from "../startup/startup.ts"
import { tellFailure } from "./Failure.ts"
import { policyFlag, readPolicy } from "./policy.ts"
import { withProgress } from "./progress.ts"
import { readInput } from "./readInput.ts"
import { renderPlan } from "./renderPlan.ts"
import { renderReport } from "./renderReport.ts"

/** `slipway rehearse`: the whole boot on a VM in memory, in virtual time. */
export const rehearse = Command.make(
  "rehearse",
  {
    file: Argument.String("FILE").pipe(
      Argument.withDescription("A declaration (- is standard input); a sample without it"),
      Argument.optional
    ),
    policy: policyFlag,
    seed: Flag.String("seed").pipe(Flag.withDescription("The same seed gives the same run"), Flag.withDefault("0"))
  },
  Effect.fnUntraced(function* ({ file, policy: policyFile, seed }) {
    const policy = yield* readPolicy(policyFile)
    const declared = yield* Option.match(file, {
      onNone: () => Effect.succeed({ file: "sample.yaml", text: new TextEncoder().encode(sampleDeclaration) }),
      onSome: readInput
    })
    const { workload } = yield* Effect.fromResult(decodeDeclaration(declared, Option.getOrUndefined(policy)))
    const boot = startup({ ...defaultSettings, declaration: Option.some(declared), policy })
    yield* Console.log(`Booting ${declared.file} on a simulated VM (seed ${seed}); its time is virtual.\n`)
    const report = yield* withProgress(boot, {
      onPlan: (plan) => Console.log(`${renderPlan(plan)}\n`)
    }).pipe(
      Effect.provide(SimulatedVm.layer({ ...vmFor(workload, new TextDecoder().decode(declared.text)), seed })),
      runInVirtualTime
    )
    yield* Console.log(`\n${renderReport(report)}`)
  }, tellFailure)
).pipe(
  Command.withDescription("Boot a declaration on a simulated VM: no Docker, no root, no waiting"),
  Command.withExamples([
    { command: "slipway rehearse", description: "A sample: plan, progress and report" },
    { command: "slipway rehearse web.yaml --seed 7", description: "Your own declaration, with other chances" }
  ])
)
