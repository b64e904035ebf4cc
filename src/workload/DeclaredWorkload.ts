import type { NonEmptyReadonlyArray } from "effect/Array"
import type { Word } from "./expand.ts"
import type { PullSecret } from "./PullSecret.ts"
import type { ValueSource } from "./ValueSource.ts"
import type { DeclaredFile } from "./VolumeFile.ts"
import type {
  Container,
  EnvironmentVariable,
  FilesVolume,
  InitContainer,
  Volume,
  VolumeMount,
  Workload
} from "./Workload.ts"

/**
 * A declaration decoded and checked: from here on everything is valid by construction. Unlike in a `Workload`, to which
 * `src/resolution/` brings it, some values are not known yet: what only the VM can tell, and what refers to that.
 */
export interface DeclaredWorkload extends Omit<Workload, "containers" | "initContainers" | "volumes"> {
  readonly containers: NonEmptyReadonlyArray<DeclaredContainer>
  readonly initContainers: ReadonlyArray<DeclaredInitContainer>
  /** See `Workload`. */
  readonly volumes: ReadonlyArray<DeclaredVolume>
  /** What registries are shown, in the order of the declaration; absent if there is nothing. */
  readonly pullSecrets?: ReadonlyArray<PullSecret>
}

/** A container some of whose values are not known yet. */
export interface DeclaredContainer extends Omit<Container, Unresolved>, ToResolve {}

/** The same of an init container. */
export interface DeclaredInitContainer extends Omit<InitContainer, Unresolved>, ToResolve {}

/** A volume whose files may not be known yet. */
export type DeclaredVolume = Exclude<Volume, FilesVolume> | DeclaredFilesVolume

/** A volume of files whose content may not be known yet. */
export interface DeclaredFilesVolume extends Omit<FilesVolume, "files"> {
  readonly files: ReadonlyArray<DeclaredFile>
}

/** A mount whose part of the volume may not be known yet. */
export type DeclaredMount =
  | VolumeMount
  /** The part is named by variables of the container: see `expand`. */
  | (Omit<VolumeMount, "subPath"> & { readonly subPathExpr: string })

type Unresolved = "command" | "args" | "env" | "mounts"

interface ToResolve {
  readonly command: ReadonlyArray<Word> | undefined
  readonly args: ReadonlyArray<Word> | undefined
  /** See `Container`. */
  readonly mounts: ReadonlyArray<DeclaredMount>
  /**
   * Variables that `envFrom` brings, each name once. Those of `env` come after them, may refer to them, and replace
   * those of the same names. Absent if there are none.
   */
  readonly imported?: ReadonlyArray<EnvironmentVariable>
  /** In order: each may refer to those before it. */
  readonly env: ReadonlyArray<DeclaredVariable>
}

/** A variable whose value may not be known yet: it is written, made of others, or kept elsewhere. */
export type DeclaredVariable =
  | EnvironmentVariable
  /** Refers to variables before it. */
  | { readonly name: string; readonly template: string }
  | { readonly name: string; readonly from: ValueSource }
