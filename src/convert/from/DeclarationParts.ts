import { From, type Origin, type Value } from "./Value.ts"

/** A declaration's values as parts that can be taken out one by one, while the others keep their places. */
export interface Part {
  readonly origin: Origin | undefined
  /** Paths below it are those of its origin. */
  readonly isSame: boolean
  readonly content: Scalar | List | Mapping
}

type Scalar = string | number | boolean
/** One that was taken out leaves a gap. */
type List = Array<Part | undefined>
type Mapping = Map<string, Part>

/** The keys and indices that lead to a part; the first is that of the document. */
export type Steps = ReadonlyArray<string | number>

export const partOf = (value: Value): Part => {
  if (value instanceof From) {
    const { content } = partOf(value.value)
    return { origin: value.origin, isSame: value.isSame, content }
  }
  const plain = (content: Part["content"]): Part => ({ origin: undefined, isSame: false, content })
  if (typeof value !== "object") return plain(value)
  if (isList(value)) return plain(value.map(partOf))
  const entries = Object.entries(value).flatMap(([key, value]): ReadonlyArray<[string, Part]> =>
    value === undefined ? [] : [[key, partOf(value)]]
  )
  return plain(new Map(entries))
}

const isList = (value: object): value is ReadonlyArray<Value> => Array.isArray(value)

export const childAt = ({ content }: Part, step: string | number): Part | undefined =>
  content instanceof Map ? content.get(String(step)) : Array.isArray(content) ? content[Number(step)] : undefined

/** Documents; one that was taken out leaves a gap, too. */
export type Parts = Array<Part | undefined>

/** Takes a part out of what holds it. False where there is none. */
export const takeOut = (parts: Parts, [document = 0, ...below]: Steps): boolean => {
  const last = below.at(-1)
  let holder = parts[Number(document)]
  if (last === undefined) {
    parts[Number(document)] = undefined
    return holder !== undefined
  }
  for (const step of below.slice(0, -1)) holder = holder && childAt(holder, step)
  if (holder === undefined || childAt(holder, last) === undefined) return false
  if (holder.content instanceof Map) holder.content.delete(String(last))
  else if (Array.isArray(holder.content)) holder.content[Number(last)] = undefined
  return true
}

/** The text that a part is; empty where it is none. */
export const textAt = (parts: Parts, [document = 0, ...below]: Steps = []): string => {
  let part = parts[Number(document)]
  for (const step of below) part = part && childAt(part, step)
  return typeof part?.content === "string" ? part.content : ""
}

/** Whether there is nothing in a list or a mapping. */
export const isEmptyAt = (parts: Parts, [document = 0, ...below]: Steps): boolean => {
  let part = parts[Number(document)]
  for (const step of below) part = part && childAt(part, step)
  const { content } = part ?? {}
  return content instanceof Map
    ? content.size === 0
    : Array.isArray(content) && content.every((item) => item === undefined)
}

/** Where a part came from: the nearest origin around it, and its own path below that where both have the same. */
export const originOf = (parts: Parts, [document = 0, ...rest]: Steps): Origin => {
  let part: Part | undefined = parts[Number(document)]
  let origin = part?.origin
  let isSame = part?.isSame ?? false
  let below: Array<string | number> = []
  for (const step of rest) {
    part = part && childAt(part, step)
    if (part?.origin === undefined) below.push(step)
    else {
      origin = part.origin
      isSame = part.isSame
      below = []
    }
  }
  if (origin === undefined) return { path: pathOf(below) }
  return isSame ? { ...origin, path: pathOf(below, origin.path) } : origin
}

/** As in `spec.containers[0].image`. */
const pathOf = (steps: Steps, root = ""): string =>
  steps.reduce<string>(
    (path, step) => (typeof step === "number" ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`),
    root
  )

/** Plain values, without what was taken out. */
export const plainOf = ({ content }: Part): unknown => {
  if (content instanceof Map) return Object.fromEntries([...content].map(([key, part]) => [key, plainOf(part)]))
  if (Array.isArray(content)) return content.flatMap((part) => (part === undefined ? [] : [plainOf(part)]))
  return content
}

/** JSON, one value a line, so that a line and a column tell which part a finding is about. */
export const located = (
  parts: Parts
): {
  readonly text: string
  readonly stepsAt: (line: number, column: number) => Steps | undefined
  /** The part that the line is about. */
  readonly stepsOn: (line: number) => Steps | undefined
} => {
  const lines: Array<string> = []
  const places = new Map<string, Steps>()
  const firsts = new Map<number, Steps>()
  let line = ""
  const mark = (steps: Steps) => {
    const number = lines.length + 1
    places.set(`${number}:${line.length + 1}`, steps)
    if (!firsts.has(number)) firsts.set(number, steps)
  }
  const end = () => {
    lines.push(line)
    line = ""
  }
  const write = (part: Part, steps: Steps): void => {
    mark(steps)
    const { content } = part
    if (typeof content !== "object") {
      line += typeof content === "string" ? quoted(content) : String(content)
      return
    }
    const children: ReadonlyArray<readonly [string | number, Part | undefined]> = [...content.entries()]
    const shown = children.flatMap(([step, child]) => (child === undefined ? [] : [[step, child] as const]))
    line += content instanceof Map ? "{" : "["
    for (const [index, [step, child]] of shown.entries()) {
      if (index > 0) line += ","
      end()
      if (content instanceof Map) {
        mark([...steps, step])
        line += `${quoted(String(step))}: `
      }
      write(child, [...steps, step])
    }
    if (shown.length > 0) end()
    line += content instanceof Map ? "}" : "]"
  }
  for (const [index, part] of parts.entries()) {
    if (part === undefined) continue
    if (lines.length > 0) {
      line += "---"
      end()
    }
    write(part, [index])
    end()
  }
  return {
    text: lines.join("\n"),
    stepsAt: (line, column) => places.get(`${line}:${column}`),
    stepsOn: (line) => firsts.get(line)
  }
}

/** What JSON may have in a text and YAML may not. */
const unprintable = /[\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

const quoted = (text: string): string => JSON.stringify(text).replace(unprintable, escaped)
