import type { Check } from "../check/Check.ts"
import { templates } from "../format/otherFormat.ts"
import { DocumentIgnored, DocumentMeaningless, DocumentNotRun } from "../yaml/TextProblem.ts"
import { visible } from "../../text/printable.ts"
import type { SortedDocuments } from "./sortDocuments.ts"

/** Says what becomes of the documents that are neither the Pod nor give values to it. */
export const checkDocuments = (
  { otherPods, others }: SortedDocuments,
  check: Check<DocumentNotRun, DocumentIgnored | DocumentMeaningless>
): void => {
  for (const { start } of otherPods) check.warning({ span: { start, end: start } }, DocumentIgnored, {})
  for (const { kind, span } of others) {
    const template = templates.get(kind)
    if (template === undefined) check.warning({ span }, DocumentMeaningless, { kind: visible(kind) })
    else check.slip({ span }, DocumentNotRun, { kind, template })
  }
}
