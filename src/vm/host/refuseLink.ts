import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { HostFileFailed, type HostFiles } from "./HostFiles.ts"
import { oneLine } from "../../text/printable.ts"

/**
 * Fails if one of Slipway's own paths is a symbolic link, whatever it points to. The lock file, the state folder and
 * its entries are never links: through a link of somebody else's, root would write or read where they choose. Parents
 * may be links, as `/var/run` is on most systems: only root can create entries in those directories, so such a link is
 * root's own arrangement.
 */
export const refuseLink = Effect.fnUntraced(function* (
  files: HostFiles["Service"],
  operation: HostFileFailed["operation"],
  path: string
) {
  const link = yield* files.readLink(path)
  if (Option.isNone(link)) return
  const detail = `it is a symbolic link (to ${oneLine(link.value)}), and is not followed; remove it, or choose another place`
  return yield* new HostFileFailed({ operation, path, detail })
})
