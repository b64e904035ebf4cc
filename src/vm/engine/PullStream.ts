import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** One line of the engine's pull stream, other than an error. */
export type PullProgress =
  /** A layer's state in the engine's words ("Downloading", "Pull complete"), with bytes if the engine counts them. */
  | {
      readonly _tag: "Layer"
      readonly id: string
      readonly status: string
      readonly currentBytes: number | undefined
      readonly totalBytes: number | undefined
    }
  /** Any other message ("Digest: sha256:…", "Status: Downloaded newer image for …"). */
  | { readonly _tag: "Message"; readonly text: string }

const Line = Schema.fromJsonString(
  Schema.Struct({
    status: Schema.optional(Schema.String),
    id: Schema.optional(Schema.String),
    error: Schema.optional(Schema.String),
    errorDetail: Schema.optional(Schema.Struct({ message: Schema.optional(Schema.String) })),
    progressDetail: Schema.optional(
      Schema.NullOr(Schema.Struct({ current: Schema.optional(Schema.Finite), total: Schema.optional(Schema.Finite) }))
    )
  })
)
const decodeLine = Schema.decodeUnknownOption(Line)

/** Why a line is not progress: an error of the engine's, or not a line of a pull. */
export type PullLineFailure = { readonly _tag: "Error"; readonly message: string } | { readonly _tag: "Unreadable" }

/** Decodes one line of the stream. An error arrives as a line within an answer of 200. */
export const decodePullLine = (line: string): Result.Result<PullProgress, PullLineFailure> => {
  const decoded = decodeLine(line)
  if (Option.isNone(decoded)) return Result.fail({ _tag: "Unreadable" })
  const { error, errorDetail, id, progressDetail, status } = decoded.value
  const message = errorDetail?.message ?? error
  if (message !== undefined) return Result.fail({ _tag: "Error", message })
  if (status === undefined) return Result.succeed({ _tag: "Message", text: "" })
  return Result.succeed(
    // The first line has the tag in the place of a layer.
    id === undefined || status.startsWith("Pulling from")
      ? { _tag: "Message", text: status }
      : { _tag: "Layer", id, status, currentBytes: progressDetail?.current, totalBytes: progressDetail?.total }
  )
}

/** The engine's last line of a successful pull. */
export const isPullEnd = (progress: PullProgress): boolean =>
  progress._tag === "Message" && progress.text.startsWith("Status: ")

/**
 * Podman has no message for a successful pull. Its last line repeats "Download complete" with the image's id in the
 * place of a layer's: proof only if the engine has an image of that id.
 */
export const bearsOut = (last: PullProgress | undefined, imageId: string): boolean =>
  last?._tag === "Layer" && last.status === "Download complete" && imageId.startsWith(`sha256:${last.id}`)

/** A layer that needs nothing more from the registry. */
const downloaded: ReadonlySet<string> = new Set(["Download complete", "Extracting", "Pull complete", "Already exists"])

/** Tracks which of a pull's known layers are still being downloaded. */
export class LayersToCome {
  readonly #toCome = new Set<string>()
  #told = false

  add(progress: PullProgress): void {
    if (progress._tag !== "Layer") return
    this.#told = true
    if (downloaded.has(progress.status)) this.#toCome.delete(progress.id)
    else this.#toCome.add(progress.id)
  }

  /** There are layers, and all have been downloaded: what remains is the engine's own work, unpacking. */
  get areDone(): boolean {
    return this.#told && this.#toCome.size === 0
  }
}
