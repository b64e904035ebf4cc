import { existsSync, readdirSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { renderProblem } from "../../src/declaration/DeclarationInvalid.ts"
import type { Dialect } from "../../src/workload/Dialect.ts"

/**
 * Declarations as people write them: each a file in this folder, taken from a report or written after one, without
 * anybody's names and secrets. What begins with `refused-` cannot be used, in either dialect. What is to become of
 * NAME.yaml stands in `expected/NAME.json` as it is read under konlet's key, and in `expected/slipway/NAME.json` as it
 * is read elsewhere, where that differs. A new fixture, or a message that changes on purpose: `npm run fixtures` writes
 * both anew; then read the diff, which is the test.
 */
export const fixtureFolder = new URL("../fixtures/declarations/", import.meta.url)

export interface Fixture {
  readonly file: string
  readonly text: string
}

export const fixtures: ReadonlyArray<Fixture> = readdirSync(fixtureFolder, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => ({ file: name, text: readFileSync(new URL(name, fixtureFolder), "utf8") }))

/** Where the expectation of a fixture is kept. */
export const expectationOf = ({ file }: Fixture, dialect: Dialect): URL =>
  new URL(`expected/${dialect === "slipway" ? "slipway/" : ""}${file.replace(/\.\w+$/, ".json")}`, fixtureFolder)

/** What is to become of a fixture: its workload, or its problems, and its warnings, as an operator reads them. */
export const expected = (fixture: Fixture, dialect: Dialect): unknown => {
  const own = expectationOf(fixture, dialect)
  return JSON.parse(readFileSync(existsSync(own) ? own : expectationOf(fixture, "konlet"), "utf8"))
}

/** What becomes of a declaration, in the form of the expectations. */
export const outcome = (fixture: Fixture, dialect: Dialect): Readonly<Record<string, unknown>> => {
  const decoded = decodeDeclaration({ ...fixture, dialect })
  const found = Result.isSuccess(decoded)
    ? { workload: decoded.success.workload, warnings: decoded.success.warnings.map(renderLines) }
    : { problems: decoded.failure.problems.map(renderLines), warnings: decoded.failure.warnings.map(renderLines) }
  return JSON.parse(JSON.stringify(found)) as Readonly<Record<string, unknown>>
}

const renderLines = (problem: Parameters<typeof renderProblem>[0]): ReadonlyArray<string> =>
  renderProblem(problem).split("\n")
