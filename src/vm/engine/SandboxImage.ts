import * as Result from "effect/Result"
import { type ImageReference, parseImageReference } from "../../workload/ImageReference.ts"
import { type Architecture, sandboxProgram } from "./SandboxProgram.ts"

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

const blockLength = 512

/** A tar (ustar) of one executable file in the root: always the same bytes for the same content. */
const tarOf = (name: string, content: Uint8Array): Uint8Array => {
  const blocks = Math.ceil(content.length / blockLength)
  // Two blocks of zeros are the end.
  const bytes = new Uint8Array((1 + blocks + 2) * blockLength)
  const write = (offset: number, text: string) => void bytes.set(new TextEncoder().encode(text), offset)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0")
  write(0, name)
  write(100, octal(0o755, 7)) // mode
  write(108, octal(0, 7)) // uid
  write(116, octal(0, 7)) // gid
  write(124, octal(content.length, 11)) // size
  write(136, octal(0, 11)) // mtime
  write(148, " ".repeat(8)) // checksum, which is summed as spaces
  write(156, "0") // a regular file
  write(257, "ustar\0".concat("00")) // magic and version
  const checksum = bytes.subarray(0, blockLength).reduce((sum, byte) => sum + byte, 0)
  write(148, `${octal(checksum, 6)}\0 `)
  bytes.set(content, blockLength)
  return bytes
}
