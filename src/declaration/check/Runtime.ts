import type { Check } from "./Check.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import { placeholderInReference, PlaceholderLeft } from "./Placeholder.ts"

/** The runtime that a Pod's containers are to have; undefined leaves it to the engine, which alone knows the names. */
export const checkRuntime = (spec: DeclaredSpec, check: Check<PlaceholderLeft, never>): string | undefined => {
  const place = check.at(spec, "runtimeClassName")
  if (place.invalid || spec.runtimeClassName === "") return undefined
  const form = placeholderInReference(spec.runtimeClassName)
  if (form === undefined) return spec.runtimeClassName
  check.slip(place, PlaceholderLeft, { path: place.path, form })
  return undefined
}
