import * as Effect from "effect/Effect"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

/** The whole body of an answer, given up as soon as it is longer than `limitBytes`. */
export const boundedBody = <E, E2>(
  response: HttpClientResponse.HttpClientResponse,
  limitBytes: number,
  failed: { readonly broken: (error: HttpClientError.HttpClientError) => E; readonly tooLong: () => E2 }
): Effect.Effect<Uint8Array, E | E2> =>
  response.stream.pipe(
    Stream.mapError(failed.broken),
    Stream.runFoldEffect(
      (): { readonly chunks: Array<Uint8Array>; size: number } => ({ chunks: [], size: 0 }),
      (body, chunk) => {
        body.chunks.push(chunk)
        body.size += chunk.length
        return body.size > limitBytes ? Effect.fail(failed.tooLong()) : Effect.succeed(body)
      }
    ),
    Effect.map(({ chunks, size }) => {
      const whole = new Uint8Array(size)
      let offset = 0
      for (const chunk of chunks) {
        whole.set(chunk, offset)
        offset += chunk.length
      }
      return whole
    })
  )
