/** A step of a plan, described for people. */
export interface StepDescription {
  /** Unique within the plan, and readable: `mount data`. */
  readonly id: string
  /** The kind of its action: `Pull`, `Mount`, … */
  readonly kind: string
  /** What it does: `mount /dev/sdb at /mnt/data`. */
  readonly text: string
  /** The engine's name for the container that it is about; absent where it is about none. */
  readonly container?: string
  /** The image that it pulls, as the `Pulling` events name it. */
  readonly image?: string
  /** Why it has to be done. */
  readonly cause: string
  /** The ids of the steps that must be done before. */
  readonly needs: ReadonlyArray<string>
  /** The message once it has been rolled back. */
  readonly undone: string
}

/** A plan, described for people. */
export interface PlanDescription {
  /** What the plan comes to, in a line. */
  readonly summary: string
  readonly steps: ReadonlyArray<StepDescription>
  readonly warnings: ReadonlyArray<string>
}

/** A plan for people: each step with its cause and what it waits for. */
export const planText = ({ summary, steps, warnings }: PlanDescription): string => {
  const numbers = new Map(steps.map(({ id }, index) => [id, index + 1]))
  const width = `${steps.length}`.length
  const indent = " ".repeat(width + 4)
  const lines = steps.flatMap(({ text, cause, needs }, index) => {
    const before = needs.map((id) => numbers.get(id)).filter((number) => number !== undefined)
    return [
      `${`${index + 1}`.padStart(width + 2)}  ${text}`,
      `${indent}because ${cause}`,
      ...(before.length === 0 ? [] : [`${indent}after ${before.join(", ")}`])
    ]
  })
  return [summary, ...lines, ...warnings.map((text) => `warning: ${text}`)].join("\n")
}
