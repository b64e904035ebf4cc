import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describeInstall, type InstallStep, KonletPresent, planInstall, planUninstall } from "../install/InstallPlan.ts"
import { Systemd } from "../install/Systemd.ts"
import { unitText } from "../install/unit.ts"
import { type Failure, tellFailure } from "./Failure.ts"
import type { Outside } from "./Outside.ts"

const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("Say what would be done, and do nothing"),
  Flag.withDefault(false)
)

/** Does the steps, or says which they would be, a line for each. */
const carryOut = Effect.fnUntraced(function* (steps: ReadonlyArray<InstallStep>, isDry: boolean) {
  const systemd = yield* Systemd
  if (steps.length === 0) yield* Console.log("nothing to do")
  for (const step of steps) {
    if (!isDry) yield* systemd.perform(step)
    yield* Console.log(`${isDry ? "would " : ""}${describeInstall(step)}`)
  }
})

/** `slipway install`. */
export const makeInstall = <E extends Failure, R>(outside: Outside<E, R>) =>
  Command.make(
    "install",
    {
      takeover: Flag.Boolean("takeover").pipe(
        Flag.withDescription("Stop and mask konlet, whose container the first run replaces"),
        Flag.withDefault(false)
      ),
      print: Flag.Boolean("print").pipe(
        Flag.withDescription("Print the unit, and do nothing"),
        Flag.withDefault(false)
      ),
      dryRun
    },
    Effect.fnUntraced(function* (flags) {
      if (flags.print) return yield* Console.log(unitText(outside.program, flags.takeover).trimEnd())
      yield* Effect.gen(function* () {
        const systemd = yield* Systemd
        const steps = planInstall(yield* systemd.observe, outside.program, flags.takeover)
        if (steps instanceof KonletPresent) return yield* steps
        yield* carryOut(steps, flags.dryRun)
      }).pipe(Effect.provide(Systemd.layer.pipe(Layer.provide(outside.layerRunner))))
    }, tellFailure)
  ).pipe(
    Command.withDescription("Have systemd start the VM's container at each boot, by a unit of this program"),
    Command.withExamples([
      { command: "slipway install", description: "From the next boot on; systemctl start slipway starts it now" },
      { command: "slipway install --takeover", description: "On a VM that has konlet" }
    ])
  )

/** `slipway uninstall`. */
export const makeUninstall = <E extends Failure, R>(outside: Outside<E, R>) =>
  Command.make(
    "uninstall",
    { dryRun },
    Effect.fnUntraced(function* (flags) {
      yield* Effect.gen(function* () {
        const systemd = yield* Systemd
        yield* carryOut(planUninstall(yield* systemd.observe), flags.dryRun)
      }).pipe(Effect.provide(Systemd.layer.pipe(Layer.provide(outside.layerRunner))))
    }, tellFailure)
  ).pipe(Command.withDescription("Undo install; the container is left as it is"))
