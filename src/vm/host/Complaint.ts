import type { CommandResult } from "./Command.ts"

/** As much as belongs into one short paragraph. */
const limit = 600

/**
 * A failed program's own words on one line, with its exit code: what it wrote to stderr, else to stdout. The end is
 * kept where there is too much of it.
 */
export const complaint = ({ exitCode, stderr, stdout }: CommandResult): string => {
  const words = [stderr, stdout].map(onOneLine).find((text) => text !== "")
  return words === undefined ? `exit code ${exitCode}` : `${words} (exit code ${exitCode})`
}

const onOneLine = (text: string): string => {
  const line = text
    .slice(-4 * limit)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
  return line.length > limit ? `…${line.slice(-limit)}` : line
}
