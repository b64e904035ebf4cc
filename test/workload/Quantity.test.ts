import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { milliValueOf, parseQuantity, suggestQuantity, valueOf } from "../../src/workload/Quantity.ts"

const nanosOf = (text: string) => parseQuantity(text)?.nanos
const whole = (value: bigint) => value * 10n ** 9n
const most = 2n ** 63n - 1n

/** What Kubernetes' own tests say of each: pkg/api/resource/quantity_test.go of apimachinery. */
const known: ReadonlyArray<readonly [string, bigint]> = [
  ["0", 0n],
  ["0n", 0n],
  ["0u", 0n],
  ["0m", 0n],
  ["0Ki", 0n],
  ["0k", 0n],
  ["0Mi", 0n],
  ["0M", 0n],
  ["0E", 0n],
  ["0e3", 0n],
  ["1n", 1n],
  ["5n", 5n],
  ["7u", 7_000n],
  ["1m", 1_000_000n],
  ["100m", 100_000_000n],
  ["1", whole(1n)],
  ["1000m", whole(1n)],
  ["1Ki", whole(1024n)],
  ["8Ki", whole(8192n)],
  ["7Mi", whole(7n * 2n ** 20n)],
  ["6Gi", whole(6n * 2n ** 30n)],
  ["5Ti", whole(5n * 2n ** 40n)],
  ["4Pi", whole(4n * 2n ** 50n)],
  ["3Ei", whole(3n * 2n ** 60n)],
  ["10Ti", whole(10n * 2n ** 40n)],
  ["100Ti", whole(100n * 2n ** 40n)],
  ["5k", whole(5_000n)],
  ["1M", whole(1_000_000n)],
  ["100G", whole(100n * 10n ** 9n)],
  ["200T", whole(200n * 10n ** 12n)],
  ["4P", whole(4n * 10n ** 15n)],
  ["7E", whole(7n * 10n ** 18n)],
  ["1E", whole(10n ** 18n)],
  ["1e3", whole(1000n)],
  ["1E6", whole(10n ** 6n)],
  ["1e9", whole(10n ** 9n)],
  ["10e-9", 10n],
  ["1e-3", 1_000_000n],
  ["1e+3", whole(1000n)],
  ["100.035k", whole(100_035n)],
  ["0.001", 1_000_000n],
  ["0.0005k", 500_000_000n],
  [".5", 500_000_000n],
  ["5.", whole(5n)],
  ["1.G", whole(10n ** 9n)],
  ["0.1Ki", 102_400_000_000n],
  ["1.5Gi", whole(1536n * 2n ** 20n)],
  ["0.5Mi", whole(524_288n)],
  ["-1.01", -1_010_000_000n],
  ["+1", whole(1n)],
  ["-3.01", -3_010_000_000n],
  ["001", whole(1n)],
  ["12.5k", whole(12_500n)],
  // Rounded up to a billionth, away from zero.
  ["1.1n", 2n],
  ["0.0000000001", 1n],
  ["-0.0000000001", -1n],
  ["1e-20", 1n],
  ["0.2n", 1n],
  ["3.1n", 4n],
  ["1.1E-1", 110_000_000n],
  // Binary amounts end at the greatest 64-bit number, decimal ones do not.
  ["9223372036854775807", whole(most)],
  ["9223372036854775807Ki", whole(most)],
  ["8Ei", whole(most)],
  ["16Ei", whole(most)],
  ["10E", whole(10n ** 19n)],
  ["1e30", whole(10n ** 30n)]
]

const invalid = [
  "",
  "1.1.M",
  "1+1.0M",
  "0.1mi",
  "0.1am",
  "aoeu",
  ".5i",
  "1i",
  "-3.01i",
  "-3.01e-",
  " 1",
  "1 ",
  "1 Gi",
  "1Kib",
  "1kb",
  "512MB",
  "1,5Gi",
  "1_000",
  "0x10",
  "1e",
  "1ee3",
  "1e3Ki",
  "1Ki3",
  "--1",
  "+-1",
  "e3",
  "Inf",
  "NaN",
  "1e1.5",
  // Without a digit it is no number, by the grammar of Kubernetes.
  ".",
  "-",
  "Ki",
  "m",
  "9".repeat(200)
]

const suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const
/** Numerator and denominator of each unit. */
const factors: Readonly<Record<(typeof suffixes)[number], readonly [bigint, bigint]>> = {
  n: [1n, 10n ** 9n],
  u: [1n, 10n ** 6n],
  m: [1n, 10n ** 3n],
  "": [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  Pi: [2n ** 50n, 1n],
  Ei: [2n ** 60n, 1n]
}

const natural = (maximum: number) => Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum })))
const Drawn = Arbitrary.all({
  sign: natural(2),
  whole: natural(Number.MAX_SAFE_INTEGER),
  fraction: natural(999_999_999_999),
  places: natural(12),
  suffix: natural(suffixes.length - 1)
})

describe("a quantity", () => {
  it.each(known)("%s is what Kubernetes takes it for", (text, nanos) => {
    assert.strictEqual(nanosOf(text), nanos)
  })

  it.each(invalid)("%j is none", (text) => {
    assert.isUndefined(parseQuantity(text))
  })

  it.prop("is the fraction that is written, rounded up to a billionth", { drawn: Drawn }, ({ drawn }) => {
    const { sign, whole, fraction, places, suffix } = drawn
    const digits = String(fraction)
      .padStart(12, "0")
      .slice(12 - places)
    const unit = suffixes[suffix]!
    const text = `${["", "+", "-"][sign]}${whole}${places === 0 ? "" : `.${digits}`}${unit}`
    const [numerator, denominator] = factors[unit]
    const top = (BigInt(whole) * 10n ** BigInt(places) + BigInt(digits === "" ? 0 : digits)) * numerator * 10n ** 9n
    const bottom = denominator * 10n ** BigInt(places)
    const found = nanosOf(text)!
    const size = found < 0n ? -found : found
    const isBinary = unit.endsWith("i")
    const isCapped = isBinary && size === most * 10n ** 9n && size * bottom <= top
    // The smallest number of billionths that is not less than the fraction.
    assert.isTrue(isCapped || (size * bottom >= top && (size - 1n) * bottom < top), text)
    assert.isTrue(found === 0n || found < 0n === (sign === 2), text)
  })

  it.prop("written in billionths is itself, and keeps its order", { one: Drawn, other: Drawn }, (drawn) => {
    const texts = [drawn.one, drawn.other].map(
      ({ sign, whole, suffix }) => `${sign === 2 ? "-" : ""}${whole}${suffixes[suffix]}`
    )
    const [one, other] = texts.map((text) => nanosOf(text)!) as [bigint, bigint]
    assert.strictEqual(nanosOf(`${one}n`), one)
    // As far as floating point tells them apart.
    const [roughly, others] = [drawn.one, drawn.other].map(({ sign, whole, suffix }) => {
      const [numerator, denominator] = factors[suffixes[suffix]!]
      const value = Math.min(
        (whole * Number(numerator)) / Number(denominator),
        suffixes[suffix]!.endsWith("i") ? 2 ** 63 : Infinity
      )
      return sign === 2 ? -value : value
    }) as [number, number]
    if (Math.abs(roughly - others) > Math.abs(roughly) * 1e-9) assert.strictEqual(one < other, roughly < others)
  })

  it("has a value in whole units and in thousandths, both rounded up", () => {
    const values = (text: string) => [valueOf(parseQuantity(text)!), milliValueOf(parseQuantity(text)!)]
    assert.deepStrictEqual(values("1"), [1n, 1000n])
    assert.deepStrictEqual(values("1m"), [1n, 1n])
    assert.deepStrictEqual(values("1100m"), [2n, 1100n])
    assert.deepStrictEqual(values("1n"), [1n, 1n])
    assert.deepStrictEqual(values("0"), [0n, 0n])
    assert.deepStrictEqual(values("100u"), [1n, 1n])
    assert.deepStrictEqual(values("1.0001k"), [1001n, 1_000_100n])
    assert.deepStrictEqual(values("-1500m"), [-2n, -1500n])
    assert.deepStrictEqual(values("0.1Ki"), [103n, 102_400n])
  })

  it.each([
    ["512MB", "512M"],
    ["512mb", "512M"],
    ["1GB", "1G"],
    ["512MiB", "512Mi"],
    ["512mi", "512Mi"],
    ["2gib", "2Gi"],
    ["1g", "1Gi"],
    ["100kb", "100k"],
    ["100K", "100k"],
    ["1 Gi", "1Gi"],
    ["1,5Gi", "1.5Gi"],
    ["1_000_000", "1000000"],
    ["2 cpus", "2"],
    ["500b", "500"],
    ["half", undefined],
    ["", undefined],
    ["1.5.Gi", undefined]
  ])("%j is most likely meant as %s", (text, meant) => {
    assert.strictEqual(suggestQuantity(text), meant)
  })
})
