import type { Losses } from "../Losses.ts"
import type { Origin } from "./Value.ts"

/** The deepest defaults in defaults. */
const maximumDepth = 20

/**
 * Compose's variables in a text: `$NAME`, `${NAME}`, `${NAME:-default}` and its likes, `$$` for a dollar. One whose
 * value is not known and that has no default stays as it is written, without the message that may be in it.
 * https://docs.docker.com/reference/compose-file/interpolation/
 */
export const interpolate =
  (variables: ReadonlyMap<string, string>, losses: Losses) =>
  (text: string, at: Origin): string => {
    const replace = (text: string, depth: number): string => {
      let replaced = ""
      let copied = 0
      for (let from = text.indexOf("$"); from !== -1; from = text.indexOf("$", copied)) {
        replaced += text.slice(copied, from)
        const plain = /^\$([A-Za-z_]\w*)/.exec(text.slice(from, from + 300))
        const end = text[from + 1] === "{" && depth < maximumDepth ? closingBrace(text, from + 1) : undefined
        if (text[from + 1] === "$") {
          replaced += "$"
          copied = from + 2
        } else if (plain !== null) {
          replaced += variables.get(plain[1]!) ?? unknown(plain[1]!, plain[0])
          copied = from + plain[0].length
        } else if (end !== undefined) {
          const [, name, operator = "", word = ""] =
            /^([A-Za-z_]\w*)(?:(:?[-?+])([^]*))?$/.exec(text.slice(from + 2, end)) ?? []
          const written = text.slice(from, end + 1)
          replaced += name === undefined ? written : valueOf(name, operator, word, written, depth)
          copied = end + 1
        } else {
          replaced += "$"
          copied = from + 1
        }
      }
      return replaced + text.slice(copied)
    }
    const valueOf = (name: string, operator: string, word: string, written: string, depth: number): string => {
      const value = variables.get(name)
      const isGiven = value !== undefined && (value !== "" || !operator.startsWith(":"))
      switch (operator.at(-1)) {
        case "-":
          if (isGiven) return value
          losses.note(at.path, `The default of ${shown(name, at)} was taken: its own value is not in the file.`)
          return replace(word, depth + 1)
        case "+":
          if (!isGiven)
            losses.note(
              at.path,
              `${shown(name, at)} was taken for one that is not set: its value is not in the file.`.replace(
                /^./,
                (letter) => letter.toUpperCase()
              )
            )
          return isGiven ? replace(word, depth + 1) : ""
        default:
          // What is behind "?" is Compose's message.
          return isGiven ? value : unknown(name, operator === "" ? written : `\${${name}}`)
      }
    }
    const unknown = (name: string, written: string): string => {
      losses.add(at.path, `The value of ${shown(name, at)} is not in the file: write it in its place.`)
      return written
    }
    return text.includes("$") ? replace(text, 0) : text
  }

/** Where a value is no secret, nor is what looks like a variable in it. */
const open =
  /^(?:name|services\.[^.]+\.(?:image|ports|expose|volumes|tmpfs|container_name|hostname|restart|user|deploy|cpus|mem_\w+)\b.*)$/

const shown = (name: string, { path }: Origin): string => (open.test(path) ? `the variable ${name}` : "a variable")

/** Where the brace is closed that is opened here. */
const closingBrace = (text: string, opened: number): number | undefined => {
  let depth = 0
  for (let at = opened; at < text.length; at++) {
    if (text[at] === "{") depth++
    if (text[at] === "}" && --depth === 0) return at
  }
  return undefined
}
