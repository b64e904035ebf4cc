/** As much as belongs into one short paragraph. */
const limit = 600

/**
 * Somebody else's words for a message: one line without control characters, of bounded length. An engine repeats what
 * registries and containers say, a program what is on a disk.
 */
export const oneLine = (text: string): string => {
  const line = text
    .slice(0, 4 * limit)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
  return line.length > limit ? `${line.slice(0, limit)}…` : line
}
