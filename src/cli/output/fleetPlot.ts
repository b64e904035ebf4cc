import { type FleetResult, fleetLimits } from "../../simulation/fleet/Fleet.ts"
import { intervalsPerSecond } from "../../simulation/network/SimulatedNetwork.ts"

const width = 860
const height = 320
const margin = { left: 60, right: 16, top: 48, bottom: 44 }
const plotWidth = width - margin.left - margin.right
const plotHeight = height - margin.top - margin.bottom
/** Points of a line; more than these cannot be told apart. */
const columns = 280

/** A registry's requests from a fleet over time, as SVG: with jitter and without. */
export const fleetPlot = (spread: FleetResult, inStep: FleetResult): string => {
  const counts = [spread, inStep].map(({ registry }) => registry.perInterval)
  const length = Math.max(1, ...counts.map((values) => values.length))
  const perColumn = Math.max(1, Math.ceil(length / columns))
  const series = counts.map((values) => rates(values, length, perColumn))
  const highest = Math.max(10, fleetLimits.registryPerSecond, ...series.flat())
  const x = (interval: number) => margin.left + (interval / length) * plotWidth
  // Logarithmic: the first second has a hundred times the requests of any later one.
  const y = (rate: number) => margin.top + plotHeight * (1 - Math.log10(1 + rate) / Math.log10(1 + highest))
  const line = (values: ReadonlyArray<number>) =>
    values.map((rate, index) => `${x(index * perColumn).toFixed(1)},${y(rate).toFixed(1)}`).join(" ")
  const ticks = [10, 100, 1_000, 10_000, 100_000].filter((rate) => rate <= highest)
  const seconds = length / intervalsPerSecond
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].find((step) => seconds / step <= 12) ?? 5_000
  const times = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(margin.left, 20, `${spread.vms} VMs boot at once: requests a second at their registry`, `font-size="14"`),
    text(margin.left, 38, "with jitter between retries", `fill="${colors.spread}"`),
    text(margin.left + 270, 38, "without", `fill="${colors.inStep}"`),
    text(margin.left + 350, 38, `its limit, ${fleetLimits.registryPerSecond}`, `fill="${colors.limit}"`),
    ...ticks.flatMap((rate) => [
      rule(margin.left, y(rate), width - margin.right, y(rate), "#ddd"),
      text(margin.left - 6, y(rate) + 4, `${rate}`, `text-anchor="end"`)
    ]),
    ...times.map((time) =>
      text(x(time * intervalsPerSecond), height - margin.bottom + 18, `${time} s`, `text-anchor="middle"`)
    ),
    rule(margin.left, margin.top + plotHeight, width - margin.right, margin.top + plotHeight, "#888"),
    rule(
      margin.left,
      y(fleetLimits.registryPerSecond),
      width - margin.right,
      y(fleetLimits.registryPerSecond),
      colors.limit,
      `stroke-dasharray="4 4"`
    ),
    `<polyline fill="none" stroke="${colors.inStep}" points="${line(series[1]!)}"/>`,
    `<polyline fill="none" stroke="${colors.spread}" stroke-width="1.6" points="${line(series[0]!)}"/>`,
    "</svg>",
    ""
  ].join("\n")
}

const colors = { spread: "#1565c0", inStep: "#e08a3c", limit: "#b71c1c" } as const

/** Each column's requests per second, in its busiest interval. */
const rates = (perInterval: ReadonlyArray<number>, length: number, perColumn: number): ReadonlyArray<number> =>
  Array.from({ length: Math.ceil(length / perColumn) }, (_, column) =>
    Math.max(
      0,
      ...perInterval.slice(column * perColumn, (column + 1) * perColumn).map((count) => count * intervalsPerSecond)
    )
  )

const text = (x: number, y: number, words: string, attributes: string) =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${words}</text>`

const rule = (x1: number, y1: number, x2: number, y2: number, color: string, attributes = "") =>
  `<line x1="${x1}" y1="${y1.toFixed(1)}" x2="${x2}" y2="${y2.toFixed(1)}" stroke="${color}" ${attributes}/>`
