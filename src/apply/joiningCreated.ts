import { joinedId, joiningAt } from "../vm/engine/ContainerNamespaces.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import type { Created } from "./Created.ts"

/**
 * A container's spec with the id, in place of the name, of the sandbox that it joins, if that has been created by this run.
 * Somebody may rename it, and a sandbox is renamed when it is set aside: the engine stores whose namespaces are joined as it
 * is told, unlike whose network.
 */
export const joiningCreated = (spec: ContainerSpec, created: Created): ContainerSpec => {
  const { networkMode, namespaces } = spec
  const network = typeof networkMode === "object" && networkMode._tag === "Container" ? networkMode.id : undefined
  const joined = joinedId(namespaces)
  const networkHolder = network === undefined ? undefined : created.idOf(network)
  const holder = joined === undefined ? undefined : created.idOf(joined)
  return {
    ...spec,
    ...(networkHolder === undefined ? {} : { networkMode: { _tag: "Container", id: networkHolder } }),
    ...(namespaces === undefined || holder === undefined ? {} : { namespaces: joiningAt(namespaces, holder) })
  }
}
