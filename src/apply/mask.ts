import type { EnvironmentVariable } from "../workload/Workload.ts"
import { bytesOf, type Reading, readings, textOf } from "./readings.ts"

/** Somebody else's words without the values that are declared: each is `[value of NAME]`, which tells more than stars. */
export type Mask = (text: string) => string

/** What must not be seen. */
interface Hidden {
  readonly name: string
  /** As bytes, its white space squeezed. */
  readonly text: string
  readonly where: "anywhere" | "as a word" | "beside its name"
}

/** A part of the source that is hidden. */
interface Hit {
  readonly from: number
  readonly to: number
  readonly name: string
}

/** From so many characters on a value is hidden wherever it is found, within other words too. */
const anywhereFrom = 8
/** From so many on, where it is a word of its own. */
const wordFrom = 4

/** Values that are no secrets. To hide the word "error" in a log would hide what the log has to say. */
const plainWords: ReadonlySet<string> = new Set(
  [
    "true false yes no on off null none nil undefined enabled disabled default auto",
    "trace debug info notice warn warning error fatal critical",
    "production development staging test testing local localhost http https"
  ].flatMap((line) => line.split(" "))
)

/**
 * Hides the values of env in what a container or the engine says, however they are escaped there (see `readings`), in
 * one line or in several.
 *
 * A value of eight characters or more is hidden everywhere; one of four to seven where no letter or digit is next to it,
 * so that it takes no words apart; a shorter one and a plain word (`true`, `error`, `production`, …) only beside its
 * variable's name, as in `PIN=123`: elsewhere it would be everywhere, and the text of no use. Of a value that is cut at
 * the text's beginning or end, as the first of the last log lines may be, eight characters are enough. Lines of a value
 * count as values, and so do passwords within one, as in a database's URL.
 */
export const makeMask = (env: ReadonlyArray<EnvironmentVariable>): Mask => {
  const hidden = env.flatMap(hiddenOf).toSorted((one, other) => other.text.length - one.text.length)
  if (hidden.length === 0) return (text) => text
  return (text) => {
    if (text === "") return text
    const source = bytesOf(text)
    const found = readings(source)
    const hits = found.flatMap((reading) => [
      ...hidden.flatMap((one) => hitsOf(reading, one)),
      ...hidden.flatMap((one) => cutHits(reading, one, source.length))
    ])
    return textOf(cover(source, hits))
  }
}

const hiddenOf = ({ name, value }: EnvironmentVariable): ReadonlyArray<Hidden> => {
  const whole = squeezed(value)
  const parts = [...value.split("\n").filter((line) => squeezed(line).length >= anywhereFrom), ...passwordsIn(value)]
  const texts = [...new Set(parts.map(squeezed))].filter((part) => part.length >= wordFrom && part !== whole)
  return [...(whole === "" ? [] : [whole]), ...texts].map((text) => ({ name, text, where: whereOf(text) }))
}

const whereOf = (text: string): Hidden["where"] =>
  text.length < wordFrom || plainWords.has(text.toLowerCase())
    ? "beside its name"
    : text.length < anywhereFrom
      ? "as a word"
      : "anywhere"

const squeezed = (text: string): string =>
  bytesOf(text)
    .replace(/[\0-\x20\x7f]+/g, " ")
    .trim()

/** The passwords in connection strings: `scheme://user:PASSWORD@host`, `password=PASSWORD`, `"token": "PASSWORD"`. */
const passwordsIn = (value: string): ReadonlyArray<string> => {
  const [, inUrl] = /^(?:[a-z][\w+.-]*:\/\/)?[^\s:@/]*:([^\s@]+)@/i.exec(value) ?? []
  const named = value.matchAll(/(?:pass(?:word|wd)?|pwd|secret|token|key)["']?\s*[=:]\s*["']?([^\s"';,&]+)/gi)
  const found = [inUrl ?? "", ...Array.from(named, ([, password = ""]) => password)]
  // Within a URL it is escaped, and the program has undone that.
  return found.flatMap((password) => readings(bytesOf(password)).map(({ text }) => textOf(text)))
}

const hitsOf = (reading: Reading, { name, text, where }: Hidden): ReadonlyArray<Hit> => {
  const hits: Array<Hit> = []
  const isHidden =
    where === "anywhere"
      ? () => true
      : where === "as a word"
        ? (index: number) => isWord(reading.text, index, text)
        : (index: number) => isWord(reading.text, index, text) && isBeside(reading.text, index, name)
  for (let index = reading.text.indexOf(text); index !== -1; index = reading.text.indexOf(text, index + 1)) {
    if (isHidden(index)) hits.push({ name, from: reading.from[index]!, to: reading.to[index + text.length - 1]! })
  }
  return hits
}

/** No letter or digit of it touches one outside of it. */
const isWord = (all: string, index: number, text: string): boolean => {
  const touch = (one = "", other = "") => /[a-z\d\x80-\xff]/i.test(one) && /[a-z\d\x80-\xff]/i.test(other)
  return !touch(all[index - 1], all[index]) && !touch(all[index + text.length - 1], all[index + text.length])
}

const isBeside = (all: string, index: number, name: string): boolean => {
  const written = bytesOf(name)
  const [between] = /["'`]? ?(?:=>?|:) ?["'`]?$/.exec(all.slice(Math.max(0, index - 8), index)) ?? []
  return between !== undefined && all.slice(0, index - between.length).endsWith(written)
}

/** The text begins with a value's end or ends, whatever marks it as cut, with a value's beginning. */
const cutHits = (reading: Reading, { name, text, where }: Hidden, sourceLength: number): ReadonlyArray<Hit> => {
  if (where !== "anywhere" || reading.text === "") return []
  const hits: Array<Hit> = []
  const [opening = ""] = /^(?:\xe2\x80\xa6)?/.exec(reading.text) ?? []
  const [closing = ""] = /(?:\xe2\x80\xa6)?$/.exec(reading.text) ?? []
  const body = reading.text.slice(opening.length, reading.text.length - closing.length)
  const longest = Math.min(text.length - 1, body.length)
  const lengths = Array.from({ length: Math.max(0, longest - anywhereFrom + 1) }, (_, index) => longest - index)
  if (reading.from[0] === 0) {
    const length = lengths.find((length) => body.startsWith(text.slice(-length)))
    if (length !== undefined) {
      const start = opening.length
      hits.push({ name, from: reading.from[start]!, to: reading.to[start + length - 1]! })
    }
  }
  if (reading.to.at(-1) === sourceLength) {
    const length = lengths.find((length) => body.endsWith(text.slice(0, length)))
    if (length !== undefined) {
      const end = opening.length + body.length
      hits.push({ name, from: reading.from[end - length]!, to: reading.to[end - 1]! })
    }
  }
  return hits
}

/** The source with its hits covered, each part of it by one. */
const cover = (source: string, hits: ReadonlyArray<Hit>): string => {
  const pieces: Array<string> = []
  let at = 0
  let last: Hit | undefined
  for (const hit of hits.toSorted((one, other) => one.from - other.from || other.to - one.to)) {
    if (hit.to <= at) continue
    if (hit.from >= at || hit.name !== last?.name) {
      pieces.push(source.slice(at, Math.max(at, hit.from)), bytesOf(`[value of ${hit.name}]`))
    }
    at = hit.to
    last = hit
  }
  return [...pieces, source.slice(at)].join("")
}
