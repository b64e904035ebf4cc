import * as Duration from "effect/Duration"
import type { RunRecord } from "./RunRecord.ts"
import { type Bar, outcomeWords, stepOfAxis, timelineOf } from "./timeline.ts"
import { oneLine, printable } from "../text/printable.ts"
import { seconds } from "../text/seconds.ts"
import { headingOf } from "./headingOf.ts"
import { shortened } from "../text/shortened.ts"

const width = 960
const rowHeight = 22
const barHeight = 14
const margin = { left: 280, right: 130, top: 52, bottom: 34 }
const plotWidth = width - margin.left - margin.right
/** Of the font's digits, about: as wide as 7 units at its size. */
const longestName = 38

const colors = {
  done: "#1565c0",
  failed: "#b71c1c",
  unfinished: "#e08a3c",
  "not begun": "#bbb",
  "rolled back": "#90a4ae"
} as const

/** A run's steps as bars over its time, as a picture. The same run gives the same picture. */
export const timelineSvg = (run: RunRecord): string => {
  const { bars, millis } = timelineOf(run)
  const rows = Math.max(1, bars.length)
  const bottom = margin.top + rows * rowHeight
  const height = bottom + margin.bottom
  const x = (at: number) => margin.left + (at / millis) * plotWidth
  const step = stepOfAxis(millis, 8)
  const marks = Array.from({ length: Math.floor(millis / step) + 1 }, (_, index) => index * step)
  const used = Object.keys(colors).filter((name) => bars.some((bar) => outcomeWords(bar) === name))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(headingOf(run))}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(12, 20, headingOf(run), `font-size="14"`),
    ...used.flatMap((name, index) => [
      `<rect x="${12 + index * 110}" y="30" width="10" height="10" fill="${colorOf(name)}"/>`,
      text(26 + index * 110, 39, name, `fill="#555"`)
    ]),
    ...marks.flatMap((mark) => [
      `<line x1="${number(x(mark))}" y1="${margin.top}" x2="${number(x(mark))}" y2="${bottom}" stroke="#e5e5e5"/>`,
      text(x(mark), bottom + 18, markText(mark, step), `text-anchor="middle" fill="#555"`)
    ]),
    `<line x1="${margin.left}" y1="${bottom}" x2="${width - margin.right}" y2="${bottom}" stroke="#888"/>`,
    ...(bars.length === 0 ? [text(margin.left + 8, margin.top + 15, "no step was planned", `fill="#555"`)] : []),
    ...bars.flatMap((bar, index) => rowOf(bar, margin.top + index * rowHeight, x)),
    "</svg>",
    ""
  ].join("\n")
}

const rowOf = (bar: Bar, top: number, x: (at: number) => number): ReadonlyArray<string> => {
  const words = outcomeWords(bar)
  const name = text(margin.left - 8, top + 15, shortened(bar.id, longestName), `text-anchor="end"`)
  const title = `<title>${escaped(oneLine(`${bar.text}, because ${bar.cause}`))}</title>`
  if (bar.span === undefined) return ["<g>", title, name, text(margin.left + 4, top + 15, words, `fill="#888"`), "</g>"]
  const from = x(bar.span.beganMillis)
  const to = Math.max(from + 1, x(bar.span.endedMillis))
  const took = seconds(Duration.millis(bar.span.endedMillis - bar.span.beganMillis))
  return [
    "<g>",
    title,
    name,
    `<rect x="${number(from)}" y="${top + (rowHeight - barHeight) / 2}" width="${number(to - from)}" height="${barHeight}" fill="${colorOf(words)}"/>`,
    text(to + 5, top + 15, words === "done" ? took : `${took}, ${words}`, `fill="#333"`),
    "</g>"
  ]
}

const colorOf = (name: string): string => (name in colors ? colors[name as keyof typeof colors] : colors.unfinished)

/** `0 s`, `2.5 s`, `200 ms`: as exact as the step between two marks. */
const markText = (millis: number, step: number): string =>
  step < 100 ? `${millis} ms` : step < 1000 ? `${(millis / 1000).toFixed(1)} s` : `${Math.round(millis / 1000)} s`

const number = (value: number): string => `${Math.round(value * 10) / 10}`

const text = (x: number, y: number, content: string, attributes = ""): string =>
  `<text x="${number(x)}" y="${number(y)}"${attributes === "" ? "" : ` ${attributes}`}>${escaped(content)}</text>`

/** Names of other people's: they may be no markup, and XML has no control characters. */
const escaped = (content: string): string =>
  printable(content).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
