import type { Check } from "../check/Check.ts"
import { withDots } from "../check/Namespaces.ts"
import type { DeclaredContainer, DeclaredSpec } from "../DeclarationSchema.ts"
import { allCapabilities, capabilityOf, withoutPrefix } from "../../workload/capabilities.ts"
import type { Place } from "../yaml/Places.ts"
import type { Policy } from "./Policy.ts"
import {
  CapabilityNotAllowed,
  HostNamespaceNotAllowed,
  PrivilegedNotAllowed,
  RootNotAllowed,
  SysctlNotAllowed,
  UnconfinedNotAllowed
} from "./SecurityViolation.ts"

export type SecurityViolation =
  | CapabilityNotAllowed
  | HostNamespaceNotAllowed
  | PrivilegedNotAllowed
  | RootNotAllowed
  | SysctlNotAllowed
  | UnconfinedNotAllowed

type SecurityCheck = Check<SecurityViolation, never>

/** What a container's process may do, and as whom. */
export const checkSecurityRules = (spec: DeclaredSpec, policy: Policy, check: SecurityCheck): void => {
  const pod = spec.securityContext
  for (const key of ["hostPID", "hostIPC"] as const) {
    if (!spec[key] || policy[key] !== false) continue
    check.problem(check.at(spec, key), HostNamespaceNotAllowed, { policy: policy.file, key })
  }
  checkSysctls(pod, policy, check)
  if (policy.unconfined === false) checkProfiles(pod, policy, check)
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
    checkProfiles(securityContext, policy, check)
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

const checkProfiles = (owner: Either, { file }: Policy, check: SecurityCheck): void => {
  for (const profile of [owner.seccompProfile, owner.appArmorProfile]) {
    if (profile?.type !== "Unconfined") continue
    const place = check.at(profile, "type")
    check.problem(place, UnconfinedNotAllowed, { policy: file, path: place.path })
  }
}

const checkSysctls = (
  { sysctls }: DeclaredSpec["securityContext"],
  { file, sysctls: allowed }: Policy,
  check: SecurityCheck
): void => {
  if (allowed === undefined) return
  for (const sysctl of sysctls) {
    const name = withDots(sysctl.name)
    const place = check.at(sysctl, "name")
    if (place.invalid || allowed.some((pattern) => isMatch(name, withDots(pattern)))) continue
    check.problem(place, SysctlNotAllowed, { policy: file, name: check.quote(sysctl, "name"), allowed })
  }
}

/** As the kubelet's list of unsafe sysctls. */
const isMatch = (name: string, pattern: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern
