import type { ContainerSecurity } from "../vm/engine/ContainerSecurity.ts"
import { ascending } from "../vm/engine/engineSecurity.ts"
import type { Container } from "../workload/Workload.ts"

/** The security of a spec; undefined where nothing is declared that the engine is told. */
export const securitySpec = ({ security }: Container): ContainerSecurity | undefined => {
  if (security === undefined) return undefined
  const { runAsUser: uid, runAsGroup: gid, supplementalGroups, capabilities, seccompProfile, seLinuxOptions } = security
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
    ...(seccompProfile === undefined ? {} : { seccomp: "unconfined" }),
    ...(seLinuxOptions === undefined ? {} : { seLinux: seLinuxOptions }),
    ...(security.procMount === undefined ? {} : { unmasked: true })
  }
  return Object.keys(spec).length === 0 ? undefined : spec
}
