import { assert } from "@effect/vitest"
import type { Plan } from "../../src/plan/Plan.ts"
import type { Action, Step } from "../../src/plan/Step.ts"

/** The steps of a plan that do one of these. */
export const having = <Tag extends Action["_tag"]>(
  { steps }: Pick<Plan, "steps">,
  ...tags: ReadonlyArray<Tag>
): ReadonlyArray<Step & { readonly action: Extract<Action, { readonly _tag: Tag }> }> =>
  steps.filter((step): step is Step & { readonly action: Extract<Action, { readonly _tag: Tag }> } =>
    (tags as ReadonlyArray<string>).includes(step.action._tag)
  )

/** The ids of all steps that must be done before each step. */
export const ancestors = ({ steps }: Pick<Plan, "steps">): ReadonlyMap<string, ReadonlySet<string>> => {
  const all = new Map<string, ReadonlySet<string>>()
  for (const { id, needs } of steps) {
    all.set(id, new Set(needs.flatMap((need) => [need, ...(all.get(need) ?? [])])))
  }
  return all
}

/** Every step of the one kind is done before every step of the other, in whatever order the steps are done. */
export const precede = (plan: Pick<Plan, "steps">, earlier: ReadonlyArray<Step>, later: ReadonlyArray<Step>): void => {
  const before = ancestors(plan)
  for (const { id } of later) {
    for (const step of earlier) assert.isTrue(before.get(id)!.has(step.id), `"${step.id}" is not needed by "${id}"`)
  }
}

/** Each of these steps is done before the next. */
export const areInOrder = (plan: Pick<Plan, "steps">, steps: ReadonlyArray<Step>): void => {
  const before = ancestors(plan)
  for (const [index, { id }] of steps.slice(1).entries()) {
    assert.isTrue(before.get(id)!.has(steps[index]!.id), `"${steps[index]!.id}" is not needed by "${id}"`)
  }
}

/** Orders in which the steps can be done: the plan's, the one that takes the last that can be done, and random ones. */
export const orders = (
  steps: ReadonlyArray<Step>,
  seed: number,
  random: number
): ReadonlyArray<ReadonlyArray<Step>> => {
  const next = generator(seed)
  const drawn = Array.from({ length: random }, () => order(steps, (ready) => ready[next(ready.length)]!))
  return [steps, order(steps, (ready) => ready.at(-1)!), ...drawn]
}

/** Does the steps one by one, each chosen from those whose needs are done. */
const order = (steps: ReadonlyArray<Step>, choose: (ready: ReadonlyArray<Step>) => Step): ReadonlyArray<Step> => {
  const left = new Set(steps)
  const done = new Set<string>()
  const chosen: Array<Step> = []
  while (left.size > 0) {
    const step = choose([...left].filter(({ needs }) => needs.every((need) => done.has(need))))
    left.delete(step)
    done.add(step.id)
    chosen.push(step)
  }
  return chosen
}

/** Numbers below a bound, the same ones for the same seed: Lehmer's generator. */
const generator = (seed: number) => {
  let state = (seed % 2_147_483_646) + 1
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
