import type { Check } from "../check/Check.ts"
import { KeyMisspelt } from "../keys/KeyProblem.ts"
import {
  DocumentIgnored,
  DocumentMeaningless,
  DocumentNotRun,
  KindMissing,
  KindMisspelt,
  PodNotRun,
  ValueTypeInvalid
} from "../yaml/TextProblem.ts"
import { describeNode } from "../yaml/YamlScalarValue.ts"
import { visible } from "../../text/printable.ts"
import type { ListMisfit, NamelessValues, SortedDocuments } from "./sortDocuments.ts"

type Problem = DocumentNotRun | PodNotRun | KindMissing | KindMisspelt | KeyMisspelt | ValueTypeInvalid
type DocumentsCheck = Check<Problem, DocumentIgnored | DocumentMeaningless>

/** Says what becomes of the documents that are neither the Pod nor give values to it. */
export const checkDocuments = (
  { otherPods, others, misspelt, misfits }: SortedDocuments,
  check: DocumentsCheck
): void => {
  for (const { node, kind, isPod, values } of otherPods) {
    const place = kind ?? { span: { start: node.start, end: node.start } }
    // konlet read the first document alone.
    if (isPod && !check.followsKonlet) check.problem(place, PodNotRun, {})
    else if (values !== undefined) checkValues(values, check)
    else check.warning(place, DocumentIgnored, {})
  }
  for (const { kind, span, template } of others) {
    if (template === undefined) check.warning({ span }, DocumentMeaningless, { kind: visible(kind) })
    else check.slip({ span }, DocumentNotRun, { kind: visible(kind), template })
  }
  for (const { span, meant } of misspelt) {
    check.slip({ span }, KindMisspelt, { kind: visible(span.text), suggestion: meant })
  }
  for (const misfit of misfits) checkMisfit(misfit, check)
}

const checkValues = ({ key, misspelt }: NamelessValues, check: DocumentsCheck): void => {
  if (misspelt === undefined) check.slip({ span: key }, KindMissing, { key: key.text })
  else {
    const found = { key: visible(misspelt.text), owner: "the document", suggestion: "kind" }
    check.slip({ span: misspelt }, KeyMisspelt, found)
  }
}

const checkMisfit = ({ path, node, span }: ListMisfit, check: DocumentsCheck): void => {
  const expected = path === "items" ? "a list" : "a mapping"
  check.slip({ span }, ValueTypeInvalid, { path, expected, found: node === undefined ? "nothing" : describeNode(node) })
}
