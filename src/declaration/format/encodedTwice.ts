import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import type { Finding } from "../yaml/Finding.ts"
import { FormatEncoded } from "./FormatProblem.ts"
import { dereference, type YamlTarget } from "../yaml/YamlNode.ts"

/** As much of a text is examined: enough to recognise a declaration. */
const beginning = 4096

/**
 * Recognises a declaration that was encoded once too often: its line breaks as `\n`, all of it quoted, in Base64, or for a
 * URL. `root` is the text as YAML; undefined if it is not YAML.
 */
export const encodedTwice = (text: string, root: YamlTarget | undefined): Finding<FormatEncoded> | undefined => {
  const how = encodingOf(text.trim(), root)
  if (how === undefined) return undefined
  const start = text.search(/\S/)
  return { span: { start, end: start }, make: (position) => new FormatEncoded({ ...position, how }) }
}

const encodingOf = (text: string, root: YamlTarget | undefined): FormatEncoded["how"] | undefined => {
  if (root?._tag === "Scalar" && !root.plain) return isLikeDeclaration(unescaped(root.text)) ? "Quoted" : undefined
  if (root?._tag === "Mapping") {
    // `spec:\n  containers:` has no ": " before its first value, so all of it is the beginning of a key.
    const key = root.entries[0] && dereference(root.entries[0].key)
    if (key?._tag !== "Scalar" || !key.plain || !/\\[n"]/.test(key.text)) return undefined
  }
  if (/^\{\s*\\"/.test(text)) return isLikeDeclaration(unescaped(text)) ? "Quoted" : undefined
  const [line = "", ...others] = text.slice(0, beginning).split("\\n", 2)
  if (others.length > 0 && !/[\r\n]/.test(text) && !isInQuotes(line) && isLikeDeclaration(unescaped(text))) {
    return "LineBreaksEscaped"
  }
  if (root?._tag === "Mapping") return undefined
  if (/^[A-Za-z0-9+/\s]{16,}={0,2}$/.test(text)) {
    const decoded = Base64.decodeString(text.replaceAll(/\s/g, ""))
    return Result.isSuccess(decoded) && isLikeDeclaration(decoded.success) ? "Base64" : undefined
  }
  return /^[\w.~!*'()+%-]+$/.test(text) && isLikeDeclaration(fromUrl(text)) ? "PercentEncoded" : undefined
}

/** Whether a text begins like a declaration; the rest need not be valid. */
const isLikeDeclaration = (text: string): boolean =>
  /(?:^\uFEFF?|[\n{,])[ \t]*["']?(?:spec|containers|apiVersion|kind)["']?[ \t]*:/.test(text.slice(0, beginning))

const isInQuotes = (text: string): boolean => text.split('"').length % 2 === 0

const unescaped = (text: string): string =>
  text
    .slice(0, beginning)
    .replaceAll(/(?:\\r)?\\n/g, "\n")
    .replaceAll('\\"', '"')

const fromUrl = (text: string): string =>
  text
    .slice(0, beginning)
    .replaceAll("+", " ")
    .replaceAll(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
