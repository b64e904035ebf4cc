import * as Arr from "effect/Array"
import * as Redacted from "effect/Redacted"
import type {
  DeclaredContainer,
  DeclaredMount,
  DeclaredVariable,
  DeclaredVolume,
  DeclaredWorkload
} from "../workload/DeclaredWorkload.ts"
import { expand, type Word } from "../workload/expand.ts"
import { cleanSubPath, subPathFault } from "../workload/subPath.ts"
import type { ValueSource } from "../workload/ValueSource.ts"
import type { DeclaredFile, FileContent, VolumeFile } from "../workload/VolumeFile.ts"
import {
  allContainers,
  type Container,
  type EnvironmentVariable,
  type Volume,
  type VolumeMount,
  type Workload
} from "../workload/Workload.ts"

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

/** The same of a file's source: any bytes. */
export type ResolvedContent = (source: ValueSource) => FileContent | undefined

/** Each source of a workload's files, in any order. */
export const fileSourcesOf = ({ volumes }: DeclaredWorkload): ReadonlyArray<ValueSource> =>
  volumes.flatMap((volume) =>
    volume._tag === "Files" ? volume.files.flatMap((file) => ("from" in file ? [file.from] : [])) : []
  )

/** Each source of a workload's values, in any order. */
export const sourcesOf = (workload: DeclaredWorkload): ReadonlyArray<ValueSource> =>
  allContainers<DeclaredContainer>(workload).flatMap(({ env }) =>
    env.flatMap((variable) => ("from" in variable ? [variable.from] : []))
  )

/**
 * Fills in the values of all sources, and expands the references to them: variables in their order, each with those before
 * it, and then commands and arguments with all of them. Pure: the same values give the same workload.
 */
export const resolveWorkload = (
  workload: DeclaredWorkload,
  resolved: Resolved,
  contentOf: ResolvedContent = textContent(resolved)
): Workload => ({
  ...workload,
  volumes: workload.volumes.map((volume) => resolveVolume(volume, contentOf)),
  containers: Arr.map(workload.containers, (container) => resolveContainer(container, resolved)),
  initContainers: workload.initContainers.map((container) => ({
    ...resolveContainer(container, resolved),
    isSidecar: container.isSidecar
  }))
})

const resolveVolume = (volume: DeclaredVolume, contentOf: ResolvedContent): Volume =>
  volume._tag === "Files" ? { ...volume, files: volume.files.flatMap((file) => resolveFile(file, contentOf)) } : volume

/** None where its source is optional and has nothing. */
const resolveFile = (file: DeclaredFile, contentOf: ResolvedContent): ReadonlyArray<VolumeFile> => {
  if (!("from" in file)) return [file]
  const found = contentOf(file.from)
  return found === undefined ? [] : [{ path: file.path, mode: file.mode, ...found }]
}

/** A text as the content of a file. */
export const textContent =
  (resolved: Resolved): ResolvedContent =>
  (source) => {
    const found = resolved(source)
    return found && { data: Redacted.make(new TextEncoder().encode(found.value)) }
  }

const resolveContainer = (container: DeclaredContainer, resolved: Resolved): Container => {
  const { imported = [] } = container
  const known = new Map<string, ResolvedValue>(imported.map(({ name, value }) => [name, { value }]))
  const env = container.env.flatMap((declared): ReadonlyArray<EnvironmentVariable> => {
    const value = valueOf(declared, known, resolved)
    if (value === undefined) return []
    known.set(declared.name, value)
    return [{ name: declared.name, ...value }]
  })
  const { command, args, mounts, imported: _, ...rest } = container
  const own = new Set(env.map(({ name }) => name))
  return {
    ...rest,
    ...wordsOf({ command, args }, known),
    mounts: mounts.map((mount) => resolveMount(mount, known)),
    env: [...imported.filter(({ name }) => !own.has(name)), ...env]
  }
}

/** The values of secrets are in no path: what refers to one was refused. */
const resolveMount = (mount: DeclaredMount, known: ReadonlyMap<string, ResolvedValue>): VolumeMount => {
  if (!("subPathExpr" in mount)) return mount
  const { subPathExpr, ...rest } = mount
  const path = expand(subPathExpr, (name) => known.get(name)?.value)
  const fault = subPathFault(path)
  return fault === undefined ? { ...rest, subPath: cleanSubPath(path) } : { ...rest, subPathFault: fault }
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
