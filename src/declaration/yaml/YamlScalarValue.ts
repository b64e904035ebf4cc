import type { YamlScalar, YamlTarget } from "./YamlNode.ts"

/**
 * What a scalar means to Go's yaml.v2, which konlet used: YAML 1.1, with the letters `y` and `n`, without base-60
 * numbers. A quoted scalar is text, whatever it looks like; a tag (`!!int "1"`) overrides the quotes.
 *
 * https://github.com/go-yaml/yaml/blob/v2.4.0/resolve.go
 */
const resolvable = (scalar: YamlScalar): boolean =>
  scalar.tag === undefined
    ? scalar.plain
    : scalar.tag.startsWith("tag:yaml.org,2002:") && scalar.tag !== stringTag && scalar.tag !== binaryTag

/** The text is Base64 of the value. */
export const binaryTag = "tag:yaml.org,2002:binary"

/** The text is the value, whatever it looks like. */
export const stringTag = "tag:yaml.org,2002:str"
const trueWord = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const falseWord = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/
const nullWord = /^(?:~|null|Null|NULL)?$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/** An empty scalar, `~` or `null`: as if the key had not been written. */
export const isNull = (scalar: YamlScalar): boolean => resolvable(scalar) && nullWord.test(scalar.text)

/** Undefined where the scalar is not a boolean. */
export const toBoolean = (scalar: YamlScalar): boolean | undefined => {
  if (!resolvable(scalar)) return undefined
  return trueWord.test(scalar.text) ? true : falseWord.test(scalar.text) ? false : undefined
}

/** Undefined where the scalar is not a number; `1e3` and `0x10` are. May be fractional. */
export const toNumber = (scalar: YamlScalar): number | undefined => {
  if (!resolvable(scalar) || scalar.text.startsWith("_")) return undefined
  const plain = scalar.text.replaceAll("_", "")
  const [, sign = "", prefix = "", digits = ""] = /^([-+]?)(0[xX]|0[oO]|0[bB]|0)?([0-9a-fA-F]*)$/.exec(plain) ?? []
  const radix = { "0x": 16, "0o": 8, "0b": 2, "0": 8 }[prefix.toLowerCase()]
  if (radix !== undefined && isDigits(digits, radix)) {
    return Number.parseInt(digits, radix) * (sign === "-" ? -1 : 1)
  }
  return float.test(plain) ? Number(plain) : undefined
}

const isDigits = (text: string, radix: number): boolean =>
  text !== "" && [...text.toLowerCase()].every((digit) => Number.parseInt(digit, 36) < radix)

/** What a person would call the scalar, for messages. */
export const describeScalar = (scalar: YamlScalar): string => {
  if (isNull(scalar)) return "nothing"
  if (toBoolean(scalar) !== undefined) return "a boolean"
  if (toNumber(scalar) !== undefined) return "a number"
  return scalar.plain ? "text" : "quoted text"
}

/** The same of any node. */
export const describeNode = (node: YamlTarget): string =>
  node._tag === "Scalar" ? describeScalar(node) : node._tag === "Sequence" ? "a list" : "a mapping"
