import { nearest } from "../../text/nearest.ts"
import {
  allCapabilities,
  capabilityOf,
  linuxCapabilities,
  resolveCapabilities,
  withoutPrefix
} from "../../workload/capabilities.ts"
import type { Capabilities } from "../../workload/SecurityContext.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Check } from "./Check.ts"
import { CapabilityUnknown } from "./SecurityProblem.ts"

/** The capabilities that a container is to have and not to have; undefined where it is left to the engine. */
export const checkCapabilities = (
  { securityContext: { capabilities } }: DeclaredContainer,
  check: Check<CapabilityUnknown, never>
): Capabilities | undefined => {
  const resolved = resolveCapabilities({
    add: checkNames(capabilities.add, check),
    drop: checkNames(capabilities.drop, check)
  })
  return resolved.add.length + resolved.drop.length === 0 ? undefined : resolved
}

const checkNames = (names: ReadonlyArray<string>, check: Check<CapabilityUnknown, never>): ReadonlyArray<string> =>
  names.flatMap((text, index) => {
    const place = check.at(names, index)
    if (place.invalid) return []
    const name = capabilityOf(text)
    if (name !== undefined) return name
    check.slip(place, CapabilityUnknown, {
      name: check.quote(names, index),
      suggestion: nearest(withoutPrefix(text), [...linuxCapabilities, allCapabilities])
    })
    return []
  })
