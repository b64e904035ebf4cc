import { describeInstall, type InstallStep, ProgramTransient } from "../install/InstallPlan.ts"
import { environmentPath, konletUnit, type Runs, unitName } from "../install/unit.ts"
import { parseEnvironmentFile } from "../install/parseEnvironmentFile.ts"
import * as Result from "effect/Result"
import { declarationKey, konletKey } from "../vm/metadata/DeclarationKeys.ts"
import type { Difference, Migration, NextCommand } from "./Migration.ts"
import type { KonletVm } from "./KonletVm.ts"
import { differences, type Declared, type PlannedRun } from "./differences.ts"

/** What a migration is decided by. */
export interface MigrationDemand {
  readonly vm: KonletVm
  /** Absent if the VM declares nothing, or its declaration cannot be used. */
  readonly declared: Declared | undefined
  /** Absent if nothing is declared, or if it is refused. */
  readonly firstRun: PlannedRun | undefined
  readonly runs: Runs
  /** Of `planInstall`, with konlet taken over. */
  readonly install: ReadonlyArray<InstallStep>
  /** The words that execute this program. */
  readonly program: ReadonlyArray<string>
  /** A word of the program that is looking, which may be gone after a reboot. */
  readonly transient: string | undefined
}

/** Decides what will differ, what has to be done, and what is left to do. Pure. */
export const planMigration = (demand: MigrationDemand): Migration => {
  const { vm, declared, runs, transient } = demand
  const { installed, containers } = vm
  const isKonlets = installed.konlet === "packaged" || installed.konlet === "local" || containers.length > 0
  const isDeclaredForKonlet = declared?.declaration.dialect === "konlet"
  if (!isKonlets && installed.unit !== undefined) return nothingToMove("slipway")
  if (!isKonlets && !isDeclaredForKonlet) return nothingToMove("nothing")
  const steps = stepsOf(demand)
  return {
    has: "konlet",
    differences: [...differences({ ...demand, runs }), ...unitDifferences(vm), ...transientDifferences(transient)],
    steps,
    commands: commandsOf(demand, steps)
  }
}

const nothingToMove = (has: "slipway" | "nothing"): Migration => ({ has, differences: [], steps: [], commands: [] })

/** konlet's flags become settings of the unit, then it is installed, then it begins the first run. */
const stepsOf = ({ vm, install }: MigrationDemand): ReadonlyArray<InstallStep> => {
  const { settings = "", installed } = vm
  const missing = missingSettings(vm)
  const begun = settings === "" || settings.endsWith("\n") ? settings : `${settings}\n`
  const text = `${begun}# As konlet's flags had it.\n${missing.map(([name, value]) => `${name}=${value}\n`).join("")}`
  return [
    ...(missing.length === 0 ? [] : [{ _tag: "Write" as const, path: environmentPath, text }]),
    ...install,
    { _tag: "Systemctl", args: [installed.unit === undefined ? "start" : "restart", "--no-block", unitName] }
  ]
}

/** Settings of konlet's flags that the unit's environment file does not have. */
const missingSettings = ({ flags, settings = "" }: KonletVm) => {
  const known = Result.getOrElse(parseEnvironmentFile(settings), () => new Map<string, string>())
  return [...flags.settings].filter(([name]) => !known.has(name))
}

const transientDifferences = (path: string | undefined): ReadonlyArray<Difference> => {
  if (path === undefined) return []
  const { message, advice } = new ProgramTransient({ path })
  return [{ kind: "unit", text: message, why: advice, isToCheck: true }]
}

const unitDifferences = (vm: KonletVm): ReadonlyArray<Difference> => {
  const { konlet } = vm.installed
  const found: Array<Difference> = []
  if (konlet === "packaged" || konlet === "local") {
    found.push({
      kind: "unit",
      text: `${konletUnit} is stopped and ${konlet === "packaged" ? "masked" : "disabled"}`,
      why: "it would start a container of its own at each boot; `slipway uninstall` lets it start again",
      isToCheck: false
    })
  }
  for (const [name, value] of vm.flags.settings) {
    const isThere = !missingSettings(vm).some(([missing]) => missing === name)
    found.push({
      kind: "flag",
      text: `a flag of ${konletUnit} becomes ${name}=${value} in ${environmentPath}`,
      why: isThere ? "the file sets it already, and is left as it is" : "the unit of Slipway reads its settings there",
      isToCheck: isThere
    })
  }
  if (vm.flags.hasToken) {
    found.push({
      kind: "flag",
      text: `the token that ${konletUnit} passes is not taken over`,
      why: `the VM's service account does without; else write SLIPWAY_TOKEN into ${environmentPath}, for root alone`,
      isToCheck: true
    })
  }
  return found
}

const commandsOf = (
  { vm, declared, runs, program }: MigrationDemand,
  steps: ReadonlyArray<InstallStep>
): ReadonlyArray<NextCommand> => {
  // Where a shell finds it, its name is enough.
  const slipway = /^\/usr\/(?:local\/)?s?bin\/slipway$/.test(program.join(" ")) ? "slipway" : program.join(" ")
  const instance = vm.instance ?? "VM"
  const once = runs === "up" ? " --once" : ""
  const settings = vm.flags.settings.size === 0 ? "" : " --settings FILE"
  const commands: Array<NextCommand> = []
  if (vm.system === "cos") {
    commands.push(
      {
        command: `${slipway} install --print cloud-init --takeover${once} --url URL --sha256 SHA256${settings} > user-data.yaml`,
        of: "slipway",
        stage: "move",
        why: "/etc starts empty at each boot of Container-Optimized OS: user data installs Slipway again each time"
      },
      {
        command: `gcloud compute instances add-metadata ${instance} --zone ZONE --metadata-from-file user-data=user-data.yaml`,
        of: "google",
        stage: "move",
        why: vm.hasUserData
          ? "the VM has user data already, which this would replace: put both into one file first"
          : "the VM has no user data yet"
      }
    )
  }
  commands.push(
    {
      command: `${slipway} migrate --no-dry-run${once}`,
      of: "slipway",
      stage: "move",
      why: `does it now: ${steps.map(describeInstall).join(", ")}`
    },
    {
      command: `${slipway} status`,
      of: "slipway",
      stage: "move",
      why: "says how the first run went, and `slipway why` what was done"
    },
    {
      command: `${slipway} uninstall`,
      of: "slipway",
      stage: "back",
      why: "removes the unit and lets konlet start again; the container stays"
    },
    {
      command: `systemctl start ${konletUnit}`,
      of: "systemd",
      stage: "back",
      why: "has konlet replace the container by its own"
    }
  )
  if (declared?.declaration.dialect === "konlet") {
    commands.push(
      {
        command: `${slipway} check FILE`,
        of: "slipway",
        stage: "new",
        why: `checks the declaration by the rules of ${declarationKey}, since Google refuses ${konletKey} there`
      },
      {
        command: `gcloud compute instances add-metadata ${instance} --zone ZONE --metadata-from-file ${declarationKey}=FILE`,
        of: "google",
        stage: "new",
        why: "is for this VM, which may also stay as it is: of both keys Slipway takes its own"
      }
    )
  }
  return commands
}
