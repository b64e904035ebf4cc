/** What a decoder is given: the same input as text, and as bytes that need not be text at all. */
export interface Input {
  readonly text: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface GenerateOptions {
  readonly samples: ReadonlyArray<string>
  readonly seed: number
  readonly iteration: number
  /**
   * Only slips within one line: nothing is moved from one place to another. So a secret stays where it is one, and where
   * it shows up in a message, the message is at fault.
   */
  readonly slips?: boolean | undefined
}

/** An input that is the same for the same options, whatever was generated before it. */
export const generate = ({ samples, seed, iteration, slips = false }: GenerateOptions): Input => {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(iteration + 1, 0x85ebca6b))
  const text = textOf(samples, random, slips)
  return { text, bytes: bytesOf(text, random, slips) }
}

/** A small generator of random numbers, mulberry32: good enough to choose by, and without any state outside. */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 up to, but without, the bound. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<A>(from: ReadonlyArray<A>): A {
    return from[this.below(from.length)]!
  }

  /** Small more often than large. */
  length(bound: number): number {
    return this.below(1 + this.below(1 + this.below(bound)))
  }
}

/** The longest run that is put in; rare, because it is the slowest. */
const longRun = 150_000

const oddCharacters = [
  "\0",
  "\u0001",
  "\b",
  "\t",
  "\n",
  "\r",
  "\r\n",
  "\v",
  "\f",
  "\u001B",
  "\u001B[2J",
  "\u007F",
  "\u0085",
  "\u009B",
  "\u00A0",
  "\u00AD",
  "\u0130",
  "\u200B",
  "\u2028",
  "\u2029",
  "\u202E",
  "\u2066",
  "\uD800",
  "\uDC00",
  "\uDBFF\uDFFF",
  "\uFEFF",
  "\uFFFD",
  "\uFFFF",
  "😀",
  "é",
  "e\u0301"
]

const pieces = [
  ..."\"'`\\/:;,.=%#*&|<>()[]{}!?@$^~-+_ 0",
  "\\u0000",
  "\\x1b",
  "\\ud800",
  "\\",
  '\\"',
  "--",
  "://",
  "../",
  "${x}",
  "%s%n",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "true",
  "NaN",
  "Infinity",
  "-0",
  "1e999",
  "0x10",
  "-1",
  "0.1",
  "2147483648",
  "9007199254740993",
  "99999999999999999999999999"
]

const slipPieces = pieces.filter((piece) => !/[\s]/.test(piece))

const values: ReadonlyArray<unknown> = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e300,
  -1e300,
  2 ** 31,
  2 ** 53,
  "",
  "0",
  "\0",
  "\u001B[31m",
  "\uD800",
  "__proto__",
  "x".repeat(5000),
  [],
  {},
  [[]],
  [null],
  { length: -1 },
  { message: {} },
  { toString: 1, valueOf: 2 }
]

const textOf = (samples: ReadonlyArray<string>, random: Random, slips: boolean): string => {
  if (!slips && random.chance(6)) return randomText(random)
  let text = random.pick(samples)
  for (let left = 1 + random.length(6); left > 0; left--) {
    if (slips) text = slip(text, random)
    else text = (random.chance(40) ? mutateJson(text, random) : undefined) ?? mutateText(text, samples, random)
  }
  return text
}

const randomText = (random: Random): string =>
  Array.from({ length: random.length(400) }, () => {
    const kind = random.below(4)
    if (kind === 0) return random.pick(oddCharacters)
    if (kind === 1) return random.pick(pieces)
    return String.fromCharCode(kind === 2 ? 32 + random.below(96) : random.below(0x10000))
  }).join("")

const mutateText = (text: string, samples: ReadonlyArray<string>, random: Random): string => {
  const at = random.below(text.length + 1)
  const to = Math.min(text.length, at + 1 + random.length(60))
  const put = (piece: string, end = at) => text.slice(0, at) + piece + text.slice(end)
  switch (random.below(12)) {
    case 0:
      return put(String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))), at + 1)
    case 1:
      return text.slice(0, at)
    case 2:
      return put("", to)
    case 3:
      return put(text.slice(at, to).repeat(1 + random.length(8)))
    case 4:
      return put(random.pick(oddCharacters))
    case 5:
      return put(random.pick(pieces))
    case 6:
      return put(random.pick(pieces), to)
    case 7:
      return put((random.chance(50) ? random.pick(oddCharacters) : random.pick(pieces)).repeat(runLength(random)))
    case 8:
      return nest(text, at, to, random)
    case 9:
      return put(text.slice(to, to + random.length(80)), to)
    case 10: {
      const lines = text.split("\n")
      const other = random.pick(samples).split("\n")
      const line = random.below(lines.length)
      return lines.toSpliced(line, random.below(2), random.pick(other)).join("\n")
    }
    default:
      return text.replace(/\d+/, () => random.pick(["0", "-1", "1e999", "9".repeat(1 + random.length(400)), "1.5"]))
  }
}

const runLength = (random: Random): number => (random.chance(3) ? 1 + random.below(longRun) : 1 + random.length(300))

const nest = (text: string, at: number, to: number, random: Random): string => {
  const depth = random.chance(5) ? 20_000 : 1 + random.length(200)
  const [open, close] = random.pick([
    ["[", "]"],
    ["{", "}"],
    ['{"a":', "}"],
    ["{a: ", "}"],
    ["(", ")"],
    ['"', '"'],
    ["- ", ""]
  ] as const)
  return text.slice(0, at) + open.repeat(depth) + text.slice(at, to) + close.repeat(depth) + text.slice(to)
}

/** One line is changed, and stays one. */
const slip = (text: string, random: Random): string => {
  const at = random.below(text.length + 1)
  const inLine = !text.slice(at, at + 1).includes("\n")
  switch (random.below(5)) {
    case 0:
      return inLine ? text.slice(0, at) + random.pick(slipPieces) + text.slice(at + 1) : text
    case 1:
      return text.slice(0, at) + random.pick(slipPieces) + text.slice(at)
    case 2:
      return text.slice(0, at) + random.pick(oddCharacters) + text.slice(at)
    case 3:
      return inLine ? text.slice(0, at) + text.slice(at + 1) : text
    default:
      return text.slice(0, at) + random.pick(slipPieces).repeat(1 + random.length(40)) + text.slice(at)
  }
}

/** Changes what a JSON text says, and leaves it JSON. Undefined where it is none. */
const mutateJson = (text: string, random: Random): string | undefined => {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    return undefined
  }
  const holders: Array<Record<string, unknown>> = []
  const stack = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (typeof value !== "object" || value === null) continue
    holders.push(value as Record<string, unknown>)
    stack.push(...Object.values(value))
  }
  if (holders.length === 0) return JSON.stringify(random.pick(values))
  const holder = random.pick(holders)
  const keys = Object.keys(holder)
  const key = keys.length === 0 ? "x" : random.pick(keys)
  switch (random.below(6)) {
    case 0:
      delete holder[key]
      break
    case 1:
      holder[`${key}${random.pick(oddCharacters)}`] = random.pick(values)
      break
    case 2:
      define(holder, random.pick(["__proto__", "constructor", "toJSON", "length", "then"]), random.pick(values))
      break
    case 3:
      if (typeof holder[key] === "string") holder[key] += random.pick(oddCharacters).repeat(runLength(random))
      else holder[key] = [holder[key]]
      break
    default:
      holder[key] = random.pick(values)
  }
  try {
    return JSON.stringify(root)
  } catch {
    // Nested deeper than it can be written.
    return undefined
  }
}

const define = (holder: object, key: string, value: unknown): void => {
  if (!Array.isArray(holder)) Object.defineProperty(holder, key, { value, enumerable: true, configurable: true })
}

const encoder = new TextEncoder()

const bytesOf = (text: string, random: Random, slips: boolean): Uint8Array<ArrayBuffer> => {
  if (!slips && random.chance(4)) return Uint8Array.from({ length: random.length(2000) }, () => random.below(256))
  const bytes = encoder.encode(text)
  if (slips || bytes.length === 0) return bytes
  for (let left = random.length(4); left > 0; left--) {
    const at = random.below(bytes.length)
    bytes[at] = random.chance(50) ? bytes[at]! ^ (1 << random.below(8)) : random.below(256)
  }
  return random.chance(10) ? bytes.slice(0, random.below(bytes.length)) : bytes
}
