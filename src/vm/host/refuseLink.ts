import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { HostFileFailed, type HostFiles } from "./HostFiles.ts"
import { oneLine } from "../../text/printable.ts"

/**
 * Fails where a place of Slipway's own is a symbolic link, wherever that leads. The lock's file, the state folder and
 * its entries are never links: through one that somebody else has put there, root would write or read at a place of
 * their choice. What is above them may be links, as `/var/run` is on most systems and `/var/lib` on some: in those
 * directories only root makes entries, so the link is root's own arrangement.
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
