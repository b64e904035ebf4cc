import type * as Redacted from "effect/Redacted"
import type { ValueSource } from "./ValueSource.ts"

/** A file of a volume whose content the declaration gives. */
export interface VolumeFile {
  /** Below the volume's root: components that are neither empty nor `.` or `..`. */
  readonly path: string
  /** Its permissions, 0 to 0777. */
  readonly mode: number
  /** A secret as far as output goes: never printed. */
  readonly data: Redacted.Redacted<Uint8Array>
  /** It is a Secret's: hidden in what containers say. */
  readonly isSecret?: true
  /** Stands for the content in the hash of containers that mount it: see `EnvironmentVariable`. */
  readonly identity?: string
  /** Why the content could not be read: it is not written then, and is what is there of it, or empty. */
  readonly unread?: string
}

/** What a file holds. */
export type FileContent = Omit<VolumeFile, "path" | "mode">

/** The same where it may not be known yet. */
export type FileSource = FileContent | { readonly from: ValueSource }

/** A file whose content may not be known yet. */
export type DeclaredFile = Pick<VolumeFile, "path" | "mode"> & FileSource

/** Whether a path is one of these files, or a directory of theirs. */
export const hasPart = (files: ReadonlyArray<Pick<VolumeFile, "path">>, part: string): boolean =>
  files.some(({ path }) => path === part || path.startsWith(`${part}/`))
