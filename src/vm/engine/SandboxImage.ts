import * as Result from "effect/Result"
import { type ImageReference, parseImageReference } from "../../workload/ImageReference.ts"
import { type Architecture, sandboxProgram } from "./SandboxProgram.ts"
import { tarBlock, tarHeader } from "./tarHeader.ts"

/** An image of one program, made here and imported into the engine. */
export interface SandboxImage {
  readonly reference: ImageReference
  readonly changes: ReadonlyArray<string>
  readonly archive: (architecture: Architecture) => Uint8Array
}

/**
 * The sandbox's image, for the container that holds the network of several others. Its one program waits and does nothing
 * else: it needs no library, no file and no memory of its own. As the first process of its container it has no default
 * action for SIGTERM: its containers are created with `stopSignal: "SIGKILL"`, as Engine 20.10 takes no STOPSIGNAL in an
 * import. The name cannot be one of a registry's, so that nobody can push it elsewhere.
 */
export const sandboxImage: SandboxImage = imageOf("localhost/slipway/sandbox:1", { reaps: false })

/** The same for a sandbox whose process namespace others share: the first process of it reaps what nobody waits for. */
export const reapingSandboxImage: SandboxImage = imageOf("localhost/slipway/sandbox:2", { reaps: true })

/** That with this reference. */
export const sandboxImageOf = ({ text }: ImageReference): SandboxImage =>
  text === reapingSandboxImage.reference.text ? reapingSandboxImage : sandboxImage

/** The architecture as the engine tells it, if there is a program for it. */
export const sandboxArchitecture = (architecture: string): Architecture | undefined =>
  architecture === "amd64" || architecture === "arm64" ? architecture : undefined

function imageOf(reference: string, program: { readonly reaps: boolean }): SandboxImage {
  return {
    reference: Result.getOrThrow(parseImageReference(reference)),
    changes: ['ENTRYPOINT ["/pause"]'],
    archive: (architecture) => tarOf("pause", sandboxProgram(architecture, program))
  }
}

/** A tar of one executable file in the root: always the same bytes for the same content. */
const tarOf = (name: string, content: Uint8Array): Uint8Array => {
  const blocks = Math.ceil(content.length / tarBlock)
  // Two blocks of zeros are the end.
  const bytes = new Uint8Array((1 + blocks + 2) * tarBlock)
  bytes.set(tarHeader({ name, mode: 0o755, size: content.length }))
  bytes.set(content, tarBlock)
  return bytes
}
