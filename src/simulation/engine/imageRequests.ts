import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { registryFailure } from "../../vm/engine/EngineFailure.ts"
import { type ImageReference, pullReference } from "../../workload/ImageReference.ts"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import { wallMillis } from "../host/SimulatedClock.ts"
import { hexOf, makeImage, type SimulatedImage } from "../network/SimulatedRegistry.ts"
import type { EngineParts } from "./EngineParts.ts"
import { refused } from "./refused.ts"
import { pullProgress } from "./simulatedPull.ts"

/** What the simulated engine answers about images, and does with them. */
export const imageRequests = ({ containers, images, network, product, bytesPerSecond, requests }: EngineParts) => {
  const { receive } = requests
  return {
    inspectImage: (image: ImageReference | string) =>
      receive({
        name: "inspect image",
        subject: typeof image === "string" ? image : pullReference(image),
        latencyMillis: 3,
        answer: Effect.sync(() => Option.fromUndefinedOr(images.inspect(image)))
      }),
    resolveDigest: (image: ImageReference, credentials: Option.Option<RegistryCredentials>) =>
      receive({
        name: "resolve digest",
        subject: pullReference(image),
        latencyMillis: 90,
        answer:
          product === "Podman"
            ? Effect.succeedNone
            : Effect.map(
                network.ask(`ask the registry for ${pullReference(image)}`, image, credentials),
                ({ digest }) => Option.some(digest)
              ),
        image: pullReference(image)
        // An engine that lacks the endpoint answers with its router's words.
      }).pipe(Effect.catchReason("DockerError", "NotFound", () => Effect.succeedNone)),
    pull: (image: ImageReference, credentials: Option.Option<RegistryCredentials>) => {
      const reference = pullReference(image)
      let found: SimulatedImage | undefined
      const asked = receive({
        name: "pull",
        subject: reference,
        latencyMillis: 120,
        answer: Effect.map(network.ask(`pull ${reference}`, image, credentials), (answer) => (found = answer)),
        image: reference,
        // If only the answer is lost, the engine has completed the pull.
        onFault: () => {
          if (found?.platform === platform) images.add(image, found)
        }
      }).pipe(
        Effect.filterOrFail(
          (found) => found.platform === platform,
          () => {
            const words = `no matching manifest for ${platform} in the manifest list entries`
            return registryFailure(`pull ${reference}`, reference, words)
          }
        )
      )
      return Stream.unwrap(
        Effect.map(Effect.tap(asked, network.beginTransfer), (found) =>
          pullProgress(image, found).pipe(
            Stream.mapEffect(({ afterMillis, bytes, progress }) =>
              Effect.as(
                Effect.flatMap(network.millisFor(bytes, bytesPerSecond), (millis) =>
                  Effect.sleep(Duration.millis(afterMillis + millis))
                ),
                progress
              )
            ),
            Stream.onEnd(Effect.map(wallMillis, (now) => images.add(image, found, now)))
          )
        )
      )
    },
    importImage: (archive: Uint8Array, image: ImageReference, changes: ReadonlyArray<string>) =>
      receive({
        name: "import",
        subject: pullReference(image),
        latencyMillis: 150,
        answer: Effect.flatMap(wallMillis, (now) => {
          const unknown = changes.map((change) => change.split(" ", 1)[0] ?? "").find((word) => !known.has(word))
          if (unknown !== undefined) {
            const words = `${unknown.toLowerCase()} is not a valid change command`
            return refused(`import ${pullReference(image)}`, 400, words)
          }
          images.import(image, importedImage(archive, changes, now), now)
          return Effect.void
        })
      }),
    tagImage: (source: ImageReference, target: ImageReference) =>
      receive({
        name: "tag image",
        subject: pullReference(target),
        latencyMillis: 4,
        answer: Effect.flatMap(wallMillis, (now) => {
          if (images.tag(source, target, now)) return Effect.void
          const operation = `tag ${pullReference(source)} as ${pullReference(target)}`
          return refused(operation, 404, `No such image: ${pullReference(source)}`)
        })
      }),
    removeImage: (id: string) =>
      receive({
        name: "remove image",
        subject: id,
        latencyMillis: 60,
        // One that is mounted alone is removed: a container that has it keeps it.
        answer: Effect.sync(() => (containers.all.some(({ image }) => image.id === id) ? "in use" : images.remove(id)))
      })
  }
}

/** As far as the engine takes them, and in the form of a list only. */
const known: ReadonlySet<string> = new Set(["ENTRYPOINT", "CMD"])

const importedImage = (archive: Uint8Array, changes: ReadonlyArray<string>, now: number): SimulatedImage => {
  const wordsOf = (name: string): ReadonlyArray<string> => {
    const change = changes.findLast((change) => change.startsWith(`${name} `))
    return change === undefined ? [] : JSON.parse(change.slice(name.length + 1))
  }
  return {
    ...makeImage({ reference: "imported", entrypoint: wordsOf("ENTRYPOINT"), cmd: wordsOf("CMD") }),
    // The time is a part of an image: the same archive is another image each time.
    id: `sha256:${hexOf(`${now} ${archive.join()}`)}`,
    sizeBytes: archive.length,
    // The first process of a container has no default action for SIGTERM.
    behaviour: { _tag: "Runs", stopsAfterMillis: Infinity }
  }
}

/** Of the simulated machine. */
const platform = "linux/amd64"
