import * as Duration from "effect/Duration"
import type { Aftermath } from "../progress/Aftermath.ts"
import type { DeclarationDescription } from "../progress/DeclarationDescription.ts"
import type { StepDescription } from "../progress/PlanDescription.ts"
import type { ProgressEvent } from "../progress/Progress.ts"
import { oneLine, printable } from "../text/printable.ts"
import type { StepStatus } from "./RunRecord.ts"

/** What a run has told until now. */
export interface Recording {
  readonly declared: DeclarationDescription | undefined
  readonly found: ReadonlyArray<string>
  readonly plans: ReadonlyArray<{ readonly summary: string; readonly steps: ReadonlyArray<StepStatus> }>
  readonly warnings: ReadonlyArray<string>
  readonly aftermath: Aftermath | undefined
}

export const emptyRecording: Recording = {
  declared: undefined,
  found: [],
  plans: [],
  warnings: [],
  aftermath: undefined
}

/** The most of each that is kept: what is written grows with the declaration, and must not grow without end. */
export const limits = {
  lines: 40,
  line: 400,
  steps: 100,
  plans: 4,
  needs: 20,
  message: 2000,
  containers: 40,
  logLines: 20,
  /** Steps that are under way at once. */
  doing: 20
} as const

/** A line that is kept. */
export const keptLine = (text: string): string => oneLine(text, limits.line)

/** A text of several lines that is kept. */
export const keptText = (text: string): string => {
  const whole = printable(text.slice(0, limits.message + 1))
  return whole.length > limits.message ? `${whole.slice(0, limits.message)}…` : whole
}

/** The recording after another event, which came `at` so long after the run's beginning. */
export const record = (recording: Recording, event: ProgressEvent, at: Duration.Duration): Recording => {
  switch (event._tag) {
    case "Declared":
      return { ...recording, declared: keptDeclaration(event.declaration) }
    case "Observed":
      // Later looks see what the run itself has done.
      return recording.plans.length > 0
        ? recording
        : { ...recording, found: event.found.slice(0, limits.lines).map(keptLine) }
    case "Warning":
      return recording.warnings.length >= limits.lines
        ? recording
        : { ...recording, warnings: [...recording.warnings, keptLine(event.text)] }
    case "Failed":
      return { ...recording, aftermath: event.aftermath }
    case "Planned": {
      const { summary, steps } = event.plan
      const planned = { summary: keptLine(summary), steps: steps.slice(0, limits.steps).map(notBegun) }
      return { ...recording, plans: [...recording.plans.slice(1 - limits.plans), planned] }
    }
    case "StepStarted":
      return withStep(recording, event.step, () => ({ outcome: "unfinished", beganMillis: millis(at) }))
    case "StepDone":
      return withStep(recording, event.step, () => ({ outcome: "done", tookMillis: millis(event.duration) }))
    case "StepFailed":
      return withStep(recording, event.step, ({ beganMillis }) => ({
        outcome: "failed",
        tookMillis: millis(at) - (beganMillis ?? millis(at)),
        message: keptLine(event.message)
      }))
    case "StepUndone":
      return withStep(recording, event.step, () => ({ undone: true }))
    case "UndoFailed":
      return withStep(recording, event.step, () => ({ message: keptLine(`not rolled back: ${event.message}`) }))
    default:
      return recording
  }
}

const millis = (duration: Duration.Duration): number => Math.round(Duration.toMillis(duration))

/** A declaration as it is kept. */
export const keptDeclaration = ({ containers, file, ...declared }: DeclarationDescription): DeclarationDescription => ({
  ...declared,
  file: keptLine(file),
  containers: containers
    .slice(0, limits.containers)
    .map(({ name, image }) => ({ name: keptLine(name), image: keptLine(image) }))
})

const notBegun = ({ id, kind, text, cause, needs }: StepDescription): StepStatus => ({
  id: keptLine(id),
  kind,
  text: keptLine(text),
  cause: keptLine(cause),
  needs: needs.slice(0, limits.needs).map(keptLine),
  outcome: "not begun",
  undone: false,
  beganMillis: null,
  tookMillis: null,
  message: null
})

/** Changes a step of the plan that is being applied: the last. */
const withStep = (
  recording: Recording,
  { id }: StepDescription,
  change: (step: StepStatus) => Partial<StepStatus>
): Recording => {
  const current = recording.plans.at(-1)
  if (current === undefined) return recording
  const kept = keptLine(id)
  const steps = current.steps.map((step) => (step.id === kept ? { ...step, ...change(step) } : step))
  return { ...recording, plans: [...recording.plans.slice(0, -1), { ...current, steps }] }
}

/** How many steps were done, and not undone. */
export const stepsDone = ({ plans }: Pick<Recording, "plans">): number =>
  plans.flatMap(({ steps }) => steps).filter(({ outcome, undone }) => outcome === "done" && !undone).length

/** Whether any step has begun: the run has changed something on the VM, or tried to. */
export const hasActed = ({ plans }: Pick<Recording, "plans">): boolean =>
  plans.some(({ steps }) => steps.some(({ outcome }) => outcome !== "not begun"))
