import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type EngineKind, engines, enginesFolder, searchPath } from "../../test/engine/engines.ts"

/**
 * Runs the engine tests on each engine in turn, or on those that are named, and prints a table. Engines that are not there
 * yet are prepared in `SLIPWAY_ENGINES`. The exit code is 0 only where all of them ran and all tests passed.
 */
const root = fileURLToPath(new URL("../..", import.meta.url))

/** These need a machine, but speak to no engine. */
const withoutEngine = new Set(["host", "singleExecutable", "unit"])
const all = readdirSync(join(root, "test/engine"))
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => basename(file, ".test.ts"))
  .filter((suite) => !withoutEngine.has(suite))

/** Podman is for ordinary use: what goes wrong between an engine and us is tried on Docker. */
const ordinary = new Set(["docker", "startup", "up", "image", "failedStart"])
const suitesOf = ({ serves }: EngineKind) => (serves === "podman" ? all.filter((suite) => ordinary.has(suite)) : all)

/** What came of an engine's tests, suite by suite; or why there were none. */
type Outcome =
  | { readonly _tag: "Ran"; readonly version: string; readonly suites: ReadonlyMap<string, Counts> }
  | { readonly _tag: "NotRun"; readonly reason: string }
interface Counts {
  readonly passed: number
  readonly failed: ReadonlyArray<string>
}

/** The part of the test runner's report that is used. */
interface TestReport {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>
  }>
}

const prepare = ({ prepared }: EngineKind): string | undefined => {
  if (prepared === undefined) return undefined
  const script = join(root, "scripts/engines/prepare.sh")
  const { status, stderr, error } = spawnSync(script, [enginesFolder(), prepared], { encoding: "utf8" })
  process.stderr.write(stderr ?? "")
  if (status === 0) return undefined
  return (
    error?.message ??
    stderr
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^prepare\.sh: /, "") ??
    `it ended with ${status}`
  )
}

const versionOf = (kind: EngineKind): string => {
  const program = kind.serves === "podman" ? "podman" : "dockerd"
  const env = { ...process.env, PATH: searchPath(kind) }
  const { stdout } = spawnSync(program, ["--version"], { env, encoding: "utf8" })
  return /\d+\.\d+\.\d+/.exec(stdout ?? "")?.[0] ?? "?"
}

const test = (kind: EngineKind, report: string): Outcome => {
  const failure = prepare(kind)
  if (failure !== undefined) return { _tag: "NotRun", reason: failure }
  console.log(`\n${kind.title} (${versionOf(kind)})`)
  spawnSync("npx", ["vitest", "run", ...suitesOf(kind).map((suite) => `test/engine/${suite}.test.ts`)], {
    cwd: root,
    env: { ...process.env, SLIPWAY_ENGINE: kind.name, SLIPWAY_REQUIRE_ENGINE: "1", SLIPWAY_TEST_REPORT: report },
    stdio: "inherit"
  })
  if (!existsSync(report)) return { _tag: "NotRun", reason: "the tests did not come to an end: see above" }
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as TestReport
  const counts = testResults.map(({ name, status, message, assertionResults }): readonly [string, Counts] => {
    const failed = assertionResults.filter(({ status }) => status !== "passed").map(({ fullName }) => fullName)
    // A file that fails as a whole has no tests.
    if (status !== "passed" && failed.length === 0) failed.push(message ?? "the file as a whole")
    return [basename(name, ".test.ts"), { passed: assertionResults.length - failed.length, failed }]
  })
  return { _tag: "Ran", version: versionOf(kind), suites: new Map(counts) }
}

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

const cell = (counts: Counts | undefined): string =>
  counts === undefined ? "-" : `${counts.passed}/${counts.passed + counts.failed.length}`

const named = process.argv.slice(2)
const unknown = named.filter((name) => !engines.some((kind) => kind.name === name))
if (unknown.length > 0) {
  console.error(`no engine is called ${unknown.join(", ")}; there are ${engines.map(({ name }) => name).join(", ")}`)
  process.exit(64)
}
const directory = mkdtempSync(join(tmpdir(), "slipway-engines-"))
const outcomes = engines
  .filter(({ name }) => named.length === 0 || named.includes(name))
  .map((kind) => [kind, test(kind, join(directory, `${kind.name}.json`))] as const)
rmSync(directory, { recursive: true })

console.log()
for (const [kind, outcome] of outcomes) {
  if (outcome._tag === "NotRun") continue
  for (const [suite, { failed }] of outcome.suites) {
    for (const name of failed) console.log(`failed on ${kind.name}, ${suite}: ${name}`)
  }
}
console.log(
  table([
    ["engine", "version", ...all],
    ...outcomes.map(([{ name }, outcome]) =>
      outcome._tag === "Ran"
        ? [name, outcome.version, ...all.map((suite) => cell(outcome.suites.get(suite)))]
        : [name, `not tested: ${outcome.reason}`]
    )
  ])
)
const isPassed = outcomes.every(
  ([, outcome]) => outcome._tag === "Ran" && [...outcome.suites.values()].every(({ failed }) => failed.length === 0)
)
process.exitCode = isPassed ? 0 : 1
