import type { NewerKey } from "../declaration/keys/newerKeys.ts"
import * as Duration from "effect/Duration"
import type { Runs } from "../install/unit.ts"
import type { OpenIptables } from "../plan/PlanSettings.ts"
import type { Plan } from "../plan/Plan.ts"
import { declarationKey, konletKey } from "../vm/metadata/DeclarationKeys.ts"
import { chain } from "../vm/firewall/FirewallRules.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { allContainers } from "../workload/Workload.ts"
import type { KonletContainer, KonletVm } from "./KonletVm.ts"
import type { Difference } from "./Migration.ts"

/** A declaration that can be used, and what is said of it. */
export interface Declared {
  readonly declaration: DeclarationText
  readonly workload: DeclaredWorkload
  readonly newer: ReadonlyArray<NewerKey>
  readonly warnings: ReadonlyArray<Said>
  /** What is a problem of it under Slipway's own key; empty where it stands there. */
  readonly strict: ReadonlyArray<Said>
}

/** A problem or a warning of the declaration. */
export interface Said {
  readonly line: number
  readonly message: string
  readonly advice?: string | undefined
}

/** What the first run would do, and by which settings. */
export interface PlannedRun {
  readonly plan: Plan
  readonly openIptables: OpenIptables
  readonly confirm: Duration.Duration
}

interface Seen {
  readonly vm: KonletVm
  readonly declared: Declared | undefined
  readonly firstRun: PlannedRun | undefined
  readonly runs: Runs
}

/** What will not be as it was, of the containers first. */
export const differences = ({ vm, declared, firstRun, runs }: Seen): ReadonlyArray<Difference> => [
  ...containerDifferences(vm, firstRun),
  ...mountDifferences(firstRun),
  ...firewallDifferences(vm, declared, firstRun),
  ...(declared === undefined ? [] : declarationDifferences(declared)),
  ...againDifferences(vm, declared, firstRun),
  ...(declared === undefined || runs === "up" ? [] : [changesAtOnce])
]

const isUp = ({ status }: KonletContainer): boolean => status === "running" || status === "restarting"

const containerDifferences = (
  { containers }: KonletVm,
  firstRun: PlannedRun | undefined
): ReadonlyArray<Difference> => {
  const names = firstRun?.plan.containers.filter(({ role }) => role !== "init" && role !== "sandbox") ?? []
  const successors = names.map(({ name }) => name).join(", ")
  return containers.map((container) => {
    const { name, image } = container
    const kept = names.find((planned) => planned.name === name && planned.fate === "kept")
    const of = image === undefined ? "" : ` (${image})`
    if (firstRun === undefined) {
      return {
        kind: "container",
        text: `${name}${of} is left as it is (${container.status})`,
        why: "nothing is declared that the first run could start in its place",
        isToCheck: true
      }
    }
    const window = ` for ${Duration.format(firstRun.confirm)}`
    if (kept !== undefined) {
      return { kind: "container", text: `${name}${of} stays`, why: "it is as declared", isToCheck: false }
    }
    return isUp(container)
      ? {
          kind: "container",
          text: `${name}${of}, which konlet runs, is replaced once${successors === "" ? "" : ` by ${successors}`}`,
          why: `konlet's containers do not say what they were created from. Everything that can fail without stopping it is done first, and it comes back if its successor does not stay up${window}`,
          isToCheck: false
        }
      : {
          kind: "container",
          text: `${name}${of}, which konlet has left (${container.status}), is removed`,
          why: "it would be in the way of its successor",
          isToCheck: false
        }
  })
}

const mountDifferences = (firstRun: PlannedRun | undefined): ReadonlyArray<Difference> =>
  firstRun?.plan.steps.flatMap(({ action, cause }): ReadonlyArray<Difference> => {
    if (action._tag !== "Unmount") return []
    const { target, type } = action.mount
    const lost = type === "tmpfs" ? ", and what is in it is gone" : ""
    return [{ kind: "mount", text: `${target} is unmounted${lost}`, why: cause, isToCheck: type === "tmpfs" }]
  }) ?? []

