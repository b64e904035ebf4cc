import { checkContainer } from "./checkContainer.ts"
import { checkDevices } from "./checkDevices.ts"
import { checkMounts, type DefinedVolumes } from "./checkMounts.ts"
import { checkVolumes } from "./checkVolumes.ts"
import { ContainerCountInvalid, InvalidRestartPolicy } from "./ContainerProblem.ts"
import type { Declaration, DeclaredSpec } from "../DeclarationSchema.ts"
import type { DecodedTree } from "../keys/decodeTree.ts"
import { nearest } from "../../text/nearest.ts"
import type { RestartPolicy, Workload } from "../../workload/Workload.ts"

const restartPolicies: ReadonlyArray<RestartPolicy> = ["Always", "OnFailure", "Never"]

/** Docker's names for the restart policies, and what people write for them. */
const dockerPolicies: ReadonlyMap<string, RestartPolicy> = new Map([
  ["unless-stopped", "Always"],
  ["unlessstopped", "Always"],
  ["yes", "Always"],
  ["true", "Always"],
  ["on-failure", "OnFailure"],
  ["no", "Never"],
  ["false", "Never"]
])

/**
 * Checks everything about a declaration that needs no VM, and adds what it finds to the tree's findings. The workload is
 * only good if no problem was found; it is undefined where there is no container to run.
 */
export const checkDeclaration = (tree: DecodedTree<Declaration>): Workload | undefined => {
  const { places, findings } = tree
  const { spec } = tree.value
  const { containers, volumes } = spec
  checkCount(tree)
  const defined = definedVolumes(tree)
  const restartPolicy = checkRestartPolicy(spec, tree)
  const checked = containers.map((container, index) => {
    if (places.of(containers, index).invalid) return undefined
    checkMounts(container, defined, places, findings)
    checkDevices(container, volumes, places, findings)
    return checkContainer(container, restartPolicy, places, findings)
  })
  const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts)
  const mounted = new Set(mounts.map(({ name }) => name))
  // Then a volume that nothing seems to mount may be the one that was meant.
  const mountsUnknown =
    containers.length === 0 ||
    containers.some((container) => places.of(container, "volumeMounts").invalid) ||
    mounts.some((mount) => places.of(mount, "name").invalid || !defined.names.has(mount.name))
  const used = checkVolumes(volumes, (name) => mountsUnknown || mounted.has(name), places, findings)
  const [container] = checked
  return container && { containers: [container], initContainers: [], volumes: used, network: { _tag: "Host" } }
}

const checkCount = ({ value, places, findings, ignoredKeys }: DecodedTree<Declaration>): void => {
  const { spec } = value
  const { containers } = spec
  const place = places.of(spec, "containers")
  if (containers.length === 1 || place.invalid) return
  const outside = containers.length === 0 ? ignoredKeys.find(({ key }) => key === "containers") : undefined
  // A "spec" in "spec" is the same mistake.
  for (const { key, span } of ignoredKeys) if (key === "containers" || key === "spec") findings.explain(span)
  const { span } = containers.length > 1 ? places.of(containers, 1) : (outside ?? place)
  findings.problem(span, (position) => {
    return new ContainerCountInvalid({ ...position, count: containers.length, outsideSpec: outside !== undefined })
  })
}

const definedVolumes = ({ value, places, ignoredKeys }: DecodedTree<Declaration>): DefinedVolumes => {
  const { spec } = value
  return {
    names: new Set(spec.volumes.map(({ name }) => name)),
    complete: !places.of(spec, "volumes").invalid && !spec.volumes.some((volume) => places.of(volume, "name").invalid),
    misplaced: ignoredKeys.find(({ key }) => key === "volumes")?.span
  }
}

const checkRestartPolicy = (spec: DeclaredSpec, { places, findings }: DecodedTree<Declaration>): RestartPolicy => {
  const { restartPolicy: text } = spec
  const place = places.of(spec, "restartPolicy")
  if (text === undefined || place.invalid) return "Always"
  const policy = restartPolicies.find((policy) => policy === text)
  if (policy !== undefined) return policy
  findings.problem(place.span, (position, { quote }) => {
    const suggestion = dockerPolicies.get(text.toLowerCase()) ?? nearest(text, restartPolicies)
    return new InvalidRestartPolicy({ ...position, policy: quote(text, place), suggestion })
  })
  return "Always"
}
