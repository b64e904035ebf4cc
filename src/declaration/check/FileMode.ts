import type { Check } from "./Check.ts"
import { isWithin, permissions } from "../schema/limits.ts"
import { FileModeInvalid } from "./FilesProblem.ts"

/** Permissions as they are declared; undefined where none are, or none that a file can have. */
export const checkMode = <K extends string, A extends { readonly [Key in K]?: number }>(
  owner: A,
  key: K,
  volume: string,
  check: Check<FileModeInvalid, never>
): number | undefined => {
  const mode: number | undefined = owner[key]
  const place = check.at(owner, key)
  if (mode === undefined || place.invalid) return undefined
  if (isWithin(permissions, mode)) return mode
  const isOctal = place.node._tag === "Scalar" && /^0[0-7oO]/.test(place.node.text)
  check.slip(place, FileModeInvalid, { volume, mode, isOctal })
  return undefined
}
