import * as Result from "effect/Result"
import { cleanPath } from "../check/checkMounts.ts"
import type { Declaration, DeclaredContainer, DeclaredVolume } from "../DeclarationSchema.ts"
import type { DecodedTree } from "../keys/decodeTree.ts"
import { parseImageReference, parseRepositoryPrefix, repositoryOf } from "../../workload/ImageReference.ts"
import type { Policy } from "./Policy.ts"
import { HostPathNotAllowed, ImageNotAllowed, PrivilegedNotAllowed } from "./PolicyViolation.ts"

/**
 * Adds to the tree's findings whatever the policy does not allow. Looks at all that is declared, mounted or not. What is
 * of a wrong type, or is no path or reference at all, is a problem already.
 */
export const checkPolicy = (tree: DecodedTree<Declaration>, policy: Policy): void => {
  const { containers, volumes } = tree.value.spec
  for (const container of containers) {
    checkPrivileged(container, policy, tree)
    checkImage(container, policy, tree)
  }
  for (const volume of volumes) checkHostPath(volume, policy, tree)
}

const checkPrivileged = (
  { securityContext }: DeclaredContainer,
  policy: Policy,
  { places, findings }: DecodedTree<Declaration>
): void => {
  if (!securityContext.privileged || policy.privileged) return
  const { span } = places.of(securityContext, "privileged")
  findings.problem(span, (position) => new PrivilegedNotAllowed({ ...position, policy: policy.file }))
}

const checkImage = (
  container: DeclaredContainer,
  { file, registries }: Policy,
  { places, findings }: DecodedTree<Declaration>
): void => {
  const parsed = parseImageReference(container.image)
  if (registries === undefined || Result.isFailure(parsed)) return
  const repository = repositoryOf(parsed.success)
  if (registries.some((prefix) => isRepositoryBelow(repository, prefix))) return
  const place = places.of(container, "image")
  findings.problem(place.span, (position, { quote }) => {
    const image = quote(container.image, place)
    const shown = image === container.image ? repository : undefined
    return new ImageNotAllowed({ ...position, policy: file, image, repository: shown, allowed: [...registries] })
  })
}

const checkHostPath = (
  volume: DeclaredVolume,
  { file, hostPaths }: Policy,
  { places, findings }: DecodedTree<Declaration>
): void => {
  const { hostPath } = volume
  if (hostPaths === undefined || hostPath === undefined || !hostPath.path.startsWith("/")) return
  if (hostPaths.some((prefix) => isPathBelow(hostPath.path, prefix))) return
  const name = places.of(volume, "name")
  const place = places.of(hostPath, "path")
  findings.problem(place.span, (position, { quote }) => {
    const path = quote(hostPath.path, place)
    const allowed = [...hostPaths]
    return new HostPathNotAllowed({ ...position, policy: file, volume: quote(volume.name, name), path, allowed })
  })
}

/** A prefix that is not absolute is that of no path: a mistake must not open the host. */
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
