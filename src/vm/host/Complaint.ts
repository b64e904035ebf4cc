import type { CommandResult } from "./Command.ts"
import { endOnOneLine } from "../../text/printable.ts"

/** The last output of a failed program on one line, with its exit code: stderr, or stdout if that is empty. */
export const complaint = ({ exitCode, stderr, stdout }: CommandResult): string => {
  const words = [stderr, stdout].map((text) => endOnOneLine(text)).find((text) => text !== "")
  return words === undefined ? `exit code ${exitCode}` : `${words} (exit code ${exitCode})`
}
