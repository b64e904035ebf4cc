import { sha256 } from "../vm/host/sha256.ts"
import type { Probe, Probes } from "../workload/Probe.ts"
import { revealedJson } from "../workload/revealedJson.ts"
import { type Member, subjectOf } from "./Member.ts"
import type { Action, KeptContainer, StepList } from "./Step.ts"

/** The steps that await a container's probes. */
export interface ProbeSteps {
  /** Undefined where it has no startup probe: it has started once it runs. */
  readonly started: string | undefined
  readonly all: ReadonlyArray<string>
}

const causes = {
  startup: "a startup probe is declared, and holds back what follows",
  readiness: "it is up once its declared readiness probe has succeeded"
} as const

/** Awaits a container's startup and readiness probes; the former holds the latter back. */
export const planProbes = (
  steps: StepList,
  member: Member,
  needs: ReadonlyArray<string>,
  kept?: KeptContainer,
  /** The engine's name of one that is not started, and why it is probed. */
  running?: { readonly name: string; readonly cause: string }
): ProbeSteps => {
  const { startup, readiness } = member.container.probes ?? {}
  const { restartPolicy } = member.spec
  const name = running?.name ?? member.spec.name
  const add = (kind: "startup" | "readiness", probe: Probe, behind: ReadonlyArray<string>): string => {
    const isLast = kind === "readiness" || readiness === undefined
    const action: Action = { _tag: "Probe", kind, name, probe, restartPolicy, kept, isLast }
    return steps.add(`probe ${kind} of`, subjectOf(member), action, running?.cause ?? causes[kind], behind)
  }
  const started = startup && add("startup", startup, needs)
  const ready = readiness && add("readiness", readiness, started === undefined ? needs : [started])
  return { started, all: [started, ready].flatMap((id) => id ?? []) }
}

/** Whether `up` waits for a probe of it. */
export const isProbed = ({ startup, readiness }: Probes = {}): boolean =>
  startup !== undefined || readiness !== undefined

/** Identifies a probe, secrets included, without telling them. */
export const probeHash = (probe: Probe): string => sha256(revealedJson(probe))
