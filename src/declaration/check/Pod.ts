import type { Check } from "./Check.ts"
import { checkContainer } from "./Container.ts"
import { checkCount } from "./Containers.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import type { DeclarationProblem } from "../DeclarationProblem.ts"
import type { DeclarationWarning } from "../DeclarationWarning.ts"
import type { IgnoredKey } from "../keys/KeyRules.ts"
import { checkDevices } from "./HostPath.ts"
import { checkMounts, type DeclaredVolumes } from "./Mounts.ts"
import { checkRestartPolicy } from "./RestartPolicy.ts"
import { checkVolumes } from "./Volumes.ts"
import type { Workload } from "../../workload/Workload.ts"

/**
 * Checks everything about a Pod that needs no VM. The workload is only good if no problem was found; it is undefined
 * where there is no container to run.
 */
export const checkPod = (
  spec: DeclaredSpec,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: Check<DeclarationProblem, DeclarationWarning>
): Workload | undefined => {
  const { containers, volumes } = spec
  checkCount(spec, ignoredKeys, check)
  const declared = declaredVolumes(spec, ignoredKeys, check)
  const restartPolicy = checkRestartPolicy(spec, check) ?? "Always"
  const checked = containers.map((container, index) => {
    if (check.at(containers, index).invalid) return undefined
    checkMounts(container, declared, check)
    checkDevices(container, volumes, check)
    return checkContainer(container, restartPolicy, check)
  })
  const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts)
  const mounted = new Set(mounts.map(({ name }) => name))
  // Then a volume that nothing seems to mount may be the one that was meant.
  const mountsUnknown =
    containers.length === 0 ||
    containers.some((container) => check.at(container, "volumeMounts").invalid) ||
    mounts.some((mount) => check.at(mount, "name").invalid || !declared.names.has(mount.name))
  const used = checkVolumes(volumes, (name) => mountsUnknown || mounted.has(name), check)
  const [container] = checked
  return container && { containers: [container], initContainers: [], volumes: used, network: { _tag: "Host" } }
}

const declaredVolumes = (
  spec: DeclaredSpec,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: Check<never, never>
): DeclaredVolumes => ({
  names: new Set(spec.volumes.map(({ name }) => name)),
  complete: !check.at(spec, "volumes").invalid && !spec.volumes.some((volume) => check.at(volume, "name").invalid),
  misplaced: ignoredKeys.find(({ key }) => key === "volumes")?.span
})
