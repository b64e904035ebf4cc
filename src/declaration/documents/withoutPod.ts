import type { DeclarationProblem } from "../DeclarationProblem.ts"
import type { DeclarationWarning } from "../DeclarationWarning.ts"
import { foreignDocument } from "../format/otherFormat.ts"
import { visible } from "../../text/printable.ts"
import type { Finding } from "../yaml/Finding.ts"
import { DocumentMeaningless, KindMisspelt } from "../yaml/TextProblem.ts"
import type { MisspeltKind, SortedDocuments } from "./sortDocuments.ts"

export interface WithoutPod {
  readonly problems: ReadonlyArray<Finding<DeclarationProblem>>
  readonly warnings: ReadonlyArray<Finding<DeclarationWarning>>
}

/**
 * What is said of the documents of a text that has no Pod: those that would run one are what is to be rewritten, whatever
 * comes before them; if there is none, the first is what stands in the Pod's place, unless a misspelt kind is in the way.
 */
export const withoutPod = ({ others, misspelt }: Pick<SortedDocuments, "others" | "misspelt">): WithoutPod => {
  const running = others.filter(({ template }) => template !== undefined)
  const instead = running.length === 0 && misspelt.length === 0 ? others.slice(0, 1) : running
  return {
    problems: [...misspelt.map(misspeltDocument), ...instead.map(foreignDocument)],
    warnings: others
      .filter((document) => !instead.includes(document))
      .map(({ kind, span }) => ({
        span,
        make: (position) => new DocumentMeaningless({ ...position, kind: visible(kind) })
      }))
  }
}

const misspeltDocument = ({ span, meant }: MisspeltKind): Finding<KindMisspelt> => ({
  span,
  make: (position) => new KindMisspelt({ ...position, kind: visible(span.text), suggestion: meant })
})
