import type { VolumeGroup } from "../../workload/VolumeGroup.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import type { Check } from "./Check.ts"
import { checkChoice } from "./SecurityChoice.ts"
import { checkId, type SecurityProblem } from "./SecurityContext.ts"

/** The group of the Pod's volumes; undefined where none is declared, or none that can be. */
export const checkVolumeGroup = (
  { securityContext }: DeclaredSpec,
  check: Check<SecurityProblem, never>
): VolumeGroup | undefined => {
  const { fsGroup } = securityContext
  const policy = checkChoice(securityContext, "fsGroupChangePolicy", ["Always", "OnRootMismatch"], check)
  const place = check.at(securityContext, "fsGroup")
  return fsGroup === undefined || !checkId(place, fsGroup, check)
    ? undefined
    : { gid: fsGroup, onlyOnMismatch: policy === "OnRootMismatch" }
}
