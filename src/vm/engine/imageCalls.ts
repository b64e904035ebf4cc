import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ImageReference, pulledPart, pullReference } from "../../workload/ImageReference.ts"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import * as EngineAnswer from "./EngineAnswer.ts"
import { type EngineConnection, get, noneWhereMissing } from "./EngineConnection.ts"
import { importImage } from "./importImage.ts"
import { registryLogin } from "./registryLogin.ts"
import { pullImage } from "./pullImage.ts"

/** What the engine is asked about images, and told to do with them. */
export const imageCalls = (engine: EngineConnection) => {
  const { call, decoded } = engine

  const inspectImage = (image: ImageReference | string) => {
    const reference = typeof image === "string" ? image : pullReference(image)
    return noneWhereMissing(decoded(get(`inspect image ${reference}`, pathOf(reference, "json")), EngineAnswer.image))
  }

  const resolveDigest = (operation: string, image: ImageReference, credentials: Option.Option<RegistryCredentials>) => {
    const reference = pullReference(image)
    return decoded(
      {
        ...get(operation, `/distribution/${escaped(reference)}/json`),
        registry: registryLogin(image, credentials),
        image: reference
      },
      EngineAnswer.distribution
    )
  }

  return {
    inspectImage,
    // NotFound here means that the engine lacks the endpoint; a missing image is ImageNotFound.
    resolveDigest: (image: ImageReference, credentials: Option.Option<RegistryCredentials>) =>
      noneWhereMissing(resolveDigest(`ask the registry for ${pullReference(image)}`, image, credentials)),
    pull: pullImage(engine, { inspectImage, resolveDigest }),
    importImage: importImage(engine),
    tagImage: (source: ImageReference, target: ImageReference) => {
      const { repository, tagOrDigest } = pulledPart(target)
      return Effect.asVoid(
        call({
          operation: `tag ${pullReference(source)} as ${pullReference(target)}`,
          method: "POST",
          path: pathOf(pullReference(source), "tag"),
          query: { repo: repository, tag: tagOrDigest }
        })
      )
    },
    removeImage: (id: string) => {
      const operation = `remove image ${id}`
      // Engines differ in whether they refuse to remove an image that has other names, and in how.
      return decoded(get(operation, pathOf(id, "json")), EngineAnswer.hasSeveralNames).pipe(
        Effect.flatMap((hasSeveralNames) =>
          hasSeveralNames
            ? Effect.succeed("in use" as const)
            : Effect.as(call({ operation, method: "DELETE", path: pathOf(id) }), "removed" as const)
        ),
        Effect.catchReasons("DockerError", {
          NotFound: () => Effect.succeed("absent" as const),
          Conflict: () => Effect.succeed("in use" as const)
        })
      )
    }
  }
}

const pathOf = (reference: string, ...action: ReadonlyArray<"json" | "tag">) =>
  ["/images", escaped(reference), ...action].join("/")

/** A reference within a path: its slashes stay. */
const escaped = (reference: string): string => reference.split("/").map(encodeURIComponent).join("/")
