import { visible } from "./printable.ts"

/** As many names are compared with one that is not there, where a declaration can have any number: comparing takes time. */
export const maximumCandidates = 100

/** Longer words are not compared: nobody mistypes a word that long, and the cost is quadratic. */
const maximumLength = 64

/**
 * The candidate closest to a word, ignoring case: the fewest insertions, deletions, substitutions and swaps of neighbours,
 * and at most a third of the word's length unless another maximum is given.
 */
export const nearest = (
  word: string,
  candidates: Iterable<string>,
  maximumEdits = Math.floor(Math.max(word.length, 3) / 3)
): string | undefined => {
  if (word.length > maximumLength) return undefined
  let best: string | undefined
  let fewest = maximumEdits + 1
  for (const candidate of candidates) {
    if (candidate.length > maximumLength || Math.abs(candidate.length - word.length) >= fewest) continue
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (edits < fewest) {
      fewest = edits
      best = candidate
    }
  }
  return best
}

/** Asks for the suggestion if there is one, and gives the advice if not. */
export const orElse = (suggestion: string | undefined, advice: string): string =>
  suggestion === undefined ? advice : `Did you mean "${visible(suggestion)}"?`

/** Optimal string alignment: Levenshtein's distance with swaps of neighbours. Three rows of the table are enough. */
const editDistance = (from: string, to: string): number => {
  let beforeLast: Array<number> = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        edits = Math.min(edits, beforeLast[j - 2]! + 1)
      }
      row.push(edits)
    }
    beforeLast = last
    last = row
  }
  return last[to.length]!
}
