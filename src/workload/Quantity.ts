/**
 * An amount as Kubernetes writes it, `500m`, `1.5Gi` or `1e3`, as exact as Kubernetes keeps it: in billionths.
 *
 * Source: ParseQuantity of apimachinery, pkg/api/resource/quantity.go. Unlike it, a number needs a digit, as the
 * grammar there says too: to Kubernetes `Ki`, `.` and `-` are nothing.
 */
export interface Quantity {
  readonly nanos: bigint
}

const form = /^([+-]?)(\d*)(?:\.(\d*))?([EinumkKMGTP]*|[eE][+-]?\d+)$/

const decimal: ReadonlyMap<string, number> = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18]
])
const binary: ReadonlyMap<string, number> = new Map([
  ["Ki", 10],
  ["Mi", 20],
  ["Gi", 30],
  ["Ti", 40],
  ["Pi", 50],
  ["Ei", 60]
])

const suffixes = [...decimal.keys(), ...binary.keys()].join("|")

/** An amount as the source of a regular expression: what it leaves out is how long it may be. */
export const quantityGrammar = `^[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:${suffixes}|[eE][+-]?\\d+)$`

/** More than a number of any use has, and still quick to read. */
const maximumLength = 128

/** Amounts beyond are nothing and more than everything anyway. */
const maximumExponent = 1000

/** A binary amount is at most as much. */
const maximumBinary = (2n ** 63n - 1n) * 10n ** 9n

/** Undefined if it is not an amount. What is smaller than a billionth is rounded up to one, away from zero. */
export const parseQuantity = (text: string): Quantity | undefined => {
  const [, sign, whole = "", fraction = "", suffix = ""] = (text.length <= maximumLength && form.exec(text)) || []
  if (sign === undefined || whole + fraction === "") return undefined
  const digits = BigInt(whole + fraction)
  const shift = binary.get(suffix)
  const exponent = shift === undefined ? (decimal.get(suffix) ?? exponentOf(suffix)) : 0
  if (exponent === undefined) return undefined
  const shifted = shift === undefined ? digits : digits << BigInt(shift)
  const scaled = scale(shifted, exponent + 9 - fraction.length)
  const nanos = shift !== undefined && scaled > maximumBinary ? maximumBinary : scaled
  return { nanos: sign === "-" ? -nanos : nanos }
}

const exponentOf = (suffix: string): number | undefined => {
  const exponent = /^[eE][+-]?\d+$/.test(suffix) ? Number(suffix.slice(1)) : undefined
  return exponent && Math.min(Math.max(exponent, -maximumExponent), maximumExponent)
}

/** Times ten to this power, rounded up. */
const scale = (value: bigint, exponent: number): bigint =>
  exponent >= 0 ? value * 10n ** BigInt(exponent) : dividedUp(value, 10n ** BigInt(-exponent))

/** Rounded away from zero. */
const dividedUp = (value: bigint, divisor: bigint): bigint => {
  const quotient = value / divisor
  return value % divisor === 0n ? quotient : quotient + (value > 0n ? 1n : -1n)
}

/** In whole units, as Kubernetes' Value rounds it. */
export const valueOf = ({ nanos }: Quantity): bigint => dividedUp(nanos, 10n ** 9n)

/** In thousandths, as Kubernetes' MilliValue rounds it. */
export const milliValueOf = ({ nanos }: Quantity): bigint => dividedUp(nanos, 10n ** 6n)

/** What was most likely meant by a text that is not an amount; undefined if that cannot be told. */
export const suggestQuantity = (text: string): string | undefined => {
  const [, number = "", unit = ""] = /^\s*([+-]?[\d_.,]+)\s*([a-zA-Z]{0,5})\s*$/.exec(text) ?? []
  const meant = units.get(unit) ?? units.get(unit.toLowerCase())
  const suggestion = `${number.replaceAll("_", "").replace(/^([+-]?\d+),(\d+)$/, "$1.$2")}${meant ?? unit}`
  return suggestion !== text && parseQuantity(suggestion) !== undefined ? suggestion : undefined
}

/** How others write units. To Docker, a thousand is 1024 where it is one small letter. */
const units: ReadonlyMap<string, string> = new Map([
  ["b", ""],
  ["byte", ""],
  ["bytes", ""],
  ["cpu", ""],
  ["cpus", ""],
  ["core", ""],
  ["cores", ""],
  ["K", "k"],
  ["g", "Gi"],
  ["t", "Ti"],
  ...["k", "m", "g", "t", "p", "e"].flatMap((letter): ReadonlyArray<readonly [string, string]> => {
    const big = letter.toUpperCase()
    return [
      [`${letter}b`, letter === "k" ? letter : big],
      [`${letter}i`, `${big}i`],
      [`${letter}ib`, `${big}i`]
    ]
  })
])
