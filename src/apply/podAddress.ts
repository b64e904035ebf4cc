import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { namesAddress, withAddress } from "../plan/addressInSpec.ts"
import { attempt } from "../timing/Retries.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"

/** A container is to be told the Pod's address, and the sandbox that has it does not run. */
export class PodAddressUnknown extends Schema.TaggedError<PodAddressUnknown>()("PodAddressUnknown", {
  /** The engine's name of the container. */
  container: Schema.String
}) {
  override get message() {
    return `${this.container} is to be told the Pod's address, which the engine does not give: what holds it does not run`
  }
}

/** What a container is created with, the address of the network that it joins filled in. */
export const addressed = Effect.fnUntraced(function* (spec: ContainerSpec) {
  if (!namesAddress(spec)) return spec
  const { name, networkMode } = spec
  const docker = yield* DockerClient
  const holder = typeof networkMode === "object" && networkMode._tag === "Container" ? networkMode.id : name
  const found = yield* docker.inspectContainer(holder).pipe(attempt("INSPECT", `inspect container ${holder}`))
  const address = Option.getOrUndefined(found)?.address
  return address === undefined ? yield* new PodAddressUnknown({ container: name }) : withAddress(spec, address)
})
