import type { Check } from "../check/Check.ts"
import type { DeclaredContainer, DeclaredSpec } from "../DeclarationSchema.ts"
import { allCapabilities, capabilityOf, withoutPrefix } from "../../workload/capabilities.ts"
import type { Place } from "../yaml/Places.ts"
import type { Policy } from "./Policy.ts"
import {
  CapabilityNotAllowed,
  PrivilegedNotAllowed,
  RootNotAllowed,
  UnconfinedNotAllowed
} from "./SecurityViolation.ts"

type SecurityCheck = Check<CapabilityNotAllowed | PrivilegedNotAllowed | RootNotAllowed | UnconfinedNotAllowed, never>

/** What a container's process may do, and as whom. */
export const checkSecurityRules = (spec: DeclaredSpec, policy: Policy, check: SecurityCheck): void => {
  const pod = spec.securityContext
  if (policy.unconfined === false) checkSeccomp(pod, policy, check)
  const reported = new Set<Place>()
  for (const { securityContext } of [...spec.containers, ...spec.initContainers]) {
    if (securityContext.privileged && policy.privileged === false) {
      check.problem(check.at(securityContext, "privileged"), PrivilegedNotAllowed, { policy: policy.file })
    }
    const owner = isWritten(securityContext, "runAsUser", check) ? securityContext : pod
    const user = check.at(owner, "runAsUser")
    if (policy.runAsRoot === false && owner.runAsUser === 0 && !user.invalid && !reported.has(user)) {
      reported.add(user)
      check.problem(user, RootNotAllowed, { policy: policy.file })
    }
    checkAdded(securityContext, policy, check)
    if (policy.unconfined !== false) continue
    checkSeccomp(securityContext, policy, check)
    if (securityContext.procMount === "Unmasked") {
      const path = check.at(securityContext, "procMount").path
      check.problem(check.at(securityContext, "procMount"), UnconfinedNotAllowed, { policy: policy.file, path })
    }
  }
}

type Own = DeclaredContainer["securityContext"]
type Either = Own | DeclaredSpec["securityContext"]

const isWritten = (owner: Own, key: "runAsUser", check: SecurityCheck): boolean =>
  owner[key] !== undefined || check.at(owner, key).invalid

const checkAdded = (
  { capabilities: { add } }: Own,
  { file, capabilities: allowed }: Policy,
  check: SecurityCheck
): void => {
  if (allowed === undefined) return
  const names = new Set(allowed.map(capabilityOf))
  if (names.has(allCapabilities)) return
  for (const [index, text] of add.entries()) {
    const name = capabilityOf(text)
    if (name === undefined || names.has(name)) continue
    check.problem(check.at(add, index), CapabilityNotAllowed, {
      policy: file,
      capability: withoutPrefix(name),
      allowed: allowed.map(withoutPrefix)
    })
  }
}

const checkSeccomp = ({ seccompProfile }: Either, { file }: Policy, check: SecurityCheck): void => {
  if (seccompProfile?.type !== "Unconfined") return
  const place = check.at(seccompProfile, "type")
  check.problem(place, UnconfinedNotAllowed, { policy: file, path: place.path })
}
