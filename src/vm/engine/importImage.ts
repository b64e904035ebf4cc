import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type ImageReference, pulledPart, pullReference } from "../../workload/ImageReference.ts"
import { answerInvalid, type EngineConnection } from "./EngineConnection.ts"
import { engineFailure } from "./EngineFailure.ts"
import { decodePullLine } from "./PullStream.ts"

/** Makes an image of a root filesystem (`POST /images/create?fromSrc=-`). As in a pull, an error may come as a line. */
export const importImage =
  ({ lines }: EngineConnection) =>
  (archive: Uint8Array, image: ImageReference, changes: ReadonlyArray<string>) => {
    const operation = `import ${pullReference(image)}`
    const { repository, tagOrDigest } = pulledPart(image)
    return lines({
      operation,
      method: "POST",
      path: "/images/create",
      query: { fromSrc: "-", repo: repository, tag: tagOrDigest, changes },
      archive
    }).pipe(
      Stream.mapEffect((line) =>
        Result.match(decodePullLine(line), {
          onSuccess: () => Effect.void,
          onFailure: (failure) =>
            Effect.fail(
              failure._tag === "Error"
                ? engineFailure(operation, "", { statusCode: 500, code: undefined, message: failure.message })
                : answerInvalid(operation)
            )
        })
      ),
      Stream.runDrain
    )
  }
