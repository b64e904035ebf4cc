import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { type LogChunk, LogFrames } from "../../../src/vm/engine/LogFrames.ts"

const Pieces = Schema.Array(Schema.Struct({ channel: Schema.Literals(["stdout", "stderr"]), text: Schema.String }))
const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 30 })))

/** The pieces as the engine frames them. */
const framed = (pieces: typeof Pieces.Type): Uint8Array =>
  Buffer.concat(
    pieces.map(({ channel, text }) => {
      const bytes = Buffer.from(text)
      const header = Buffer.alloc(8)
      header[0] = channel === "stderr" ? 2 : 1
      header.writeUInt32BE(bytes.length, 4)
      return Buffer.concat([header, bytes])
    })
  )

/** Cuts bytes at given lengths, the last of which repeats. */
const cut = (bytes: Uint8Array, lengths: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = lengths[index] ?? lengths.at(-1) ?? 7
    parts.push(bytes.subarray(at, at + length))
    at += length
  }
  return parts
}

const textOf = ({ channel, bytes }: LogChunk) => ({ channel, text: Buffer.from(bytes).toString() })

describe("LogFrames", () => {
  it.prop("takes frames apart wherever the stream is cut", [Pieces, Cuts], ([pieces, cuts]) => {
    const frames = new LogFrames(false)
    const chunks = cut(framed(pieces), cuts).flatMap((part) => frames.push(part))
    assert.deepStrictEqual(
      chunks.map(textOf),
      pieces.map(({ channel, text }) => ({ channel, text: Buffer.from(text).toString() }))
    )
  })

  it("passes a terminal's output on as it is", () => {
    const frames = new LogFrames(true)
    assert.deepStrictEqual(frames.push(Buffer.from("a\u0001b")).map(textOf), [{ channel: "stdout", text: "a\u0001b" }])
    assert.deepStrictEqual(frames.push(new Uint8Array(0)), [])
  })
})
