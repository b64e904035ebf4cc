/**
 * A text as it reads once an encoding is undone. Text is held as the bytes of its UTF-8, one character each: escapes stand
 * for bytes.
 */
export interface Reading {
  readonly text: string
  /** Where in the source each byte of it was written: from there … */
  readonly from: ReadonlyArray<number>
  /** … to before here. */
  readonly to: ReadonlyArray<number>
}

export const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1")
export const textOf = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8")

/** In so many encodings, one in the other, a text is read. */
const depth = 2

/**
 * A text, given as bytes, in all the ways in which it can be read: as it is, and with the escapes undone of URLs and
 * forms, of JSON, C, Go, Python and shells, of HTML, and with base64 decoded; also where one is in another. White space of
 * any length is one space in each. Several readings may be of no sense: nobody says how a text was encoded.
 */
export const readings = (bytes: string): ReadonlyArray<Reading> => {
  const positions = Array.from(bytes, (_, index) => index)
  let last: ReadonlyArray<Reading> = [{ text: bytes, from: positions, to: positions.map((index) => index + 1) }]
  const all = [...last]
  for (let level = 1; level <= depth; level++) {
    last = last.flatMap((reading) => decoders.flatMap((decode) => decode(reading)))
    all.push(...last)
  }
  return all.map((reading) => squeeze(reading)[0] ?? reading)
}

/** Gives nothing where it has nothing to undo. */
type Decoder = (reading: Reading) => ReadonlyArray<Reading>

class Written {
  readonly from: Array<number> = []
  readonly to: Array<number> = []
  private readonly pieces: Array<string> = []

  /** Each byte of it was written there. */
  add(text: string, from: number, to: number): void {
    this.pieces.push(text)
    for (let count = text.length; count > 0; count--) {
      this.from.push(from)
      this.to.push(to)
    }
  }
  /** A part of another reading, as it is. */
  copy(reading: Reading, start: number, end: number): void {
    this.pieces.push(reading.text.slice(start, end))
    for (let index = start; index < end; index++) {
      this.from.push(reading.from[index]!)
      this.to.push(reading.to[index]!)
    }
  }
  get reading(): Reading {
    return { text: this.pieces.join(""), from: this.from, to: this.to }
  }
}

/** Puts what a match stands for in its place. */
const replacing =
  (pattern: RegExp, standsFor: (match: RegExpMatchArray) => string): Decoder =>
  (reading) => {
    const written = new Written()
    let at = 0
    for (const match of reading.text.matchAll(pattern)) {
      const end = match.index + match[0].length
      written.copy(reading, at, match.index)
      written.add(standsFor(match), reading.from[match.index]!, reading.to[end - 1]!)
      at = end
    }
    if (at === 0) return []
    written.copy(reading, at, reading.text.length)
    return [written.reading]
  }

const squeeze = replacing(/[\0-\x20\x7f]{2,}|[\0-\x1f\x7f]/g, () => " ")

const character = (digits: string, radix: number): string => {
  const codePoint = Number.parseInt(digits, radix)
  return codePoint > 0x10ffff ? "" : bytesOf(String.fromCodePoint(codePoint))
}
const byte = (digits: string, radix: number): string => String.fromCharCode(Number.parseInt(digits, radix) & 0xff)

const named: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\x07",
  e: "\x1b"
}
const backslashes = replacing(
  /\\(?:u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})|u\{([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})|([0-3][0-7]{2})|([^]))/gi,
  ([, high, low, braced, four, two, octal, other = ""]) => {
    if (high !== undefined && low !== undefined) {
      return bytesOf(String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16)))
    }
    const hexadecimal = braced ?? four
    if (hexadecimal !== undefined) return character(hexadecimal, 16)
    if (two !== undefined) return byte(two, 16)
    return octal === undefined ? (named[other] ?? other) : byte(octal, 8)
  }
)

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }
const html = replacing(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, ([, decimal, hex, name = ""]) =>
  decimal !== undefined
    ? character(decimal, 10)
    : hex !== undefined
      ? character(hex, 16)
      : (entities[name.toLowerCase()] ?? "")
)

/** A single quote within single quotes, as shells print it. */
const shell = replacing(/'(?:\\'|"'")'/g, () => "'")

const percent = replacing(/%([\da-f]{2})/gi, ([, digits = ""]) => byte(digits, 16))
const form = replacing(/%([\da-f]{2})|\+/gi, ([, digits]) => (digits === undefined ? " " : byte(digits, 16)))

/** Fewer characters of base64 hold nothing that is looked for. Long base64 is wrapped, and lines may have been joined. */
const run = /[\w+/-](?:[ \r\n]{0,2}[\w+/-]){4,}/g

/**
 * Whatever may be base64, of the ordinary or the URL's alphabet. Where it begins is not known (there may be a path or a
 * word before it), so it is read from each of its first four characters.
 */
const base64: Decoder = (reading) => {
  const runs = [...reading.text.matchAll(run)]
  if (runs.length === 0) return []
  return [0, 1, 2, 3].map((skipped) => {
    const written = new Written()
    for (const match of runs) {
      const digits = Array.from(match[0], (_, index) => index).filter((index) => !/[ \r\n]/.test(match[0][index]!))
      const placed = digits.slice(skipped).map((index) => match.index + index)
      const decoded = Buffer.from(placed.map((index) => reading.text[index]).join(""), "base64url").toString("latin1")
      for (let index = 0; index < decoded.length; index++) {
        const first = placed[Math.floor((index * 8) / 6)]!
        const last = placed[Math.min(placed.length - 1, Math.ceil(((index + 1) * 8) / 6) - 1)]!
        written.add(decoded[index]!, reading.from[first]!, reading.to[last]!)
      }
      // What follows is of another text.
      const end = reading.to[match.index + match[0].length - 1]!
      written.add("\n", end, end)
    }
    return written.reading
  })
}

const decoders: ReadonlyArray<Decoder> = [percent, form, backslashes, html, shell, base64]
