import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { attempt } from "../timing/Retries.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"

/**
 * A container's spec with the id, instead of the name, of the container whose process namespace it joins. The engine
 * stores that reference as written, unlike that of a network, and a sandbox is renamed when it is set aside.
 */
export const joiningProcesses = Effect.fnUntraced(function* (spec: ContainerSpec) {
  const { namespaces } = spec
  if (typeof namespaces?.pid !== "object") return spec
  const { id } = namespaces.pid
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${id}`))
  return Option.match(found, {
    // The engine says so.
    onNone: () => spec,
    onSome: (holder): ContainerSpec => ({
      ...spec,
      namespaces: { ...namespaces, pid: { _tag: "Container", id: holder.id } }
    })
  })
})
