import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import {
  afterInstall,
  describeInstall,
  type InstallStep,
  planInstall,
  planUninstall,
  ProgramTransient,
  transientWord
} from "../../install/InstallPlan.ts"
import { policyPath, renderCloudInit, systems } from "../../install/cloudInit.ts"
import { Systemd } from "../../install/Systemd.ts"
import { environmentPath, unitText } from "../../install/unit.ts"
import { upgrade } from "../../install/upgrade.ts"
import { type Failure } from "../output/Failure.ts"
import { reportFailure } from "../output/reportFailure.ts"
import type { Platform } from "../Platform.ts"
import { readNewer, readUserData, refuseUserData } from "../settings/readUserData.ts"

const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("Print the steps, and change nothing"),
  Flag.withDefault(false)
)

const layerSystemd = <E extends Failure, R>({ layerHost }: Platform<E, R>) =>
  Systemd.layer.pipe(Layer.provide(layerHost))

/** Performs the steps, or lists them, one line each. */
const perform = Effect.fnUntraced(function* (steps: ReadonlyArray<InstallStep>, isDry: boolean) {
  const systemd = yield* Systemd
  if (steps.length === 0) yield* Console.log("nothing to do")
  for (const step of steps) {
    if (!isDry) yield* systemd.perform(step)
    yield* Console.log(`${isDry ? "would " : ""}${describeInstall(step)}`)
  }
})

/** `slipway install`. */
export const makeInstall = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "install",
    {
      once: Flag.Boolean("once").pipe(
        Flag.withDescription("Have the unit run `up` once a boot, instead of the agent for as long as the VM runs"),
        Flag.withDefault(false)
      ),
      takeover: Flag.Boolean("takeover").pipe(
        Flag.withDescription("Stop konlet and keep it from starting; the first run replaces its container"),
        Flag.withDefault(false)
      ),
      print: Flag.Literals("print", ["unit", "cloud-init"]).pipe(
        Flag.withDescription("Print the unit, or user data for a new VM, and change nothing"),
        Flag.optional
      ),
      system: Flag.Literals("system", systems).pipe(
        Flag.withDescription("Which system the user data is for: Container-Optimized OS, or Debian and Ubuntu"),
        Flag.withDefault("cos" as const)
      ),
      url: Flag.String("url").pipe(
        Flag.withMetavar("URL"),
        Flag.withDescription(
          "Download another version from here (https://… or gs://BUCKET/OBJECT), replace this one by it, and go back if its first run fails; with --print cloud-init, have the new VM fetch it"
        ),
        Flag.optional
      ),
      sha256: Flag.String("sha256").pipe(
        Flag.withMetavar("HEX"),
        Flag.withDescription(
          "With --url: the executable's SHA-256, as 64 hexadecimal digits; any other file is refused"
        ),
        Flag.optional
      ),
      within: Flag.String("within").pipe(
        Flag.withMetavar("DURATION"),
        Flag.withDescription("With --url: how long the first run of the new version may take (default: 10m)"),
        Flag.optional
      ),
      settings: Flag.String("settings").pipe(
        Flag.withMetavar("FILE"),
        Flag.withDescription(`Put this file's settings into the user data, as ${environmentPath}`),
        Flag.optional
      ),
      policy: Flag.String("policy").pipe(
        Flag.withMetavar("FILE"),
        Flag.withDescription(`Put this policy into the user data, as ${policyPath}, with the setting that names it`),
        Flag.optional
      ),
      dryRun
    },
    Effect.fnUntraced(function* (flags) {
      const { program } = platform
      const runs = flags.once ? "up" : "agent"
      if (Option.contains(flags.print, "unit")) {
        const gone = transientWord(program)
        if (gone !== undefined) yield* Console.error(`slipway: ${new ProgramTransient({ path: gone }).message}`)
        const takeover = flags.takeover ? "masked" : undefined
        return yield* Console.log(unitText({ program, runs, takeover }).trimEnd())
      }
      if (Option.isSome(flags.print)) return yield* Console.log(renderCloudInit(yield* readUserData(flags)).trimEnd())
      yield* refuseUserData(flags)
      const newer = yield* readNewer(flags)
      if (newer !== undefined) {
        const { takeover, dryRun } = flags
        const demand = { ...newer, program, runs: flags.once ? ("up" as const) : undefined, takeover, dryRun }
        return yield* upgrade(demand, Console.log).pipe(
          Effect.provide(Layer.merge(layerSystemd(platform), platform.layerHost))
        )
      }
      yield* Effect.gen(function* () {
        const systemd = yield* Systemd
        const demand = { program, runs, takeover: flags.takeover } as const
        const steps = yield* Effect.fromResult(planInstall(yield* systemd.observe, demand))
        yield* perform(steps, flags.dryRun)
        const after = afterInstall(steps)
        if (after !== undefined && !flags.dryRun) yield* Console.log(after)
      }).pipe(Effect.provide(layerSystemd(platform)))
    }, reportFailure)
  ).pipe(
    Command.withDescription(
      "Have systemd run the agent at each boot, which starts the VM's containers and looks after them; with --url, upgrade"
    ),
    Command.withExamples([
      {
        command: "slipway install",
        description: "From the next boot on; systemctl start slipway starts it now (--no-block from a startup script)"
      },
      { command: "slipway install --takeover", description: "On a VM that has konlet" },
      { command: "slipway install --once", description: "A change of the declaration waits for the next boot" },
      {
        command: "slipway install --url https://downloads.example/slipway --sha256 HEX",
        description: "A newer executable, and back to this one if its first run fails"
      }
    ])
  )

/** `slipway uninstall`. */
export const makeUninstall = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "uninstall",
    { dryRun },
    Effect.fnUntraced(function* (flags) {
      yield* Effect.gen(function* () {
        const systemd = yield* Systemd
        yield* perform(planUninstall(yield* systemd.observe), flags.dryRun)
      }).pipe(Effect.provide(layerSystemd(platform)))
    }, reportFailure)
  ).pipe(Command.withDescription("Undo `slipway install`; the containers are left as they are"))
