import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { documents, locate, withTables } from "../scripts/docs.ts"
import { exitCodes } from "../src/cli/output/exitCodes.ts"
import { upFlags } from "../src/cli/settings/flags.ts"
import { settingTable } from "../src/cli/settings/settingTable.ts"

const readme = readFileSync(locate("README.md"), "utf8")

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

describe("the documents", () => {
  for (const document of documents) {
    it(`${document} has its tables as the code has them (npm run docs writes them)`, () => {
      const text = readFileSync(locate(document), "utf8")
      assert.strictEqual(text, withTables(text))
    })
  }

  it("have a table of the settings and one of the deadlines", () => {
    const settings = readFileSync(locate("docs/settings.md"), "utf8")
    for (const name of Object.keys(upFlags) as ReadonlyArray<keyof typeof upFlags>) {
      assert.include(settings, `| \`${settingTable[name].variable}\` |`)
    }
    assert.include(settings, "| `SLIPWAY_PULL_STALL_TIMEOUT` |")
  })

  it("have each exit code", () => {
    const codes = rows.flatMap(([codes = ""]) => (/^[\d, ]+$/.test(codes) ? codes.split(", ").map(Number) : []))
    assert.sameMembers(codes, Object.values(exitCodes))
  })
})
