import { readdirSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { renderProblem } from "../../src/declaration/DeclarationInvalid.ts"

const folder = new URL("../fixtures/declarations/", import.meta.url)

export interface Fixture {
  readonly file: string
  readonly text: string
}

/** Declarations as people write them; what begins with `refused-` cannot be used. */
export const fixtures: ReadonlyArray<Fixture> = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => ({ file: name, text: readFileSync(new URL(name, folder), "utf8") }))

/** What is to become of a fixture: its workload, or its problems, and its warnings, as an operator reads them. */
export const expected = ({ file }: Fixture): unknown =>
  JSON.parse(readFileSync(new URL(`expected/${file.replace(/\.\w+$/, ".json")}`, folder), "utf8"))

/** What becomes of a declaration, in the form of the expectations. */
export const outcome = (fixture: Fixture): unknown => {
  const decoded = decodeDeclaration(fixture)
  const found = Result.isSuccess(decoded)
    ? { workload: decoded.success.workload, warnings: decoded.success.warnings.map(renderLines) }
    : { problems: decoded.failure.problems.map(renderLines), warnings: decoded.failure.warnings.map(renderLines) }
  return JSON.parse(JSON.stringify(found))
}

const renderLines = (problem: Parameters<typeof renderProblem>[0]): ReadonlyArray<string> =>
  renderProblem(problem).split("\n")