const firewallDifferences = (
  { rules }: KonletVm,
  declared: Declared | undefined,
  firstRun: PlannedRun | undefined
): ReadonlyArray<Difference> => {
  if (firstRun === undefined || rules === 0) return []
  const konlets = `konlet has opened the host's firewall for all tcp, udp and icmp with ${rules} ${rules === 1 ? "rule" : "rules"}, which stay until the next boot`
  const after = {
    all: `Slipway does the same in one chain, ${chain}, for IPv6 too`,
    declared: `Slipway accepts only the ports that containers declare`,
    no: "Slipway opens nothing"
  }[firstRun.openIptables]
  const ports =
    declared === undefined ? 0 : allContainers(declared.workload).reduce((sum, { ports }) => sum + ports.length, 0)
  return [
    {
      kind: "firewall",
      text: `${konlets}; ${after}`,
      why:
        firstRun.openIptables === "all" && ports > 0
          ? "konlet knew no ports. The declaration has some: SLIPWAY_OPEN_IPTABLES=declared opens just these"
          : "the chain is the same after any number of runs, and --no-open-iptables removes it",
      isToCheck: firstRun.openIptables !== "all"
    }
  ]
}

const declarationDifferences = ({
  declaration,
  workload,
  newer,
  warnings,
  strict
}: Declared): ReadonlyArray<Difference> => [
  ...(declaration.dialect === "konlet"
    ? newer.map(({ path, line, description }): Difference => ({
        kind: "key",
        text: `line ${line}: ${path} takes effect, which konlet ignored`,
        why: description,
        isToCheck: true
      }))
    : []),
  ...warnings.map(({ line, message, advice = "" }): Difference => {
    const isRefused = strict.some((problem) => problem.line === line && message.startsWith(problem.message))
    const besides = isRefused ? `, and refused under "${declarationKey}"` : ""
    return {
      kind: isRefused ? "own key" : "ignored",
      text: `line ${line}: ${withoutStop(message)}${besides}`,
      why: advice,
      isToCheck: true
    }
  }),
  ...strict
    .filter(({ line, message }) => !warnings.some((said) => said.line === line && said.message.startsWith(message)))
    .map(({ line, message, advice = "" }): Difference => ({
      kind: "own key",
      text: `line ${line}: refused under "${declarationKey}", where new VMs and instance templates have it: ${withoutStop(message)}`,
      why: advice === "" ? `konlet ignored it, and so does Slipway under "${konletKey}"` : advice,
      isToCheck: true
    })),
  ...(workload.containers[0].restartPolicy === "Never"
    ? [
        {
          kind: "job",
          text: "a container that ends with an exit code other than 0 is a failed run, with exit code 79, and is not run again in the same boot",
          why: "konlet looked at nothing once it had started a container",
          isToCheck: false
        } as const
      ]
    : [])
]

/** A job that konlet has run is run again: its container does not say what it was created from. */
const againDifferences = (
  { containers }: KonletVm,
  declared: Declared | undefined,
  firstRun: PlannedRun | undefined
): ReadonlyArray<Difference> => {
  const policy = declared?.workload.containers[0].restartPolicy
  if (policy === undefined || policy === "Always" || containers.length === 0 || firstRun === undefined) return []
  return [
    {
      kind: "job",
      text: `what konlet has run with restartPolicy ${policy} runs once more, from its beginning`,
      why: "whether it has ended, or how far it is, is known only of Slipway's own containers",
      isToCheck: true
    }
  ]
}

const withoutStop = (text: string): string => text.replace(/\.$/, "")

const changesAtOnce: Difference = {
  kind: "changes",
  text: "a changed declaration is applied at once",
  why: "the agent watches metadata, where konlet waited for the next boot; --once waits as well",
  isToCheck: false
}
