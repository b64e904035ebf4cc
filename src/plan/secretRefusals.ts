import type { Fate } from "./comparison.ts"
import type { FilesVolume } from "../workload/Workload.ts"
import { FileUnread, SecretUnread } from "./SecretUnread.ts"

/** The variables of new containers whose values could not be read. A container that is kept has them. */
export const secretRefusals = (created: ReadonlyArray<Fate>): ReadonlyArray<SecretUnread> =>
  created.flatMap(({ member: { container } }) =>
    container.env.flatMap(({ name, identity = "", unread }) =>
      unread === undefined
        ? []
        : [new SecretUnread({ container: container.name, variable: name, version: identity, why: unread })]
    )
  )

/** The files that would have to be written and could not be read. */
export const fileRefusals = (writing: ReadonlyArray<FilesVolume>): ReadonlyArray<FileUnread> =>
  writing.flatMap(({ name, files }) =>
    files.flatMap(({ path, identity = "", unread }) =>
      unread === undefined ? [] : [new FileUnread({ volume: name, path, version: identity, why: unread })]
    )
  )
