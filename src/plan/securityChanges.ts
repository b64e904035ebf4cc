import { isSame } from "./isSame.ts"
import type { ContainerConfig, ImageConfig } from "../vm/engine/ContainerConfig.ts"
import { groupPart, userPart, userText } from "../vm/engine/ContainerSecurity.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"

/**
 * The fields of a container's security, and whether each differs from what is declared now. Without its image, a user that
 * is not declared cannot be told from the image's.
 */
export const securityChanges = (
  config: ContainerConfig,
  { security: wanted = {} }: ContainerSpec,
  image: ImageConfig | undefined
): ReadonlyArray<readonly [field: string, differs: boolean]> => {
  const { security: has = {}, user = "" } = config
  const knowsUser = image !== undefined || wanted.user?.uid !== undefined
  const expected = userText(wanted.user, image?.user)
  return [
    ["runAsUser", knowsUser && userPart(user) !== userPart(expected)],
    ["runAsGroup", (knowsUser || wanted.user?.gid !== undefined) && groupPart(user) !== groupPart(expected)],
    ["supplementalGroups", !isSame(has.supplementalGroups, wanted.supplementalGroups)],
    ["capabilities", !isSame([has.capAdd, has.capDrop], [wanted.capAdd, wanted.capDrop])],
    ["readOnlyRootFilesystem", has.readonlyRootfs !== wanted.readonlyRootfs],
    ["allowPrivilegeEscalation", has.noNewPrivileges !== wanted.noNewPrivileges],
    ["seccompProfile", has.seccomp !== wanted.seccomp],
    ["appArmorProfile", has.appArmor !== wanted.appArmor],
    ["seLinuxOptions", !isSame(has.seLinux, wanted.seLinux)],
    ["procMount", has.unmasked !== wanted.unmasked]
  ]
}
