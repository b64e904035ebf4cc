import type { ContainerSecurity } from "../vm/engine/ContainerSecurity.ts"
import { ascending } from "../vm/engine/engineSecurity.ts"
import type { ProfilesObservation } from "../observation/observeSecurity.ts"
import type { AppArmorProfile, SeccompProfile } from "../workload/SecurityContext.ts"
import type { Container } from "../workload/Workload.ts"

/** The security of a spec; undefined where nothing is declared that the engine is told. */
export const securitySpec = (
  { security }: Container,
  profiles: ProfilesObservation | undefined
): ContainerSecurity | undefined => {
  if (security === undefined) return undefined
  const {
    runAsUser: uid,
    runAsGroup: gid,
    supplementalGroups,
    capabilities,
    seccompProfile,
    appArmorProfile,
    seLinuxOptions
  } = security
  const hasUser = uid !== undefined || gid !== undefined
  const { add = [], drop = [] } = capabilities ?? {}
  const spec: ContainerSecurity = {
    ...(hasUser ? { user: { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) } } : {}),
    ...(supplementalGroups === undefined
      ? {}
      : { supplementalGroups: [...new Set(supplementalGroups)].toSorted(ascending) }),
    ...(add.length === 0 ? {} : { capAdd: add }),
    ...(drop.length === 0 ? {} : { capDrop: drop }),
    ...(security.readOnlyRootFilesystem === undefined ? {} : { readonlyRootfs: true }),
    ...(security.allowPrivilegeEscalation === undefined ? {} : { noNewPrivileges: true }),
    ...seccompSpec(seccompProfile, profiles),
    ...appArmorSpec(appArmorProfile),
    ...(seLinuxOptions === undefined ? {} : { seLinux: seLinuxOptions }),
    ...(security.procMount === undefined ? {} : { unmasked: true })
  }
  return Object.keys(spec).length === 0 ? undefined : spec
}

/** A profile that cannot be used refuses the plan. */
const seccompSpec = (
  profile: SeccompProfile | undefined,
  profiles: ProfilesObservation | undefined
): Pick<ContainerSecurity, "seccomp"> => {
  if (profile === undefined) return {}
  if (profile._tag === "Unconfined") return { seccomp: "unconfined" }
  const found = profiles?.seccomp.get(profile.path)
  return found?._tag === "Found" ? { seccomp: found.json } : {}
}

const appArmorSpec = (profile: AppArmorProfile | undefined): Pick<ContainerSecurity, "appArmor"> => {
  if (profile === undefined || profile._tag === "RuntimeDefault") return {}
  return { appArmor: profile._tag === "Unconfined" ? "unconfined" : profile.name }
}
