import { globSync, readFileSync, writeFileSync } from "node:fs"
import { rooms } from "../oxlint.config.ts"
import { deadlineSettings, settingTable } from "../src/cli/settings/settingTable.ts"
import type { Setting } from "../src/cli/settings/Setting.ts"
import { DaysJson } from "../src/cli/output/daysJson.ts"
import { GuestStatus } from "../src/record/GuestStatus.ts"
import { metrics } from "../src/record/metrics.ts"
import { RunJson, TimelineJson } from "../src/record/runJson.ts"
import { Status } from "../src/record/Status.ts"
import { StatusNow } from "../src/record/StatusNow.ts"
import { fateSections, keySections } from "./declarationPage.ts"
import { code, table } from "./markdown.ts"
import { keyTable } from "./statusPage.ts"

/** The documents that have tables made of the code. */
export const documents = [
  "docs/settings.md",
  "docs/architecture.md",
  "docs/declaration.md",
  "docs/status.md",
  "docs/testing.md",
  "docs/telemetry.md"
] as const

export const locate = (document: string) => new URL(`../${document}`, import.meta.url)

/** A value is code, a phrase is not. */
const shownDefault = (text: string) => (/ /.test(text) || text === "yes" || text === "no" ? text : code(text))

const written = ({ flag, kind: { placeholder } }: Setting<unknown>): string => {
  if (flag === undefined) return ""
  if (placeholder === undefined) return code(`--[no-]${flag}`)
  return typeof placeholder === "string"
    ? code(`--${flag} ${placeholder}`)
    : `${code(`--${flag}`)} ${placeholder.map(code).join(", ")}`
}

/** How many rooms come before one: what imports them all says so in two words. */
const aboveOf = (name: string): number => Math.max(2, Object.keys(rooms).indexOf(name))

/** The names of the spans that a room makes. `*` stands for what is only known as it is made. */
const spansOf = (room: string): ReadonlyArray<string> => {
  if (room === "cli" || room === "simulation") return []
  const root = new URL("..", import.meta.url)
  const names = globSync(`src/${room}/**/*.ts`, { cwd: root }).flatMap((file) =>
    [...readFileSync(new URL(file, root), "utf8").matchAll(/(?:Effect\.fn\(|withSpan\()(?:"([^"]+)"|`([^`]+)`)/g)].map(
      ([, name, template = ""]) => name ?? template.replaceAll(/\$\{[^}]*\}/g, "*")
    )
  )
  return [...new Set(names)].toSorted()
}

const sections: Readonly<Record<string, string>> = {
  keys: keySections,
  fates: fateSections,
  statusNow: keyTable(StatusNow, "status"),
  status: keyTable(Status),
  guestStatus: keyTable(GuestStatus),
  runRecord: keyTable(RunJson, "declared", "running[]", "error"),
  timeline: keyTable(TimelineJson),
  days: keyTable(DaysJson),
  metrics: table(
    ["metric", "kind", "unit", "meaning"],
    Object.values(metrics).map(({ id, type, description, attributes }) => [
      code(id),
      type.toLowerCase(),
      code(String(Object(attributes)["unit"])),
      description ?? ""
    ])
  ),
  spans: table(
    ["room", "spans"],
    Object.keys(rooms).flatMap((room) => {
      const names = spansOf(room)
      return names.length === 0 ? [] : [[code(`${room}/`), names.map((name) => code(`slipway.${name}`)).join(", ")]]
    })
  ),
  settings: table(
    ["flag", "variable", "default", "what it does"],
    Object.values<Setting<unknown>>(settingTable).map((setting) => [
      written(setting),
      code(setting.variable),
      shownDefault(setting.default),
      setting.help
    ])
  ),
  deadlines: table(
    ["variable", "default"],
    deadlineSettings.map(([, { variable, default: shown }]) => [code(variable), shown])
  ),
  rooms: table(
    ["room", "what it holds", "imports"],
    Object.entries(rooms).map(([name, { holds, imports, packages }]) => [
      code(`${name}/`),
      holds,
      [...(imports.length === aboveOf(name) ? ["all above"] : imports), ...packages.map(code)].join(", ")
    ])
  )
}

/** A document with its tables as the code has them. */
export const withTables = (text: string): string =>
  text.replace(
    /(<!-- (\w+): made by `npm run docs` -->\n)[^]*?(<!-- end of \2 -->)/g,
    (whole, begin: string, name: string, end: string) => {
      const made = sections[name]
      return made === undefined ? whole : `${begin}\n${made}\n\n${end}`
    }
  )

if (import.meta.main) {
  for (const document of documents) {
    const url = locate(document)
    writeFileSync(url, withTables(readFileSync(url, "utf8")))
  }
}
