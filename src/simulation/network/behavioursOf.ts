import { expand } from "../../workload/expand.ts"
import type { Behaviour } from "../VmDescription.ts"

/** The behaviour of a command by its words, joined by spaces. The very words come before words with `$(NAME)`. */
export const behavioursOf = (
  commands: Readonly<Record<string, Behaviour>>
): ((words: string) => Behaviour | undefined) => {
  const exact = new Map(Object.entries(commands))
  const templates = [...exact]
    .filter(([words]) => words.includes("$("))
    .map(([words, behaviour]) => ({ pieces: expand(words, () => anyText).split(anyText), behaviour }))
  return (words) => exact.get(words) ?? templates.find(({ pieces }) => isOf(words, pieces))?.behaviour
}

/** A word cannot have it. */
const anyText = "\0"

/** Whether a text is these pieces with any texts in between. */
const isOf = (text: string, [first = "", ...rest]: ReadonlyArray<string>): boolean => {
  if (!text.startsWith(first)) return false
  const last = rest.pop()
  if (last === undefined) return text === first
  let at = first.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
