import { withoutPrefix } from "../../../workload/capabilities.ts"
import type { SecurityContext } from "../../../workload/SecurityContext.ts"
import type { DeclaredContainer } from "../../../workload/DeclaredWorkload.ts"
import type { Source } from "../../Source.ts"
import { flag, given, object } from "./words.ts"

/** A container's rights, those of its Pod included. */
export const containerSecurityContext = ({ privileged, security = {} }: DeclaredContainer, mayUnmask: boolean) => {
  const { capabilities, seLinuxOptions } = security
  return object({
    privileged: flag(privileged),
    runAsUser: security.runAsUser,
    runAsGroup: security.runAsGroup,
    runAsNonRoot: security.runAsNonRoot,
    capabilities:
      capabilities &&
      object({
        add: given(capabilities.add.map(withoutPrefix)),
        drop: given(capabilities.drop.map(withoutPrefix))
      }),
    readOnlyRootFilesystem: security.readOnlyRootFilesystem,
    allowPrivilegeEscalation: security.allowPrivilegeEscalation,
    // Left out it would be none: the engine has one for every container that is not privileged.
    seccompProfile: privileged ? undefined : seccompOf(security),
    appArmorProfile: appArmorOf(security),
    seLinuxOptions:
      seLinuxOptions && Object.fromEntries(Object.entries(seLinuxOptions).filter(([, value]) => value !== "")),
    procMount: mayUnmask ? security.procMount : undefined
  })
}

const seccompOf = ({ seccompProfile: profile }: SecurityContext) => {
  if (profile === undefined) return { type: "RuntimeDefault" }
  return profile._tag === "Unconfined" ? { type: "Unconfined" } : { type: "Localhost", localhostProfile: profile.path }
}

const appArmorOf = ({ appArmorProfile: profile }: SecurityContext) =>
  profile &&
  (profile._tag === "Localhost" ? { type: "Localhost", localhostProfile: profile.name } : { type: profile._tag })

/** What a Pod alone has. */
export const podSecurityContext = ({ written, workload }: Source) => {
  const { securityContext } = written.spec
  const { volumeGroup, namespaces: { sysctls = [] } = {} } = workload
  return object({
    supplementalGroups: given(securityContext.supplementalGroups),
    supplementalGroupsPolicy: securityContext.supplementalGroupsPolicy,
    fsGroup: volumeGroup?.gid,
    fsGroupChangePolicy: volumeGroup === undefined ? undefined : securityContext.fsGroupChangePolicy,
    sysctls: given(sysctls)
  })
}
