import { oneLine } from "../../text/printable.ts"

/** The most characters that are read, from either end: the attempt is at the beginning, the cause at the end. */
const limit = 2_000

/** The text that is matched: one line of bounded length, without control characters. */
export const boundedWords = (text: string): string =>
  onOneLine(text.length > 2 * limit ? `${text.slice(0, limit)} … ${text.slice(-limit)}` : text)

const onOneLine = (text: string): string =>
  oneLine(
    text
      .split(/[\r\n]+/)
      // A line that an earlier one contains adds nothing.
      .filter((line, index, lines) => !lines.some((other, at) => at < index && other.includes(line.trim())))
      .join(" "),
    Number.POSITIVE_INFINITY
  )

/**
 * Prefixes that each layer of an engine puts before the message of the one below. They add nothing to the operation.
 */
const wrapping =
  /^(?:rpc error: code = \w+ desc = |(?:Error response from daemon|unknown|error from registry|failed to resolve reference "[^"]*"|failed to do request|failed to copy|httpReadSeeker|failed open|failed to create task for container|failed to create shim(?: task)?|OCI runtime create failed|runc create failed|runc|crun|unable to start container process|error during container init|(?:unable to copy from source|initializing source|reading manifest \S+ in) \S+|container create|creating container storage): |\S+: (?=not found$))(?=\S)/

const unwrapped = (words: string): string => {
  let rest = words
  for (let bare = rest.replace(wrapping, ""); bare !== rest; bare = rest.replace(wrapping, "")) rest = bare
  return rest
}

/**
 * An engine's message for people: the innermost part, without repetition ("manifest unknown: manifest unknown"), and
 * both ends if it is too long.
 */
export const plainWords = (text: string): string => {
  const words = unwrapped(boundedWords(text))
    .replace(/: unknown$/, "")
    .replace(/(^|: )([^:].{2,150}?)(?:: \2)+(?=$|: )/g, "$1$2")
  return oneLine(words.length > 600 ? `${words.slice(0, 290)} … ${words.slice(-290)}` : words)
}
