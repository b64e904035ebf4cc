import * as Result from "effect/Result"
import { DeclarationRefused } from "./TextProblem.ts"
import type { Finding } from "./Finding.ts"

/**
 * The largest text that is read. A VM's metadata holds 512 KiB in total and 256 KiB in one value:
 * https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations
 */
export const maximumSize = 512 * 1024

export type Refusal = Finding<DeclarationRefused>

/** Refuses the text because of something at an offset. */
export const refuse = (why: DeclarationRefused["why"], offset = 0): Refusal => ({
  span: { start: offset, end: offset },
  make: (position) => new DeclarationRefused({ ...position, why })
})

/** `text` holds enough to tell the line and column. */
export interface TextRefused {
  readonly text: string
  readonly refusal: Refusal
}

/** The text without its byte-order mark, if it is UTF-8, not too large, and free of control characters. */
export const readText = (source: string | Uint8Array): Result.Result<string, TextRefused> => {
  if (source.length > maximumSize) return Result.fail({ text: "", refusal: refuse("TooLarge") })
  return typeof source === "string" ? check(source) : Result.flatMap(decodeUtf8(source), check)
}

const decodeUtf8 = (bytes: Uint8Array): Result.Result<string, TextRefused> => {
  if (isUtf16(bytes)) return Result.fail({ text: "", refusal: refuse("Utf16") })
  return Result.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () => {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
      return { text, refusal: refuse("NotUtf8", text.indexOf("\uFFFD")) }
    }
  })
}

/** Told by its byte-order mark, or by every other byte at its beginning being zero, as in Latin text. */
const isUtf16 = (bytes: Uint8Array): boolean => {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  const beginning = bytes.subarray(0, 64)
  return (
    bytes.length >= 4 && [0, 1].some((odd) => beginning.every((byte, index) => (byte === 0) === (index % 2 === odd)))
  )
}

/** What YAML forbids. */
const forbidden = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/

const check = (source: string): Result.Result<string, TextRefused> => {
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source
  if (!text.isWellFormed()) {
    const repaired = text.toWellFormed()
    return Result.fail({ text, refusal: refuse("NotUtf8", firstDifference(text, repaired)) })
  }
  const control = text.search(forbidden)
  return control === -1 ? Result.succeed(text) : Result.fail({ text, refusal: refuse("ControlCharacter", control) })
}

const firstDifference = (text: string, other: string): number => {
  let index = 0
  while (text[index] === other[index]) index++
  return index
}
