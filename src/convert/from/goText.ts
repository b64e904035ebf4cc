const largest = 2n ** 64n - 1n
const smallest = -(2n ** 63n)

/**
 * What Go prints of a plain scalar that its YAML takes for a number or a boolean, as Compose does where a text is wanted:
 * `1.10` is 1.1, `0777` is 511, `True` is true. Any other text stays as it is. Source: resolve.go of yaml.v3.
 */
export const goText = (text: string): string => {
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return text.toLowerCase()
  if (!/^[-+.\d]/.test(text)) return text
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith("-") ? "-Inf" : "+Inf"
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return "NaN"
  const plain = text.replaceAll("_", "")
  const integer = integerOf(plain)
  if (integer !== undefined && integer <= largest && integer >= smallest) return String(integer)
  const isFloat = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain) && Number.isFinite(Number(plain))
  return isFloat ? floatOf(Number(plain)) : text
}

const integerOf = (text: string): bigint | undefined => {
  const [, sign = "", prefixed, octal, decimal] =
    /^([-+]?)(?:(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+)|0([0-7]+)|(0|[1-9]\d*))$/.exec(text) ?? []
  const digits = prefixed?.toLowerCase() ?? (octal === undefined ? decimal : `0o${octal}`)
  return digits === undefined ? undefined : BigInt(digits) * (sign === "-" ? -1n : 1n)
}

/** Go's `%v`. */
const floatOf = (value: number): string => {
  const [digits = "", exponent = ""] = value.toExponential().split("e")
  const power = Number(exponent)
  if (Object.is(value, -0)) return "-0"
  if (power >= -4 && power < 6) return String(value)
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
}
