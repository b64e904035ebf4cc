import type { Losses } from "../Losses.ts"
import type { SourceNode } from "./SourceNode.ts"

/** Lists what is odd about the YAML of a source, but for tags that the reader of the source honours. */
export const reportOddities = (
  roots: ReadonlyArray<SourceNode>,
  losses: Losses,
  honoured: ReadonlyArray<string> = []
): void => {
  for (const { path, reason, tag } of roots.flatMap(({ oddities }) => oddities)) {
    if (tag === undefined || !honoured.includes(tag)) losses.add(path, reason)
  }
}
