import { visible } from "./Visible.ts"

/** Longer words are not compared: nobody mistypes a word that long, and the comparison is quadratic. */
const maximumLength = 64

/**
 * The candidate that was probably meant by a word: the one with the fewest edits (insert, remove, replace a letter, swap
 * two), upper and lower case being the same, and at most a third of the word's letters wrong, or so many as are given.
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

/** "Did you mean", where there is something to suggest. */
export const orElse = (suggestion: string | undefined, advice: string): string =>
  suggestion === undefined ? advice : `Did you mean "${visible(suggestion)}"?`

/** Damerau's distance, restricted to adjacent swaps, row by row. */
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
