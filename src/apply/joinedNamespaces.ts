import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { attempt } from "../timing/Retries.ts"
import { joinedId, joiningAt } from "../vm/engine/ContainerNamespaces.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { Created } from "./Created.ts"

/** A container's spec with the id, in place of the name, of a container that this run has created and that it joins. */
export const joiningCreated = (spec: ContainerSpec, created: Created): ContainerSpec => {
  const { networkMode, namespaces } = spec
  const network = typeof networkMode === "object" && networkMode._tag === "Container" ? networkMode.id : undefined
  const networkHolder = network === undefined ? undefined : created.idOf(network)
  const joined = joinedId(namespaces)
  const holder = joined === undefined ? undefined : created.idOf(joined)
  return {
    ...spec,
    ...(networkHolder === undefined ? {} : { networkMode: { _tag: "Container", id: networkHolder } }),
    ...(namespaces === undefined || holder === undefined ? {} : { namespaces: joiningAt(namespaces, holder) })
  }
}

/**
 * A container's spec with the id, instead of the name, of the container whose namespaces it joins. The engine stores that
 * reference as written, unlike that of a network, and a sandbox is renamed when it is set aside.
 */
export const joiningNamespaces = Effect.fnUntraced(function* (spec: ContainerSpec) {
  const { namespaces } = spec
  const id = joinedId(namespaces)
  if (namespaces === undefined || id === undefined) return spec
  const docker = yield* DockerClient
  // A list has the id of a container that the engine has lost, too, which cannot be inspected and yet be joined.
  const all = yield* docker.listContainers.pipe(attempt("LIST", "list containers"))
  const found = Option.fromUndefinedOr(all.find((one) => one.id === id || one.names.includes(id)))
  return Option.match(found, {
    // The engine says so.
    onNone: () => spec,
    onSome: (holder): ContainerSpec => ({ ...spec, namespaces: joiningAt(namespaces, holder.id) })
  })
})
