import * as Arr from "effect/Array"
import type { Check } from "./Check.ts"
import { checkContainer } from "./Container.ts"
import { checkCount, checkNames } from "./Containers.ts"
import type { DeclaredContainer, DeclaredSpec } from "../DeclarationSchema.ts"
import type { DeclarationProblem } from "../DeclarationProblem.ts"
import type { DeclarationWarning } from "../DeclarationWarning.ts"
import type { IgnoredKey } from "../keys/KeyRules.ts"
import { checkDevices } from "./HostPath.ts"
import { checkMounts, type DeclaredVolumes } from "./Mounts.ts"
import { checkNetwork } from "./Network.ts"
import { checkPortConflicts } from "./PortConflicts.ts"
import { checkPorts } from "./Ports.ts"
import { checkContainerPolicy, checkRestartPolicy, checkSidecar } from "./RestartPolicy.ts"
import { checkVolumes } from "./Volumes.ts"
import type { Workload } from "../../workload/Workload.ts"

type PodCheck = Check<DeclarationProblem, DeclarationWarning>

/**
 * Checks everything about a Pod that needs no VM. The workload is only good if no problem was found; it is undefined
 * where there is no container to run.
 */
export const checkPod = (
  spec: DeclaredSpec,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: PodCheck
): Workload | undefined => {
  const { containers, initContainers, volumes } = spec
  const network = checkNetwork(spec, check)
  const restartPolicy = checkRestartPolicy(spec, check) ?? "Always"
  checkCount(spec, ignoredKeys, check)
  checkNames(spec, check)
  const declared = declaredVolumes(spec, ignoredKeys, check)
  const readable = <A extends ReadonlyArray<DeclaredContainer>>(list: A): ReadonlyArray<DeclaredContainer> =>
    list.filter((_, index) => !check.at(list, index).invalid)

  const checked = readable(containers).map((container) => {
    const ports = checkPorts(container, network._tag, check)
    const policy = checkContainerPolicy(container, restartPolicy, check)
    const rest = { ports: ports.map(({ port }) => port), restartPolicy: policy }
    return { ports, container: checkContainer(container, rest, check) }
  })
  const initChecked = readable(initContainers).map((container) => {
    const ports = checkPorts(container, network._tag, check)
    const isSidecar = checkSidecar(container, check)
    const rest = { ports: ports.map(({ port }) => port), restartPolicy: isSidecar ? "Always" : restartPolicy } as const
    const found = checkContainer(container, rest, check)
    return { ports, isSidecar, container: found && { ...found, isSidecar } }
  })
  const sidecars = initChecked.filter(({ isSidecar }) => isSidecar)
  const sideBySide = [...checked, ...sidecars].flatMap(({ ports }) => ports)
  const alone = initChecked.filter(({ isSidecar }) => !isSidecar).map(({ ports }) => ports)
  checkPortConflicts([sideBySide, ...alone], network._tag, check)

  const all = [...readable(containers), ...readable(initContainers)]
  for (const container of all) checkMounts(container, declared, check)
  checkDevices(all, volumes, check)
  const used = checkVolumes(volumes, isMounted(spec, declared, check), check)
  const good = checked.flatMap(({ container }) => container ?? [])
  if (!Arr.isReadonlyArrayNonEmpty(good)) return undefined
  const init = initChecked.flatMap(({ container }) => container ?? [])
  return { containers: good, initContainers: init, volumes: used, network }
}

const declaredVolumes = (
  spec: DeclaredSpec,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: PodCheck
): DeclaredVolumes => ({
  names: new Set(spec.volumes.map(({ name }) => name)),
  complete: !check.at(spec, "volumes").invalid && !spec.volumes.some((volume) => check.at(volume, "name").invalid),
  misplaced: ignoredKeys.find(({ key }) => key === "volumes")?.span
})

/** Which volumes a container mounts. Where a mount cannot be read, any of them may be the one that was meant. */
const isMounted = (
  { containers, initContainers }: DeclaredSpec,
  { names }: DeclaredVolumes,
  check: PodCheck
): ((name: string) => boolean) => {
  const all = [...containers, ...initContainers]
  const mounts = all.flatMap(({ volumeMounts }) => volumeMounts)
  const isUnknown =
    containers.length === 0 ||
    all.some((container) => check.at(container, "volumeMounts").invalid) ||
    mounts.some((mount) => check.at(mount, "name").invalid || !names.has(mount.name))
  const mounted = new Set(mounts.map(({ name }) => name))
  return (name) => isUnknown || mounted.has(name)
}
