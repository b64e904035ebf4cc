import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { withDeadline } from "../timing/Deadlines.ts"
import { folderName } from "../vm/host/folderName.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import type { Workload } from "../workload/Workload.ts"

/**
 * Where the files of volumes are whose content is declared: in memory, on the tmpfs that the mount root is, so that after a
 * reboot nothing starts on what is not there yet. They take no more of it than the declaration's text and its secrets hold.
 *
 * Each volume's are in a directory of their own, made beside and then renamed: whatever has the name is whole. What was
 * there is kept under another name until the containers that have it are of no use any more.
 */
export const filesFolder = (mountRoot: string): string => `${mountRoot}/files`

/** The names in that folder of what a volume has. */
export const entriesOf = (volume: string) => {
  const name = folderName(volume)
  return { now: `now.${name}`, old: `old.${name}`, next: `next.${name}` }
}

/** What is mounted into containers: beside it stands what identifies the content. */
export const mountedFiles = (mountRoot: string, volume: string): string =>
  `${filesFolder(mountRoot)}/${entriesOf(volume).now}/files`

export const identityName = "identity"

/** What there is of such files. */
export interface FilesObservation {
  /** What identifies the content that is there, by the volume's name. A digest of it may tell a short secret. */
  readonly identities: ReadonlyMap<string, Redacted.Redacted>
  /** The names of all that there is. */
  readonly entries: ReadonlyArray<string>
}

/** What earlier runs have left is found whatever is declared. Failing to look is no reason to fail. */
export const observeFiles = Effect.fnUntraced(function* ({ volumes }: Workload, mountRoot: string) {
  const files = yield* HostFiles
  const folder = filesFolder(mountRoot)
  const own = volumes.flatMap((volume) => (volume._tag === "Files" ? [volume.name] : []))
  const look = files.list(folder).pipe(withDeadline("FILE", "list the files of volumes"))
  const entries = yield* own.length === 0 ? Effect.orElseSucceed(look, (): ReadonlyArray<string> => []) : look
  const identities = yield* Effect.forEach(own, (name) => {
    const { now } = entriesOf(name)
    if (!entries.includes(now)) return Effect.succeed([])
    return files.read(`${folder}/${now}/${identityName}`).pipe(
      withDeadline("FILE", `read what the volume ${name} holds`),
      Effect.map((text) => Option.toArray(text).map((text) => [name, Redacted.make(text)] as const))
    )
  })
  const observed: FilesObservation = { identities: new Map(identities.flat()), entries: entries.toSorted() }
  return observed
})
