import type { DeclarationProblem } from "../DeclarationProblem.ts"
import type { DeclarationWarning } from "../DeclarationWarning.ts"
import { foreignDocument } from "../format/otherFormat.ts"
import { visible } from "../../text/printable.ts"
import type { Finding } from "../yaml/Finding.ts"
import { DocumentMeaningless } from "../yaml/TextProblem.ts"
import type { SortedDocuments } from "./sortDocuments.ts"

export interface WithoutPod {
  readonly problems: ReadonlyArray<Finding<DeclarationProblem>>
  readonly warnings: ReadonlyArray<Finding<DeclarationWarning>>
}

/**
 * What is said of the documents of a text that has no Pod: those that would run one are what is to be rewritten, whatever
 * comes before them; if there is none, the first is what stands in the Pod's place.
 */
export const withoutPod = ({ others }: Pick<SortedDocuments, "others">): WithoutPod => {
  const running = others.filter(({ template }) => template !== undefined)
  const instead = running.length === 0 ? others.slice(0, 1) : running
  return {
    problems: instead.map(foreignDocument),
    warnings: others
      .filter((document) => !instead.includes(document))
      .map(({ kind, span }) => ({
        span,
        make: (position) => new DocumentMeaningless({ ...position, kind: visible(kind) })
      }))
  }
}
