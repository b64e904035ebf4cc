import * as Arr from "effect/Array"
import type { Check } from "./Check.ts"
import { checkContainer } from "./Container.ts"
import { checkActiveDeadline } from "./ActiveDeadline.ts"
import { checkCount, checkNames } from "./Containers.ts"
import type { ConfigDocuments } from "../documents/ConfigDocuments.ts"
import type { Declaration, DeclaredContainer, DeclaredSpec } from "../DeclarationSchema.ts"
import type { DeclarationProblem } from "../DeclarationProblem.ts"
import type { DeclarationWarning } from "../DeclarationWarning.ts"
import type { IgnoredKey } from "../keys/KeyRules.ts"
import { checkCpuWeights } from "./cpuWeights.ts"
import { checkDevices } from "./HostPath.ts"
import { checkMounts, type DeclaredVolumes, maximumCandidates } from "./Mounts.ts"
import { checkImageMounts } from "./ImageVolume.ts"
import { checkMountOptions, checkParts } from "./MountOptions.ts"
import { checkOperatingSystem } from "./OperatingSystem.ts"
import { checkProfileAnnotations } from "./ProfileAnnotations.ts"
import { checkNamespaces } from "./Namespaces.ts"
import { checkNetwork } from "./Network.ts"
import type { Policy } from "../policy/Policy.ts"
import { checkPortConflicts } from "./PortConflicts.ts"
import { type CheckedPort, checkPorts } from "./Ports.ts"
import { checkProbes } from "./Probes.ts"
import { checkPullSecrets } from "./PullSecrets.ts"
import { checkGracePeriod, checkLifecycle } from "./Lifecycle.ts"
import { checkContainerPolicy, checkRestartPolicy, checkSidecar } from "./RestartPolicy.ts"
import { checkContainerSecurity, checkPodSecurity, type PodSecurity } from "./SecurityContext.ts"
import { checkRuntime } from "./Runtime.ts"
import { checkTerminationMessage } from "./TerminationMessage.ts"
import { checkVolumeGroup } from "./VolumeGroup.ts"
import { checkVolumes, type HasMounts, mountsOn } from "./Volumes.ts"
import { defaultNamespace } from "../../workload/PodMetadata.ts"
import { checkMetadata } from "./Metadata.ts"
import type { EnvironmentScope } from "./ValueFrom.ts"
import type { DeclaredContainer as CheckedContainer, DeclaredWorkload } from "../../workload/DeclaredWorkload.ts"
import type { Network, RestartPolicy } from "../../workload/Workload.ts"

type PodCheck = Check<DeclarationProblem, DeclarationWarning>

/**
 * Checks everything about a Pod that needs no VM. The workload is only good if no problem was found; it is undefined
 * where there is no container to run.
 */
export const checkPod = (
  { spec, metadata }: Declaration,
  documents: ConfigDocuments,
  policy: Policy | undefined,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: PodCheck
): DeclaredWorkload | undefined => {
  const { volumes } = spec
  const described = checkMetadata(metadata, check)
  checkProfileAnnotations(metadata, spec, check)
  checkOperatingSystem(spec, check)
  const network = checkNetwork(spec, check)
  const volumeGroup = checkVolumeGroup(spec, check)
  const pod: OfPod = {
    restartPolicy: checkRestartPolicy(spec, check) ?? "Always",
    network: network._tag,
    security: checkPodSecurity(spec, volumeGroup, check),
    scope: {
      pod: described,
      namespace: metadata.namespace || defaultNamespace,
      documents,
      policy,
      containers: new Map([...spec.containers, ...spec.initContainers].map((container) => [container.name, container]))
    },
    gracePeriod: checkGracePeriod(spec)
  }
  const namespaces = checkNamespaces(spec, network._tag, check)
  const runtime = checkRuntime(spec, check)
  const activeDeadlineSeconds = checkActiveDeadline(spec, check)
  const pullSecrets = checkPullSecrets(spec, pod.scope, check)
  checkCount(spec, ignoredKeys, check)
  checkNames(spec, check)
  const containers = readable(spec.containers, check)
  const initContainers = readable(spec.initContainers, check)
  const main = containers.map((container) => checkMain(container, pod, check))
  const init = initContainers.map((container) => checkInit(container, pod, check))

  const sideBySide = [...main, ...init.filter(({ isSidecar }) => isSidecar)].flatMap(({ ports }) => ports)
  const alone = init.filter(({ isSidecar }) => !isSidecar).map(({ ports }) => ports)
  checkPortConflicts([sideBySide, ...alone], network._tag, check)

  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")
  checkCpuWeights([...sidecars, ...containers], check)

  const declared = declaredVolumes(spec, ignoredKeys, check)
  const all = [...containers, ...initContainers]
  for (const container of all) {
    checkMounts(container, declared, check)
    checkMountOptions(container, check)
  }
  checkDevices(all, volumes, check)
  const used = checkVolumes(volumes, isMounted(spec, declared, check), pod.scope, check)
  checkParts(all, used, check)
  checkImageMounts(all, used, check)

  const onVolumes = <C extends HasMounts>(container: C | undefined): ReadonlyArray<C> =>
    container === undefined ? [] : [{ ...container, mounts: mountsOn(used, container) }]
  const good = main.flatMap(({ container }) => onVolumes(container))
  if (!Arr.isReadonlyArrayNonEmpty(good)) return undefined
  const goodInit = init.flatMap(({ container }) => onVolumes(container))
  return {
    containers: good,
    initContainers: goodInit,
    volumes: used,
    ...(volumeGroup === undefined ? {} : { volumeGroup }),
    network:
      network._tag === "Pod" && [...good, ...goodInit].some(needsAddress)
        ? { ...network, isAddressNeeded: true }
        : network,
    ...(Object.keys(described).length === 0 ? {} : { pod: described }),
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    ...(pullSecrets.length === 0 ? {} : { pullSecrets })
  }
}

