import { type AppArmorProfile, type SecurityContext, type SeLinuxOptions } from "../../workload/SecurityContext.ts"
import { id as ids, isWithin } from "../schema/limits.ts"
import type { VolumeGroup } from "../../workload/VolumeGroup.ts"
import type { DeclaredContainer, DeclaredSpec } from "../DeclarationSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { checkCapabilities } from "./Capabilities.ts"
import type { Check } from "./Check.ts"
import { checkChoice } from "./SecurityChoice.ts"
import {
  type CapabilityUnknown,
  IdInvalid,
  PrivilegedIgnores,
  PrivilegeEscalationForced,
  RunsAsRoot,
  StrictGroupsNeedGroup
} from "./SecurityProblem.ts"
import {
  checkAppArmorProfile,
  checkSeccompProfile,
  type DeclaredSeccomp,
  type ProfileProblem
} from "./SecurityProfiles.ts"

export type SecurityProblem =
  | CapabilityUnknown
  | IdInvalid
  | PrivilegeEscalationForced
  | ProfileProblem
  | RunsAsRoot
  | StrictGroupsNeedGroup

type SecurityCheck = Check<SecurityProblem, PrivilegedIgnores>

/** What a Pod's security context says for all its containers, as far as it is good. */
export interface PodSecurity extends Shared {
  /** With the group of the volumes. */
  readonly supplementalGroups: ReadonlyArray<number>
  /** Where `supplementalGroupsPolicy: Strict` is written. */
  readonly strict: Place | undefined
  /** Places of which a problem has been reported: several containers take the same from the Pod. */
  readonly reported: Set<Place>
}

/** What both a Pod and a container may say, each value with its place. */
interface Shared {
  readonly runAsUser: Placed<number> | undefined
  readonly runAsGroup: Placed<number> | undefined
  /** A group was meant that cannot be read, which has been reported. */
  readonly hasUnreadableGroup: boolean
  readonly runAsNonRoot: boolean | undefined
  readonly seccompProfile: DeclaredSeccomp | undefined
  readonly appArmorProfile: AppArmorProfile | undefined
  readonly seLinuxOptions: SeLinuxOptions | undefined
}

interface Placed<A> {
  readonly value: A
  readonly place: Place
}

type SharedKeys = "runAsUser" | "runAsGroup" | "runAsNonRoot" | "seccompProfile" | "appArmorProfile" | "seLinuxOptions"
type DeclaredShared = Pick<DeclaredContainer["securityContext"], SharedKeys>

export const checkPodSecurity = (
  { securityContext }: DeclaredSpec,
  volumeGroup: VolumeGroup | undefined,
  check: SecurityCheck
): PodSecurity => {
  const { supplementalGroups } = securityContext
  const policy = checkChoice(securityContext, "supplementalGroupsPolicy", ["Merge", "Strict"], check)
  return {
    ...checkShared(securityContext, check),
    supplementalGroups: [
      ...supplementalGroups.filter((id, index) => checkId(check.at(supplementalGroups, index), id, check)),
      ...(volumeGroup === undefined ? [] : [volumeGroup.gid])
    ],
    strict: policy === "Strict" ? check.at(securityContext, "supplementalGroupsPolicy") : undefined,
    reported: new Set()
  }
}

