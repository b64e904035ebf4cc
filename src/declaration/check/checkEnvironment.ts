import { EnvironmentNameInvalid } from "./ContainerProblem.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { EnvironmentNameDuplicate } from "../DeclarationWarning.ts"
import type { Findings } from "../Findings.ts"
import { placeholderLeft } from "./PlaceholderProblem.ts"
import type { Place, Places } from "../yaml/Places.ts"
import { tolerable } from "../Findings.ts"

/** Checks the names of a container's variables. They are never shown: a value may stand in one. */
export const checkEnvironment = ({ env }: DeclaredContainer, places: Places, findings: Findings): void => {
  const seen = new Map<string, Place>()
  for (const [index, { name }] of env.entries()) {
    const place = places.of(env[index]!, "name")
    if (place.invalid) continue
    const { path } = places.of(env, index)
    const found = name === "" ? "empty" : name.includes("=") ? "equals sign" : undefined
    const left = placeholderLeft(name, place)
    const first = seen.get(name)
    if (found !== undefined) {
      findings.problem(place.span, (position) => new EnvironmentNameInvalid({ ...position, path, found }))
    } else if (left !== undefined) findings.slip(place.span, tolerable(left))
    if (first !== undefined && found === undefined) {
      findings.warning(place.span, (position, { lineOf }) => {
        return new EnvironmentNameDuplicate({ ...position, path, firstLine: lineOf(first.span) })
      })
    }
    seen.set(name, place)
  }
}
