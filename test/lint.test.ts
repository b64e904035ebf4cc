import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("..", import.meta.url))

/** A file that imports something and uses it. */
const importing = (...specifiers: ReadonlyArray<string>) =>
  [
    ...specifiers.map((specifier, index) => `import * as M${index} from "${specifier}"`),
    `export const used = [${specifiers.map((_, index) => `M${index}`).join(", ")}]`,
    ""
  ].join("\n")

const forbidden: Readonly<Record<string, string>> = {
  "src/declaration/ReadsFiles.ts": importing("node:fs"),
  "src/declaration/KnowsTheVm.ts": importing("../vm/Mounts.ts"),
  "src/declaration/WholeEffect.ts": importing("effect"),
  "src/vm/KnowsTheFlow.ts": importing("../startup/startup.ts"),
  "src/vm/KnowsTheSimulation.ts": importing("../simulation/SimulatedVm.ts"),
  "src/declaration/SpeaksToTheEngine.ts": importing("dockerode"),
  "src/declaration/KnowsTheCommands.ts": importing("../cli/up.ts"),
  "src/vm/ReadsYaml.ts": importing("yaml"),
  "src/vm/KnowsTheCommands.ts": importing("../cli/up.ts"),
  "src/vm/ImportsTheExecutable.ts": importing("../bin.ts"),
  "src/startup/SpeaksToTheEngine.ts": importing("dockerode"),
  "src/startup/ReadsYaml.ts": importing("yaml"),
  "src/startup/ImportsTheExecutable.ts": importing("../bin.ts"),
  "src/simulation/SpeaksToTheEngine.ts": importing("dockerode"),
  "src/simulation/KnowsTheCommands.ts": importing("../cli/up.ts"),
  "src/cli/SpeaksToTheEngine.ts": importing("dockerode"),
  "src/cli/ReadsYaml.ts": importing("yaml"),
  "src/testing.ts": importing("./bin.ts"),
  "src/vm/SpeaksToTheEngine.ts": importing("dockerode"),
  "src/vm/KnowsThePlatform.ts": importing("@effect/platform-node/NodeServices"),
  "src/startup/KnowsTheCommands.ts": importing("../cli/up.ts"),
  "src/startup/KnowsTheSimulation.ts": importing("../simulation/SimulatedVm.ts"),
  "src/startup/BuildsLayers.ts":
    'import { Mounts } from "../vm/Mounts.ts"\n\nexport const services = { mounts: Mounts.layer }\n',
  "src/startup/WallClock.ts": 'import * as Clock from "effect/Clock"\n\nexport const began = Clock.currentTimeMillis\n',
  "src/startup/WallClockSchedule.ts":
    'import * as Schedule from "effect/Schedule"\n\nexport const budget = Schedule.upTo({ duration: "5 minutes" })\n',
  "src/cli/WallClock.ts": "export const began = () => Date.now()\n",
  "src/startup/TooNew.ts": "export const grouped = Map.groupBy([1, 2], (number) => number % 2)\n",
  "src/simulation/KnowsTheFlow.ts": importing("../startup/startup.ts"),
  "src/simulation/RealWorld.ts": importing("node:child_process"),
  "src/cli/ImportsTheExecutable.ts": importing("../bin.ts"),
  "src/cli/BuildsThePlatform.ts": importing("@effect/platform-node/NodeServices"),
  "src/cli/TooNew.ts": "export const grouped = Object.groupBy([1, 2], String)\n",
  "src/index.ts": importing("./bin.ts")
}

const allowed: Readonly<Record<string, string>> = {
  "src/bin.ts": importing("./cli/up.ts", "./vm/Mounts.ts", "@effect/platform-node/NodeServices"),
  "src/declaration/Reads.ts": importing("effect/Effect", "yaml", "./Other.ts"),
  "src/vm/DockerClient.ts": importing("effect/Effect", "dockerode", "../declaration/Reads.ts"),
  "src/startup/startup.ts": importing("effect/Effect", "../vm/DockerClient.ts", "../declaration/Reads.ts"),
  "src/simulation/SimulatedVm.ts": importing("effect/Effect", "../vm/DockerClient.ts"),
  "src/cli/up.ts": importing("effect/cli/Command", "../startup/startup.ts", "../simulation/SimulatedVm.ts")
}

describe("lint", () => {
  let directory = ""
  let refused: ReadonlyMap<string, ReadonlyArray<string>> = new Map()

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-lint-"))
    cpSync(join(root, ".oxlintrc.json"), join(directory, ".oxlintrc.json"))
    for (const [file, text] of Object.entries({ ...forbidden, ...allowed })) {
      mkdirSync(dirname(join(directory, file)), { recursive: true })
      writeFileSync(join(directory, file), text)
    }
    const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "json"], {
      cwd: directory,
      encoding: "utf8"
    })
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: ReadonlyArray<{ filename: string; code: string }>
    }
    refused = new Map(
      Object.keys({ ...forbidden, ...allowed }).map((file) => [
        file,
        diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code)
      ])
    )
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  for (const file of Object.keys(forbidden)) {
    it(`refuses ${file}`, () => {
      assert.lengthOf(refused.get(file) ?? [], 1)
      assert.match(refused.get(file)?.[0] ?? "", /no-restricted-(imports|properties)/)
    })
  }
  for (const file of Object.keys(allowed)) {
    it(`allows ${file}`, () => assert.deepStrictEqual(refused.get(file), []))
  }

  it("finds nothing in the sources as they are", () => {
    const { status, stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--deny-warnings", "src"], {
      cwd: root,
      encoding: "utf8"
    })
    assert.strictEqual(status, 0, stdout)
  })
})
