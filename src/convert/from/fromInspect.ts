import * as Result from "effect/Result"
import type { Converted } from "../Converted.ts"
import { Losses } from "../Losses.ts"
import { dockerPod } from "./dockerPod.ts"
import { inspectedContainer } from "./inspectedContainer.ts"
import type { SourceInvalid } from "./SourceInvalid.ts"
import { reportOddities } from "./reportOddities.ts"
import { readNodes, type SourceNode } from "./SourceNode.ts"
import { withSandboxes } from "./withSandboxes.ts"
import { writeDeclaration } from "./writeDeclaration.ts"

/** What `docker inspect` printed: of one container or several, and best of their images as well. */
export interface InspectSource {
  /** Names it, in errors. */
  readonly file: string
  readonly text: string | Uint8Array
}

/**
 * A declaration of containers that are there, with all that they were created with carried over or listed. What they have
 * of their image is left to it, where the image was inspected too.
 */
export const fromInspect = ({ file, text }: InspectSource): Result.Result<Converted, SourceInvalid> =>
  Result.gen(function* () {
    const losses = new Losses()
    const documents = yield* readNodes(file, text)
    reportOddities(documents, losses)
    const all = documents.flatMap((root) => (root.kind === "list" ? root.items : [root]))
    const containers = all.filter((one) => one.get("HostConfig") !== undefined)
    const images = all.filter((one) => one.get("RootFS") !== undefined || one.get("RepoTags") !== undefined)
    for (const other of all) {
      if (!containers.includes(other) && !images.includes(other))
        losses.add(other.path, "It is neither a container nor an image.")
    }
    if (containers.length === 0) {
      return yield* Result.fail(
        documents[0]!.fail("it has no container", "Give what `docker inspect CONTAINER IMAGE` prints.")
      )
    }
    const read = containers.map((container) => inspectedContainer(container, imageOf(container, images), losses))
    if (documents[0]!.tooMuch !== undefined) return yield* Result.fail(documents[0]!.tooMuch)
    const pod = dockerPod(withSandboxes(read), { at: documents[0]!.at }, losses)
    return yield* writeDeclaration({ file, source: "what docker inspect printed", documents: [pod], losses })
  })

/** By its ID, else by the name that the container was created with. */
const imageOf = (container: SourceNode, images: ReadonlyArray<SourceNode>): SourceNode | undefined => {
  const id = container.get("Image")?.text
  const name = container.get("Config", "Image")?.text
  const names = (image: SourceNode) => image.get("RepoTags")?.items.map(({ text }) => text) ?? []
  return (
    images.find((image) => image.get("Id")?.text === id) ??
    images.find((image) => names(image).some((tag) => tag === name || tag === `${name}:latest`))
  )
}
