import type { Losses } from "../Losses.ts"

/** What Compose calls a file's services together; the names of its volumes begin with it. */
export interface ComposeProject {
  /** Undefined where it depends on more than is known. */
  readonly name: string | undefined
  /** It is said nowhere, so that Compose takes the folder's. */
  readonly isFolders: boolean
}

/** `folder`: the name of the folder that the file is in, if that is known. */
export const projectOf = (name: string | undefined, folder: string | undefined): ComposeProject => {
  const said = normalized(name ?? "")
  if (said !== "") return { name: said, isFolders: false }
  const ofFolder = normalized(folder ?? "")
  return { name: ofFolder === "" ? undefined : ofFolder, isFolders: true }
}

/** As compose-go's NormalizeProjectName does. */
const normalized = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "")

/** What Docker calls a volume that the file gives no name; `why` where that cannot be told. */
export const volumeOfProject = (
  { name }: ComposeProject,
  key: string
): { readonly name: string; readonly why: string | undefined } => {
  if (name === undefined) {
    return {
      name: key,
      why:
        `But Compose calls it PROJECT_${key}, and the project's name is not known here: write it as "name:" at the top of the ` +
        "file, or give the file by its path. `docker volume ls` shows it."
    }
  }
  return { name: `${name}_${key}`, why: undefined }
}

/** Where the names of volumes rest on the folder. */
export const noteProject = ({ name, isFolders }: ComposeProject, losses: Losses): void => {
  if (!isFolders || name === undefined) return
  losses.note(
    "name",
    `No "name:" is at the top of the file, so that its folder names the project, ${name}, and with it its volumes. If ` +
      "`docker volume ls` shows others, by -p or COMPOSE_PROJECT_NAME, write that project's name there."
  )
}