/** Whether it is to be told the Pod's address. */
const needsAddress = ({ env }: CheckedContainer): boolean =>
  env.some((variable) => "from" in variable && variable.from._tag === "Field" && variable.from.field === "status.podIP")

const readable = (containers: DeclaredSpec["containers"], check: PodCheck): DeclaredSpec["containers"] =>
  containers.filter((_, index) => !check.at(containers, index).invalid)

/** What a container takes from its Pod. */
interface OfPod {
  readonly restartPolicy: RestartPolicy
  readonly network: Network["_tag"]
  readonly security: PodSecurity
  readonly scope: EnvironmentScope
  readonly gracePeriod: number | undefined
}

const checkMain = (container: DeclaredContainer, pod: OfPod, check: PodCheck) => {
  const ports = checkPorts(container, pod.network, check)
  const restartPolicy = checkContainerPolicy(container, pod.restartPolicy, check)
  const rest = { ...ofPod(container, ports, pod, check), ...running(container, pod, false, check), restartPolicy }
  return { ports, container: checkContainer(container, rest, pod.scope, check) }
}

const checkInit = (container: DeclaredContainer, pod: OfPod, check: PodCheck) => {
  const ports = checkPorts(container, pod.network, check)
  const isSidecar = checkSidecar(container, check)
  const restartPolicy = isSidecar ? "Always" : pod.restartPolicy
  const runsToItsEnd = !isSidecar && !check.at(container, "restartPolicy").invalid
  const rest = {
    ...ofPod(container, ports, pod, check),
    ...running(container, pod, runsToItsEnd, check),
    restartPolicy
  }
  const checked = checkContainer(container, rest, pod.scope, check)
  return { ports, isSidecar, container: checked && { ...checked, isSidecar } }
}

/** What a container is by itself and by its Pod. */
const ofPod = (container: DeclaredContainer, ports: ReadonlyArray<CheckedPort>, pod: OfPod, check: PodCheck) => {
  const security = checkContainerSecurity(container, pod.security, check)
  return { ports: ports.map(({ port }) => port), ...(security === undefined ? {} : { security }) }
}

/** What is done with a container while it runs, and at its end. */
const running = (container: DeclaredContainer, { gracePeriod }: OfPod, runsToItsEnd: boolean, check: PodCheck) => {
  const probes = checkProbes(container, { runsToItsEnd }, check)
  const lifecycle = checkLifecycle(container, { grace: gracePeriod, runsToItsEnd }, check)
  const terminationMessage = checkTerminationMessage(container, check)
  return {
    ...(probes && { probes }),
    ...(lifecycle && { lifecycle }),
    ...(terminationMessage && { terminationMessage }),
    ...(gracePeriod === undefined ? {} : { gracePeriod })
  }
}

const declaredVolumes = (
  spec: DeclaredSpec,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: PodCheck
): DeclaredVolumes => ({
  names: new Set(spec.volumes.map(({ name }) => name)),
  candidates: spec.volumes.slice(0, maximumCandidates).map(({ name }) => name),
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
