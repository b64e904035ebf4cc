import * as Result from "effect/Result"
import type { Check } from "../check/Check.ts"
import { cleanPath } from "../check/cleanPath.ts"
import type { DeclaredContainer, DeclaredSpec, DeclaredVolume } from "../DeclarationSchema.ts"
import { parseImageReference, parseRepositoryPrefix, repositoryOf } from "../../workload/ImageReference.ts"
import type { Policy } from "./Policy.ts"
import { HostPathNotAllowed, ImageNotAllowed, PrivilegedNotAllowed } from "./PolicyViolation.ts"

type PolicyCheck = Check<PrivilegedNotAllowed | ImageNotAllowed | HostPathNotAllowed, never>

/**
 * Reports whatever the policy does not allow, volumes that nothing mounts included. Values of a wrong type, and what is no
 * path or image reference, have been reported already.
 */
export const checkPolicy = (
  { containers, initContainers, volumes }: DeclaredSpec,
  policy: Policy,
  check: PolicyCheck
): void => {
  for (const container of [...containers, ...initContainers]) {
    checkPrivileged(container, policy, check)
    checkImage(container, policy, check)
  }
  for (const volume of volumes) checkHostPath(volume, policy, check)
}

const checkPrivileged = ({ securityContext }: DeclaredContainer, policy: Policy, check: PolicyCheck): void => {
  if (!securityContext.privileged || policy.privileged) return
  check.problem(check.at(securityContext, "privileged"), PrivilegedNotAllowed, { policy: policy.file })
}

const checkImage = (container: DeclaredContainer, { file, registries }: Policy, check: PolicyCheck): void => {
  const parsed = parseImageReference(container.image)
  if (registries === undefined || Result.isFailure(parsed)) return
  const repository = repositoryOf(parsed.success)
  if (registries.some((prefix) => isRepositoryBelow(repository, prefix))) return
  const image = check.quote(container, "image")
  check.problem(check.at(container, "image"), ImageNotAllowed, {
    policy: file,
    image,
    repository: image === container.image ? repository : undefined,
    allowed: registries
  })
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
