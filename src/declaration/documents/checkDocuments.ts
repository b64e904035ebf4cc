import type { Check } from "../check/Check.ts"
import { DocumentIgnored, DocumentMeaningless, DocumentNotRun, PodNotRun } from "../yaml/TextProblem.ts"
import { visible } from "../../text/printable.ts"
import type { SortedDocuments } from "./sortDocuments.ts"

/** Says what becomes of the documents that are neither the Pod nor give values to it. */
export const checkDocuments = (
  { otherPods, others }: SortedDocuments,
  check: Check<DocumentNotRun | PodNotRun, DocumentIgnored | DocumentMeaningless>
): void => {
  for (const { node, kind, isPod } of otherPods) {
    const place = kind ?? { span: { start: node.start, end: node.start } }
    // konlet read the first document alone.
    if (isPod && !check.followsKonlet) check.problem(place, PodNotRun, {})
    else check.warning(place, DocumentIgnored, {})
  }
  for (const { kind, span, template } of others) {
    if (template === undefined) check.warning({ span }, DocumentMeaningless, { kind: visible(kind) })
    else check.slip({ span }, DocumentNotRun, { kind: visible(kind), template })
  }
}
