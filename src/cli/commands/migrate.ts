import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../declaration/Declaration.ts"
import { newerKeys } from "../../declaration/keys/newerKeys.ts"
import { describeInstall, planInstall, ProgramTransient, transientWord } from "../../install/InstallPlan.ts"
import { parseEnvironmentFile } from "../../install/parseEnvironmentFile.ts"
import { Systemd } from "../../install/Systemd.ts"
import type { Runs } from "../../install/unit.ts"
import { migrationJson, renderMigration, type Told } from "../../migration/describeMigration.ts"
import type { Declared, PlannedRun } from "../../migration/differences.ts"
import { awaitFirstRun } from "../../migration/awaitFirstRun.ts"
import { observeKonlet, observeUnits } from "../../migration/observeKonlet.ts"
import type { KonletVm } from "../../migration/KonletVm.ts"
import { planMigration } from "../../migration/planMigration.ts"
import { StatusNow } from "../../record/StatusNow.ts"
import { readDeclaration } from "../../startup/readDeclaration.ts"
import type { Settings } from "../../startup/Settings.ts"
import { preview } from "../../startup/startup.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import type { DeclarationText } from "../../workload/DeclarationText.ts"
import { containerNames } from "../../workload/Workload.ts"
import { exitCodes } from "../output/exitCodes.ts"
import type { Failure } from "../output/Failure.ts"
import { renderStatusNow } from "../output/renderStatusNow.ts"
import { reportFailure } from "../output/reportFailure.ts"
import { withProgress } from "../output/withProgress.ts"
import type { Platform } from "../Platform.ts"
import { formatFlag, lookFlags } from "../settings/flags.ts"
import { readHostSettings, readSettings } from "../settings/readSettings.ts"

/** `slipway migrate` */
export const makeMigrate = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "migrate",
    {
      ...lookFlags,
      dryRun: Flag.Boolean("dry-run").pipe(
        Flag.withDescription("Say what will differ and the next commands, and change nothing; --no-dry-run does it"),
        Flag.withDefault(true)
      ),
      once: Flag.Boolean("once").pipe(
        Flag.withDescription("Have the unit run `up` once a boot, as konlet did, instead of the agent"),
        Flag.withDefault(false)
      ),
      format: formatFlag
    },
    Effect.fnUntraced(function* ({ dryRun: isDry, once, format, ...flags }) {
      const own = yield* readHostSettings(flags)
      const layerOf = (host: typeof own.host) => Layer.provideMerge(Systemd.layer, platform.layerVm(host))
      const units = yield* observeUnits.pipe(
        Effect.provideService(Deadlines, own.deadlines),
        Effect.provide(layerOf(own.host))
      )
      const { settings, host, deadlines } = yield* Effect.provide(readSettings(flags), layerUnitSettings(units))
      yield* Effect.gen(function* () {
        const runs: Runs = once ? "up" : "agent"
        const { program } = platform
        const gone = transientWord(program)
        // To look, the program may be anywhere.
        if (gone !== undefined && !isDry) return yield* new ProgramTransient({ path: gone })
        const stays = gone === undefined ? program : ["/usr/local/bin/slipway"]
        const install = yield* Effect.fromResult(planInstall(units.installed, { program: stays, runs, takeover: true }))
        const text = yield* readDeclaration(settings)
        const declared = Option.getOrUndefined(Option.flatMap(text, (found) => readDeclared(found, settings)))
        const names = declared === undefined ? [] : containerNames(declared.workload)
        const vm = yield* observeKonlet(units, { names, mountRoot: settings.mountRoot })
        const previewed = yield* Effect.result(withProgress(preview(settings)))
        const plan = Option.getOrUndefined(Option.flatten(Result.getSuccess(previewed)))
        const firstRun: PlannedRun | undefined =
          plan === undefined ? undefined : { plan, openIptables: settings.openIptables, confirm: settings.confirm }
        const migration = planMigration({ vm, declared, firstRun, runs, install, program, transient: gone })
        const failure = Result.isFailure(previewed) ? previewed.failure : plan?.refusedPulls[0]
        const refused = failure === undefined ? undefined : { error: failure._tag, message: failure.message }
        const told: Told = { vm, migration, firstRun, refused, isDry }
        const isText = format === "text"
        if (isText) yield* Console.log(renderMigration(told))
        const isDone = isDry || migration.has !== "konlet" || failure !== undefined
        const after = isDone ? undefined : yield* perform(told, isText)
        if (!isText) yield* Console.log(JSON.stringify({ ...migrationJson(told), status: asJson(after) }, null, 2))
        if (isText && after !== undefined) yield* Console.log(`\n${renderStatusNow(after)}`)
        if (after !== undefined) platform.exitWith(after.verdict === "as declared" ? exitCodes.done : exitCodes.failed)
        if (failure !== undefined) return yield* failure
      }).pipe(Effect.provideService(Deadlines, deadlines), Effect.provide(layerOf(host)))
    }, reportFailure)
  ).pipe(
    Command.withDescription(
      "Move a VM over from konlet: say what will differ and why, and the next commands; --no-dry-run does it"
    ),
    Command.withExamples([
      {
        command: "slipway migrate",
        description: "On the VM: what konlet has there, what will differ, what comes next"
      },
      { command: "slipway migrate --format json", description: "For programs; without values of env and tokens" },
      { command: "slipway migrate --no-dry-run", description: "Takes konlet's place, and starts the first run" }
    ])
  )

/** What the unit is going to be set to: its environment file, konlet's flags where that does not say, this process. */
const layerUnitSettings = ({ flags, settings = "" }: Pick<KonletVm, "flags" | "settings">) =>
  Layer.effect(
    ConfigProvider.ConfigProvider,
    Effect.map(ConfigProvider.ConfigProvider, (own) => {
      const written = Result.getOrElse(parseEnvironmentFile(settings), () => new Map<string, string>())
      return ConfigProvider.orElse(
        ConfigProvider.fromEnvRecord(Object.fromEntries([...flags.settings, ...written]), {
          preserveEmptyStrings: true
        }),
        own
      )
    })
  )

/** None where it cannot be used, which the first run says. */
const readDeclared = (declaration: DeclarationText, { policy }: Settings): Option.Option<Declared> => {
  const host = Option.getOrUndefined(policy)
  const decoded = decodeDeclaration(declaration, host)
  if (Result.isFailure(decoded)) return Option.none()
  const { workload, warnings } = decoded.success
  const strictly =
    declaration.dialect === "konlet" ? decodeDeclaration({ ...declaration, dialect: "slipway" }, host) : decoded
  return Option.some({
    declaration,
    workload,
    newer: newerKeys(declaration.text),
    warnings,
    strict: Result.isFailure(strictly) ? strictly.failure.problems : []
  })
}

/** Does it, step by step, and waits until the first run has ended. */
const perform = Effect.fnUntraced(function* ({ migration }: Told, isText: boolean) {
  const systemd = yield* Systemd
  const ended = yield* awaitFirstRun
  if (isText) yield* Console.log("")
  for (const step of migration.steps) {
    yield* systemd.perform(step)
    if (isText) yield* Console.log(describeInstall(step))
  }
  yield* Effect.logInfo("waiting for the end of the first run, which the unit goes on with whatever ends this")
  return yield* ended
})

const encode = Schema.encodeSync(StatusNow)
const asJson = (status: StatusNow | undefined) => (status === undefined ? null : encode(status))
