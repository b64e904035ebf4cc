import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { exitCodes } from "../src/cli/output/exitCode.ts"
import { logFormats } from "../src/cli/settings/logging.ts"
import { upFlags } from "../src/cli/settings/settings.ts"
import { deadlineTable } from "../src/timing/Deadlines.ts"

const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8")

/** `4 min`, as the tables have it. */
const words = (duration: Duration.Duration): string => {
  const seconds = Duration.toSeconds(duration)
  return seconds >= 120 || seconds === 60 ? `${seconds / 60} min` : `${seconds} s`
}

/** The tables' cells, row by row. */
const rows = readme
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
  )

describe("the README", () => {
  it("has each flag of up, with its variable", () => {
    for (const name of Object.keys(upFlags)) {
      const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
      const variable = `SLIPWAY_${flag.toUpperCase().replaceAll("-", "_")}`
      const row = rows.find(([, cell]) => cell === `\`${variable}\``)
      assert.match(row?.[0] ?? "", new RegExp(`--(\\[no-\\])?${flag}\\b`), variable)
    }
    for (const format of logFormats) assert.include(readme, `\`${format}\``)
  })

  it("has each deadline, with its length", () => {
    const told = new Map(
      rows
        .flatMap(([name, length, , otherName, otherLength]) => [
          [name, length],
          [otherName, otherLength]
        ])
        .flatMap(([names = "", lengths = ""]) => {
          const found = names.match(/`[A-Z_]+`/g) ?? []
          const each = lengths.split(", ")
          return found.map((name, index): [string, string] => [name.slice(1, -1), each[index] ?? each[0] ?? ""])
        })
    )
    for (const [name, duration] of Object.entries(deadlineTable)) {
      // 60 s is also 1 min.
      const length = told.get(name)?.replace("60 s", "1 min") ?? ""
      assert.isTrue(length === words(duration) || length.startsWith(`${words(duration)} `), `${name}: ${length}`)
    }
  })

  it("has each exit code", () => {
    const told = rows.flatMap(([codes = ""]) => (/^[\d, ]+$/.test(codes) ? codes.split(", ").map(Number) : []))
    assert.sameMembers(told, Object.values(exitCodes))
  })
})
