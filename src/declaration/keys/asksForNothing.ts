import type { YamlTarget } from "../yaml/YamlNode.ts"
import { isNull, toBoolean } from "../yaml/YamlScalarValue.ts"
import type { Fate } from "./Fate.ts"

/** Mappings whose keys are alternatives: there a key chooses by being written, whatever is below it. */
const ofAlternatives = new Set(["a volume", "a hook", "a valueFrom", "a projected source"])

/** Whether an empty mapping under a key of this mapping asks for nothing. */
export const isIdleIfEmpty = (title: string): boolean => !ofAlternatives.has(title)

/**
 * Whether a field without use here asks for nothing, so that nothing is said of it: what Kubernetes prints of a Pod has
 * many such. Nothing, an empty text and an empty list never ask for anything.
 */
export const asksForNothing = (value: YamlTarget, title: string, { idle = [] }: Fate): boolean => {
  switch (value._tag) {
    case "Sequence":
      return value.items.length === 0
    case "Mapping":
      return value.entries.length === 0 && isIdleIfEmpty(title)
    case "Scalar":
      return value.text === "" || isNull(value) || idle.includes(String(toBoolean(value) ?? value.text))
  }
}