/** A container's security context with what it takes from its Pod; undefined where neither says anything. */
export const checkContainerSecurity = (
  container: DeclaredContainer,
  pod: PodSecurity,
  check: SecurityCheck
): SecurityContext | undefined => {
  const { securityContext } = container
  const own = checkShared(securityContext, check)
  const runAsUser = own.runAsUser ?? pod.runAsUser
  const runAsGroup = own.runAsGroup ?? pod.runAsGroup
  const runAsNonRoot = own.runAsNonRoot ?? pod.runAsNonRoot ?? false
  const once = (place: Place, report: () => void) => {
    if (!pod.reported.has(place)) report()
    pod.reported.add(place)
  }
  if (runAsNonRoot && runAsUser?.value === 0) {
    const { place } = runAsUser
    once(place, () => check.slip(place, RunsAsRoot, { path: place.path }))
  }
  const { strict } = pod
  if (strict !== undefined && runAsGroup === undefined && !own.hasUnreadableGroup && !pod.hasUnreadableGroup) {
    once(strict, () =>
      check.slip(strict, StrictGroupsNeedGroup, {
        container: container.name === "" ? "" : check.quote(container, "name")
      })
    )
  }
  const capabilities = checkCapabilities(container, check)
  const seLinuxOptions = own.seLinuxOptions ?? pod.seLinuxOptions
  const seccompProfile = (checkSeccompEffect(container, own.seccompProfile, check) ?? pod.seccompProfile)?.profile
  const appArmorProfile = own.appArmorProfile ?? pod.appArmorProfile
  const isUnmasked = checkChoice(securityContext, "procMount", ["Default", "Unmasked"], check) === "Unmasked"
  const security: SecurityContext = {
    ...(runAsUser === undefined ? {} : { runAsUser: runAsUser.value }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: runAsGroup.value }),
    ...(runAsNonRoot ? { runAsNonRoot } : {}),
    ...(pod.supplementalGroups.length === 0 ? {} : { supplementalGroups: pod.supplementalGroups }),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(securityContext.readOnlyRootFilesystem ? { readOnlyRootFilesystem: true } : {}),
    ...(checkEscalation(container, check) ? {} : { allowPrivilegeEscalation: false }),
    ...(seccompProfile === undefined || seccompProfile === "RuntimeDefault" || securityContext.privileged
      ? {}
      : { seccompProfile }),
    ...(appArmorProfile === undefined ? {} : { appArmorProfile }),
    ...(seLinuxOptions === undefined ? {} : { seLinuxOptions }),
    ...(isUnmasked ? { procMount: "Unmasked" } : {})
  }
  return Object.keys(security).length === 0 ? undefined : security
}

const checkShared = (owner: DeclaredShared, check: SecurityCheck): Shared => {
  const { runAsUser, runAsGroup, runAsNonRoot, seLinuxOptions } = owner
  const id = (key: "runAsUser" | "runAsGroup", value: number | undefined): Placed<number> | undefined => {
    const place = check.at(owner, key)
    return value !== undefined && checkId(place, value, check) ? { value, place } : undefined
  }
  return {
    runAsUser: id("runAsUser", runAsUser),
    runAsGroup: id("runAsGroup", runAsGroup),
    hasUnreadableGroup: check.at(owner, "runAsGroup").invalid,
    runAsNonRoot: check.at(owner, "runAsNonRoot").invalid ? undefined : runAsNonRoot,
    seccompProfile: checkSeccompProfile(owner, check),
    appArmorProfile: checkAppArmorProfile(owner, check),
    seLinuxOptions:
      seLinuxOptions === undefined || Object.values(seLinuxOptions).every((text) => text === "")
        ? undefined
        : seLinuxOptions
  }
}

export const checkId = (place: Place, id: number, check: Check<IdInvalid, never>): boolean => {
  if (place.invalid) return false
  if (isWithin(ids, id)) return true
  check.slip(place, IdInvalid, { path: place.path, found: id })
  return false
}

/** A container's own profile. As in Kubernetes, a privileged one is unconfined. */
const checkSeccompEffect = (
  { securityContext }: DeclaredContainer,
  own: Shared["seccompProfile"],
  check: SecurityCheck
): DeclaredSeccomp | undefined => {
  const isUnconfined = typeof own?.profile === "object" && own.profile._tag === "Unconfined"
  if (own !== undefined && securityContext.privileged && !isUnconfined) {
    check.warning(own.place, PrivilegedIgnores, { path: own.place.path })
  }
  return own
}

/**
 * Whether a program may give a process more rights. Kubernetes refuses the contradiction for CAP_SYS_ADMIN in this spelling
 * alone, and so takes declarations that have `SYS_ADMIN`.
 */
const checkEscalation = ({ securityContext }: DeclaredContainer, check: SecurityCheck): boolean => {
  const { allowPrivilegeEscalation, privileged, capabilities } = securityContext
  const place = check.at(securityContext, "allowPrivilegeEscalation")
  if (allowPrivilegeEscalation !== false || place.invalid) return true
  if (privileged) check.slip(place, PrivilegeEscalationForced, { by: "privileged" })
  else if (capabilities.add.includes("CAP_SYS_ADMIN")) {
    check.slip(place, PrivilegeEscalationForced, { by: "CAP_SYS_ADMIN" })
  } else return false
  return true
}
