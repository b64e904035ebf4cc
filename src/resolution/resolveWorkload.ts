import * as Arr from "effect/Array"
import type { DeclaredContainer, DeclaredVariable, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { expand, type Word } from "../workload/expand.ts"
import type { ValueSource } from "../workload/ValueSource.ts"
import { allContainers, type Container, type EnvironmentVariable, type Workload } from "../workload/Workload.ts"

/** A value that was read from its source. */
export interface ResolvedValue {
  readonly value: string
  /** Stands for the value in a container's hash where the value itself must not: see `EnvironmentVariable`. */
  readonly identity?: string
  /** Why the value, which is empty then, could not be read: see `EnvironmentVariable`. */
  readonly unread?: string
}

/** What was read of a source; undefined where there is nothing, and the source is optional. */
export type Resolved = (source: ValueSource) => ResolvedValue | undefined

/** Each source of a workload's values, in any order. */
export const sourcesOf = (workload: DeclaredWorkload): ReadonlyArray<ValueSource> =>
  allContainers<DeclaredContainer>(workload).flatMap(({ env }) =>
    env.flatMap((variable) => ("from" in variable ? [variable.from] : []))
  )

/**
 * Fills in the values of all sources, and expands the references to them: variables in their order, each with those before
 * it, and then commands and arguments with all of them. Pure: the same values give the same workload.
 */
export const resolveWorkload = (workload: DeclaredWorkload, resolved: Resolved): Workload => ({
  ...workload,
  containers: Arr.map(workload.containers, (container) => resolveContainer(container, resolved)),
  initContainers: workload.initContainers.map((container) => ({
    ...resolveContainer(container, resolved),
    isSidecar: container.isSidecar
  }))
})

const resolveContainer = (container: DeclaredContainer, resolved: Resolved): Container => {
  const { imported = [] } = container
  const known = new Map<string, ResolvedValue>(imported.map(({ name, value }) => [name, { value }]))
  const env = container.env.flatMap((declared): ReadonlyArray<EnvironmentVariable> => {
    const value = valueOf(declared, known, resolved)
    if (value === undefined) return []
    known.set(declared.name, value)
    return [{ name: declared.name, ...value }]
  })
  const { command, args, imported: _, ...rest } = container
  const own = new Set(env.map(({ name }) => name))
  return {
    ...rest,
    ...wordsOf({ command, args }, known),
    env: [...imported.filter(({ name }) => !own.has(name)), ...env]
  }
}

const valueOf = (
  declared: DeclaredVariable,
  known: ReadonlyMap<string, ResolvedValue>,
  resolved: Resolved
): ResolvedValue | undefined => {
  if ("from" in declared) return resolved(declared.from)
  if ("template" in declared) return expanded(declared, known)
  const { name: _, ...value } = declared
  return value
}

/** What a text refers to may have an identity: then it has one as well, in which that stands for the value. */
const expanded = (word: Word, known: ReadonlyMap<string, ResolvedValue>): ResolvedValue => {
  if (typeof word === "string") return { value: word }
  let isIdentified = false
  const value = expand(word.template, (name) => {
    const referred = known.get(name)
    isIdentified ||= referred?.identity !== undefined
    return referred?.value
  })
  if (!isIdentified) return { value }
  const identity = expand(word.template, (name) => {
    const referred = known.get(name)
    return referred?.identity ?? referred?.value
  })
  return { value, identity }
}

/** Command and arguments, and what stands for them in the hash where one of them has an identity. */
const wordsOf = (
  { command, args }: Pick<DeclaredContainer, "command" | "args">,
  known: ReadonlyMap<string, ResolvedValue>
): Pick<Container, "command" | "args" | "identity"> => {
  const words = {
    command: command?.map((word) => expanded(word, known)),
    args: args?.map((word) => expanded(word, known))
  }
  const of = (choose: (word: ResolvedValue) => string) => ({
    command: words.command?.map(choose),
    args: words.args?.map(choose)
  })
  const isIdentified = [...(words.command ?? []), ...(words.args ?? [])].some(({ identity }) => identity !== undefined)
  return {
    ...of(({ value }) => value),
    ...(isIdentified ? { identity: of(({ value, identity }) => identity ?? value) } : {})
  }
}
