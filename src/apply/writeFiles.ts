import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { entriesOf, filesFolder, identityName } from "../observation/VolumeFiles.ts"
import { fileMode, rootMode } from "../plan/filesMode.ts"
import type { Action } from "../plan/Step.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { HostFiles, parentOf } from "../vm/host/HostFiles.ts"
import type { VolumeFile } from "../workload/VolumeFile.ts"

type WriteFiles = Extract<Action, { readonly _tag: "WriteFiles" }>

/** Writes the files of volumes, and takes that back: see VolumeFiles. */
export const makeWriteFiles = Effect.gen(function* () {
  const files = yield* HostFiles

  /** What an earlier run has left there is in the way. */
  const clear = Effect.fnUntraced(function* (folder: string, volume: string) {
    const { old, next } = entriesOf(volume)
    yield* files.removeTree(`${folder}/${next}`)
    if (!(yield* files.list(folder)).includes(old)) return
    // Renamed first, so that half of it is never put back.
    yield* files.move(`${folder}/${old}`, `${folder}/${next}`)
    yield* files.removeTree(`${folder}/${next}`)
  })

  const makeDirectory = Effect.fnUntraced(function* (path: string, gid: number | undefined) {
    yield* files.makeDirectory(path)
    if (gid !== undefined) yield* files.setGroup(path, gid)
    yield* files.setMode(path, rootMode(gid))
  })

  const write = Effect.fnUntraced(function* (root: string, all: ReadonlyArray<VolumeFile>, gid: number | undefined) {
    const directories = new Set(all.flatMap(({ path }) => directoriesOf(path)))
    for (const directory of ["", ...directories]) yield* makeDirectory(`${root}${directory}`, gid)
    // In the order of their paths: what is written first as `a.new` is renamed to `a` before a file of that name is there.
    for (const { path, mode, data } of all) {
      const file = `${root}/${path}`
      yield* files.write(file, Redacted.value(data), { mode: fileMode(mode, gid) })
      if (gid !== undefined) yield* files.setGroup(file, gid)
    }
  })

  const perform = Effect.fnUntraced(function* ({ folder, volume, files: all, gid, identity }: WriteFiles) {
    const { now, old, next } = entriesOf(volume)
    yield* files.makeDirectory(folder, "0700")
    yield* clear(folder, volume)
    yield* write(`${folder}/${next}/files`, all, gid)
    yield* files.write(`${folder}/${next}/${identityName}`, Redacted.value(identity), { mode: "0600" })
    if ((yield* files.list(folder)).includes(now)) yield* files.move(`${folder}/${now}`, `${folder}/${old}`)
    yield* files.move(`${folder}/${next}`, `${folder}/${now}`)
  })

  /** Of a volume that has none from before, what has been written is left. */
  const putBack = Effect.fnUntraced(function* (folder: string, old: string) {
    const now = old.replace(/^old\./, "now.")
    yield* files.removeTree(`${folder}/${now}`)
    yield* files.move(`${folder}/${old}`, `${folder}/${now}`)
  })

  return {
    perform: (action: WriteFiles) =>
      perform(action).pipe(withDeadline("FILE", `write the files of the volume ${action.volume}`)),
    undo: ({ folder, volume }: WriteFiles) =>
      Effect.flatMap(files.list(folder), (entries) => {
        const { old } = entriesOf(volume)
        return entries.includes(old) ? putBack(folder, old) : Effect.void
      }).pipe(withDeadline("FILE", `put back the files of the volume ${volume}`)),
    remove: (path: string) => files.removeTree(path).pipe(withDeadline("FILE", `remove ${path}`)),
    /** Puts back whatever a run that died has replaced. */
    putAllBack: (mountRoot: string) => {
      const folder = filesFolder(mountRoot)
      return Effect.flatMap(files.list(folder), (entries) =>
        Effect.forEach(
          entries.filter((entry) => entry.startsWith("old.")),
          (old) => putBack(folder, old),
          { discard: true }
        )
      ).pipe(withDeadline("FILE", "put back the files of volumes"))
    }
  }
})

/** `/a` and `/a/b` for `a/b/c` */
const directoriesOf = (path: string): ReadonlyArray<string> => {
  const directories: Array<string> = []
  for (let at = parentOf(`/${path}`); at !== "/"; at = parentOf(at)) directories.unshift(at)
  return directories
}
