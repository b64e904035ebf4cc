import * as Result from "effect/Result"
import type { Check } from "../check/Check.ts"
import { cleanPath } from "../check/cleanPath.ts"
import type { DeclaredContainer, DeclaredSpec, DeclaredVolume } from "../DeclarationSchema.ts"
import { parseQuantity } from "../../workload/Quantity.ts"
import { parseImageReference, parseRepositoryPrefix, repositoryOf } from "../../workload/ImageReference.ts"
import { volumeTypes } from "./checkEntries.ts"
import type { Policy } from "./Policy.ts"
import { isInRange, renderPortRange } from "./PortRange.ts"
import {
  GpuNotAllowed,
  HostNetworkNotAllowed,
  HostPathNotAllowed,
  HostPortNotAllowed,
  ImageNotAllowed,
  LogDriverNotAllowed,
  RuntimeNotAllowed,
  VolumeNotAllowed
} from "./PolicyViolation.ts"
import { checkSecurityRules, type SecurityViolation } from "./checkSecurityRules.ts"

type PolicyCheck = Check<
  | SecurityViolation
  | HostNetworkNotAllowed
  | ImageNotAllowed
  | LogDriverNotAllowed
  | HostPathNotAllowed
  | HostPortNotAllowed
  | GpuNotAllowed
  | RuntimeNotAllowed
  | VolumeNotAllowed,
  never
>

/**
 * Reports whatever the policy does not allow, volumes that nothing mounts included. Values of a wrong type, and what is no
 * path or image reference, have been reported already.
 */
export const checkPolicy = (spec: DeclaredSpec, policy: Policy, check: PolicyCheck): void => {
  const isOnHost = spec.hostNetwork !== false
  if (isOnHost && policy.hostNetwork === false && !check.at(spec, "hostNetwork").invalid) {
    check.problem(check.at(spec, "hostNetwork"), HostNetworkNotAllowed, { policy: policy.file })
  }
  checkRuntimeName(spec, policy, check)
  for (const container of [...spec.containers, ...spec.initContainers]) {
    checkImage(container, "image", policy, check)
    checkPorts(container, isOnHost, policy, check)
    checkGpus(container, policy, check)
    checkLogDriver(container, policy, check)
  }
  checkSecurityRules(spec, policy, check)
  for (const volume of spec.volumes) {
    checkVolume(volume, policy, check)
    if (volume.image !== undefined) checkImage(volume.image, "reference", policy, check)
    checkHostPath(volume, policy, check)
  }
}

const checkImage = <K extends string>(
  owner: Readonly<Record<K, string>>,
  key: K,
  { file, registries }: Policy,
  check: PolicyCheck
): void => {
  const parsed = parseImageReference(owner[key])
  if (registries === undefined || Result.isFailure(parsed)) return
  const repository = repositoryOf(parsed.success)
  if (registries.some((prefix) => isRepositoryBelow(repository, prefix))) return
  const image = check.quote(owner, key)
  check.problem(check.at(owner, key), ImageNotAllowed, {
    policy: file,
    image,
    repository: image === owner[key] ? repository : undefined,
    allowed: registries
  })
}

/** On the host's network a container is reached at the port that it listens on. */
const checkPorts = (
  { ports }: DeclaredContainer,
  isOnHost: boolean,
  { file, hostPorts }: Policy,
  check: PolicyCheck
): void => {
  if (hostPorts === undefined) return
  for (const declared of ports) {
    const key = isOnHost ? "containerPort" : "hostPort"
    const port = declared[key]
    if (port === 0 || check.at(declared, key).invalid || hostPorts.some((range) => isInRange(port, range))) continue
    check.problem(check.at(declared, key), HostPortNotAllowed, {
      policy: file,
      port,
      allowed: hostPorts.map(renderPortRange)
    })
  }
}

const gpu = "nvidia.com/gpu"

const checkGpus = ({ resources }: DeclaredContainer, policy: Policy, check: PolicyCheck): void => {
  const { limits } = resources
  const wanted = parseQuantity(limits[gpu] ?? "0")
  if (policy.gpus !== false || wanted === undefined || wanted.nanos === 0n) return
  check.problem(check.at(limits, gpu), GpuNotAllowed, { policy: policy.file })
}

const checkLogDriver = ({ logging }: DeclaredContainer, { file, logDrivers }: Policy, check: PolicyCheck): void => {
  if (logDrivers === undefined || logging === undefined) return
  const { driver } = logging
  if (driver === "" || driver === "json-file" || logDrivers.includes(driver)) return
  check.problem(check.at(logging, "driver"), LogDriverNotAllowed, {
    policy: file,
    driver: check.quote(logging, "driver"),
    allowed: logDrivers
  })
}

const checkRuntimeName = (spec: DeclaredSpec, { file, runtimes }: Policy, check: PolicyCheck): void => {
  const { runtimeClassName } = spec
  if (runtimes === undefined || runtimeClassName === "" || runtimes.includes(runtimeClassName)) return
  check.problem(check.at(spec, "runtimeClassName"), RuntimeNotAllowed, {
    policy: file,
    runtime: check.quote(spec, "runtimeClassName"),
    allowed: runtimes
  })
}

const checkVolume = (volume: DeclaredVolume, { file, volumes }: Policy, check: PolicyCheck): void => {
  if (volumes === undefined) return
  for (const type of volumeTypes) {
    if (volume[type as keyof DeclaredVolume] === undefined || volumes.includes(type)) continue
    const name = check.quote(volume, "name")
    check.problem(check.at(volume, type as keyof DeclaredVolume), VolumeNotAllowed, {
      policy: file,
      volume: name,
      type,
      allowed: volumes
    })
  }
}

const checkHostPath = (volume: DeclaredVolume, { file, hostPaths }: Policy, check: PolicyCheck): void => {
  const { hostPath } = volume
  if (hostPaths === undefined || hostPath === undefined || !hostPath.path.startsWith("/")) return
  if (hostPaths.some((prefix) => isPathBelow(hostPath.path, prefix))) return
  check.problem(check.at(hostPath, "path"), HostPathNotAllowed, {
    policy: file,
    volume: check.quote(volume, "name"),
    path: check.quote(hostPath, "path"),
    allowed: hostPaths
  })
}

/** A prefix that is not absolute matches no path: a mistake must not open the host. */
const isPathBelow = (path: string, prefix: string): boolean =>
  prefix.startsWith("/") && isBelow(cleanPath(path), cleanPath(prefix))

const isRepositoryBelow = (repository: string, prefix: string): boolean =>
  Result.match(parseRepositoryPrefix(prefix), {
    onSuccess: (prefix) => isBelow(repository, prefix),
    onFailure: () => false
  })

/** By whole components: `/var/lib/app` is not above `/var/lib/apple`. */
const isBelow = (name: string, prefix: string): boolean =>
  name === prefix || name.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`)
