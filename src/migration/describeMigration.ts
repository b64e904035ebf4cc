import { describeInstall } from "../install/InstallPlan.ts"
import { describePlan } from "../plan/describe.ts"
import { planJson } from "../plan/renderPlan.ts"
import { planText } from "../progress/PlanDescription.ts"
import { printable } from "../text/printable.ts"
import { konletUnit } from "../install/unit.ts"
import type { PlannedRun } from "./differences.ts"
import type { KonletVm } from "./KonletVm.ts"
import { type Difference, type Migration, stages } from "./Migration.ts"

/** What is told of a migration besides itself. */
export interface Told {
  readonly vm: KonletVm
  readonly migration: Migration
  readonly firstRun: PlannedRun | undefined
  /** Why the first run would fail: the error's name and what it says. */
  readonly refused: { readonly error: string; readonly message: string } | undefined
  /** Nothing was done, and nothing is to be done now. */
  readonly isDry: boolean
}

const units = {
  absent: `no ${konletUnit}`,
  packaged: `${konletUnit} of the system's image`,
  local: `${konletUnit} in /etc/systemd/system`,
  off: `${konletUnit}, which does not start`
} as const satisfies Readonly<Record<KonletVm["installed"]["konlet"], string>>

/** A migration for people: what is there, what will differ, what is to be looked at, the first run, what comes next. */
export const renderMigration = ({ vm, migration, firstRun, refused, isDry }: Told): string => {
  if (migration.has === "slipway")
    return "Slipway is installed, and nothing of konlet is left: there is nothing to move."
  if (migration.has === "nothing") return "This VM has nothing of konlet: no unit, no container, no declaration."
  const { differences } = migration
  const differing = differences.filter(({ isToCheck }) => !isToCheck)
  const toCheck = differences.filter(({ isToCheck }) => isToCheck)
  return printable(
    [
      "konlet on this VM:",
      ...[
        units[vm.installed.konlet],
        ...vm.containers.map(({ name, image, status }) => `${name}, ${image ?? "of an unknown image"}, ${status}`),
        ...vm.mounts.map(({ source, target }) => `${source} mounted at ${target}`),
        ...(vm.rules === 0 ? [] : [`${vm.rules} rules of the host's firewall`])
      ].map((line) => `  ${line}`),
      ...titled("What will differ:", differing),
      ...titled("To check:", toCheck),
      ...(refused === undefined ? [] : ["", `The first run would fail, for the reason below (${refused.error}).`]),
      ...(firstRun === undefined
        ? []
        : ["", "The first run:", ...indented(planText(describePlan(firstRun.plan)).split("\n"))]),
      ...(isDry && refused === undefined ? ["", "Nothing was changed.", ...commandLines(migration)] : [])
    ].join("\n")
  )
}

const commandLines = ({ commands }: Migration): ReadonlyArray<string> =>
  Object.entries(stages).flatMap(([stage, title]) => {
    const ofStage = commands.filter((command) => command.stage === stage)
    if (ofStage.length === 0) return []
    return ["", `${title}:`, ...ofStage.flatMap(({ command, why }) => [`  ${command}`, `      ${why}`])]
  })

const indented = (lines: ReadonlyArray<string>): ReadonlyArray<string> => lines.map((line) => `  ${line}`)

const titled = (title: string, differences: ReadonlyArray<Difference>): ReadonlyArray<string> =>
  differences.length === 0
    ? []
    : ["", title, ...differences.flatMap(({ text, why }) => [`  ${text}`, ...(why === "" ? [] : [`      ${why}`])])]

/** The version of `migrationJson`. Keys may be added without a new one. */
export const migrationVersion = 1

/** A migration for programs. No value of a variable, no word of a command and no token is in it. */
export const migrationJson = ({ vm, migration, firstRun, refused, isDry }: Told): object => ({
  version: migrationVersion,
  has: migration.has,
  dryRun: isDry,
  konlet: {
    unit: vm.installed.konlet,
    settings: Object.fromEntries(vm.flags.settings),
    containers: vm.containers.map(({ name, image, status }) => ({ name, image: image ?? null, status })),
    mounts: vm.mounts,
    firewallRules: vm.rules,
    system: vm.system
  },
  differences: migration.differences,
  plan: firstRun === undefined ? null : JSON.parse(planJson(firstRun.plan)),
  refused: refused ?? null,
  steps: migration.steps.map(describeInstall),
  commands: migration.commands
})
