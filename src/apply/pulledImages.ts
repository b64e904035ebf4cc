import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { atDigest, type ImageReference, parseImageReference, pullReference } from "../workload/ImageReference.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { tell } from "../progress/Progress.ts"

/** An image that a run of ours pulled. An image that was there before is not ours, whoever uses it. */
export interface PulledImage {
  /** `sha256:…` */
  readonly id: string
  /** The declared reference, in full. */
  readonly reference: string
  /** False until a container has come up from it. Records of version 0.1.0, which kept no others, do not say. */
  readonly cameUp?: boolean
  /** When its pull ended, by the wall clock. */
  readonly pulledAt?: number
}

/** A pull that was begun. The image that it brings is ours, even if the run dies before the pull ends. */
const Begun = Schema.Struct({
  reference: Schema.String,
  /** The digest that is pulled; without one, whatever the reference stands for. */
  digest: Schema.optionalKey(Schema.String),
  /** The image that the reference stood for before, which is not ours. */
  before: Schema.optionalKey(Schema.String)
})
type Begun = typeof Begun.Type

const Pulled = Schema.Struct({
  id: Schema.String,
  reference: Schema.String,
  cameUp: Schema.optionalKey(Schema.Boolean),
  pulledAt: Schema.optionalKey(Schema.Finite)
})

const entryName = "images"
const Entries = Schema.Array(Schema.Union([Pulled, Begun]))
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Entries))

/**
 * The images that runs of ours pulled, the one that came up last first. It is kept in the state folder, and changed
 * only under the lock.
 */
export const makePulledImages = Effect.gen(function* () {
  const docker = yield* DockerClient
  const state = yield* StateFolder
  // Several images are pulled at once, and each change is to the one entry.
  const notes = yield* Semaphore.make(1)

  const idOf = (image: ImageReference) =>
    docker.inspectImage(image).pipe(
      attempt("INSPECT", `inspect image ${pullReference(image)}`),
      Effect.map((found) => Option.getOrUndefined(found)?.id)
    )

  /** The image of a pull that was begun by a run which died before noting it; none if it brought none. */
  const settled = Effect.fnUntraced(function* ({ reference, digest, before }: Begun) {
    const image = parseImageReference(reference)
    if (Result.isFailure(image)) return []
    const id = yield* idOf(digest === undefined ? image.success : atDigest(image.success, digest))
    const isOurs = id !== undefined && id !== before
    return isOurs ? [{ id, reference, cameUp: false } satisfies PulledImage] : []
  })

  const read = Effect.gen(function* () {
    const kept = yield* state.read(entryName).pipe(withDeadline("FILE", "read which images were pulled"))
    const entries = Option.getOrElse(Option.flatMap(kept, decode), (): typeof Entries.Type => [])
    const pulled: ReadonlyArray<ReadonlyArray<PulledImage>> = yield* Effect.forEach(entries, (entry) =>
      "id" in entry ? Effect.succeed([entry]) : settled(entry)
    )
    // An image that is pulled again keeps its place, and what was known of it.
    return [...new Map(pulled.flat().map((one) => [one.id, one])).values()]
  })

  const write = (entries: typeof Entries.Type) =>
    state.write(entryName, JSON.stringify(entries)).pipe(withDeadline("FILE", "note which images were pulled"))

  /** Notes that a pull begins, and what the reference stood for before. */
  const noteBegun = Effect.fnUntraced(function* (begun: Begun) {
    yield* write([begun, ...(yield* read)])
  })

  /** Notes the image that it brought, if any: an image that was there before and was not ours is still not ours. */
  const noteBrought = Effect.fnUntraced(function* (pulled: ImageReference, { before, reference }: Begun) {
    const id = yield* idOf(pulled)
    const pulledAt = DateTime.toEpochMillis(yield* DateTime.now)
    const known = yield* read
    const own = known.find((one) => one.id === id)
    const others = known.filter((one) => one !== own)
    const isOurs = own !== undefined || id !== before
    if (id === undefined || !isOurs) return yield* write(known)
    const cameUp = own === undefined ? false : (own.cameUp ?? true)
    yield* write([{ id, reference, cameUp, pulledAt }, ...others])
  })

  return {
    read,
    write: (images: ReadonlyArray<PulledImage>) => write(images),
    /** When this image was pulled, if a run of ours pulled it. */
    pulledAt: (id: string) =>
      read.pipe(
        Effect.map((pulled) => Option.fromUndefinedOr(pulled.find((one) => one.id === id)?.pulledAt)),
        Effect.orElseSucceed(() => Option.none<number>())
      ),
    /**
     * Notes a pull before it begins, so that no run that dies leaves an image nobody knows of, and after it has ended.
     * The engine is asked for `pulled`: the declared image, by tag or digest.
     */
    noting: Effect.fnUntraced(function* <A, E, R>(
      pull: Effect.Effect<A, E, R>,
      declared: ImageReference,
      pulled: ImageReference
    ) {
      const reference = pullReference(declared)
      // Failing to note it is no reason not to pull.
      const noted = <E2 extends { readonly _tag: string; readonly message: string }, R2>(
        note: Effect.Effect<void, E2, R2>
      ) =>
        note.pipe(
          notes.withPermits(1),
          Effect.retry({ times: 2, while: ({ _tag }) => _tag !== "OperationTimeout" }),
          Effect.catch((error) =>
            tell({ _tag: "Warning", text: `${reference} may be left when it is superseded: ${error.message}` })
          )
        )
      const before = yield* Effect.option(idOf(pulled))
      if (Option.isNone(before)) return yield* pull
      const begun: Begun = {
        reference,
        ...(pulled.digest === undefined ? {} : { digest: pulled.digest }),
        ...(before.value === undefined ? {} : { before: before.value })
      }
      yield* noted(noteBegun(begun))
      const answer = yield* pull
      yield* noted(noteBrought(pulled, begun))
      return answer
    })
  }
})
