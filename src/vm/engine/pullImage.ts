import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { formatImageReference, type ImageReference, pulledPart, pullReference } from "../../workload/ImageReference.ts"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import { AnswerLost, DockerError } from "./DockerError.ts"
import { answerInvalid, type EngineConnection } from "./EngineConnection.ts"
import { registryFailure } from "./EngineFailure.ts"
import type { ImageInspection } from "./Inspection.ts"
import { bearsOut, decodePullLine, isPullEnd, type PullProgress } from "./PullStream.ts"
import { registryLogin } from "./registryLogin.ts"

interface ImageQuestions {
  readonly inspectImage: (image: ImageReference) => Effect.Effect<Option.Option<ImageInspection>, DockerError>
  readonly resolveDigest: (
    operation: string,
    image: ImageReference,
    credentials: Option.Option<RegistryCredentials>
  ) => Effect.Effect<string, DockerError>
}

/** Pulls an image (`POST /images/create`). Each run of the stream is a pull of its own. */
export const pullImage =
  ({ lines }: EngineConnection, { inspectImage, resolveDigest }: ImageQuestions) =>
  (image: ImageReference, credentials: Option.Option<RegistryCredentials>): Stream.Stream<PullProgress, DockerError> =>
    Stream.suspend(() => {
      const reference = pullReference(image)
      // A reader knows the tag that was declared; the digest is what is pulled.
      const operation = `pull ${image.digest === undefined ? reference : formatImageReference(image)}`
      const { repository, tagOrDigest } = pulledPart(image)
      let ended = false
      let last: PullProgress | undefined

      /**
       * containerd quotes only the status of the registry's answer, and a 403 may be a rate limit or a refusal. Asked
       * for the digest, the engine passes the registry's words on.
       */
      const inRegistrysWords = (error: DockerError) =>
        isWordless(error)
          ? resolveDigest(operation, image, credentials).pipe(
              Effect.flip,
              Effect.map((told) => ("image" in told.reason ? told : error)),
              Effect.orElseSucceed(() => error),
              Effect.flatMap(Effect.fail)
            )
          : Effect.fail(error)

      const progress = lines({
        operation,
        method: "POST",
        path: "/images/create",
        query: { fromImage: repository, tag: tagOrDigest },
        registry: registryLogin(image, credentials),
        image: reference
      }).pipe(
        Stream.mapEffect((line) => {
          const read = decodePullLine(line)
          if (Result.isSuccess(read)) {
            ended ||= isPullEnd(read.success)
            last = read.success
            return Effect.succeed(read.success)
          }
          return Effect.fail(
            read.failure._tag === "Error"
              ? registryFailure(operation, reference, read.failure.message)
              : answerInvalid(operation)
          )
        }),
        Stream.catchTag("DockerError", (error) => Stream.fromEffect(inRegistrysWords(error)))
      )

      /** A digest names one image only: if it is there, the pull has succeeded. */
      const isThere = inspectImage(image).pipe(
        Effect.map(Option.exists(({ id }) => image.digest !== undefined || bearsOut(last, id))),
        Effect.orElseSucceed(() => false)
      )
      // A stream that was cut off at the end of a line looks complete: only the engine's last message tells.
      const isComplete = Effect.suspend(() => (ended ? Effect.succeed(true) : isThere))
      const cutOff = new DockerError({
        reason: new AnswerLost({ operation, detail: "the engine's answer ended early" })
      })
      return Stream.concat(
        progress,
        Stream.unwrap(Effect.map(isComplete, (complete) => (complete ? Stream.empty : Stream.fail(cutOff))))
      )
    })

/** The registry refused, and only the status is known. */
const isWordless = ({ reason }: DockerError): boolean =>
  (reason._tag === "ImageAccessDenied" || reason._tag === "RegistryRefused") &&
  /unexpected status from [A-Z]+ request/.test(reason.detail)
