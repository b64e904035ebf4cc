import type { CommandResult } from "./Command.ts"
import { endOnOneLine } from "../../text/printable.ts"

/** A failed program's last words on one line, with its exit code: what it wrote to stderr, else to stdout. */
export const complaint = ({ exitCode, stderr, stdout }: CommandResult): string => {
  const words = [stderr, stdout].map((text) => endOnOneLine(text)).find((text) => text !== "")
  return words === undefined ? `exit code ${exitCode}` : `${words} (exit code ${exitCode})`
}
