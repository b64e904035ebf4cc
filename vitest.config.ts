import { availableParallelism } from "node:os"
import { relative } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { engineUnderTest, searchPath } from "./test/engine/engines.ts"

/** Where a machine-readable report is wanted as well. */
const report = process.env["SLIPWAY_TEST_REPORT"]

/** They take minutes, or a good part of one: the longest first. */
const long = [
  "test/startup/crashes.test.ts",
  "test/release/executable.test.ts",
  "test/simulation/trial/Trial.test.ts",
  "test/startup/podCrashes.test.ts",
  "test/simulation/week/Week.test.ts",
  "test/declaration/Hostile.test.ts",
  "test/library.test.ts",
  "test/plan/planLaws.test.ts",
  "test/startup/retireImages.test.ts"
]
const engine = "test/engine/**/*.test.ts"

/**
 * What is long begins early, so that nothing runs alone at the end, and side by side with what waits for an engine. The rest,
 * whose workers go from file to file, comes last: a worker that meets a file with a process of its own ends.
 */
class LongOnesFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    // oxlint-disable-next-line unicorn/no-array-sort -- a method of the sequencer
    const sorted = await super.sort(files)
    const of = (name: string) => sorted.filter(({ project }) => project.name === name)
    const place = ({ moduleId }: TestSpecification) => long.indexOf(relative(import.meta.dirname, moduleId))
    const longest = of("long").toSorted((one, other) => place(one) - place(other))
    const share = (among: ReadonlyArray<TestSpecification>) =>
      among.map((file, index) => ({ file, at: index / among.length }))
    const mixed = [...share(longest), ...share(of("engine"))].toSorted((one, other) => one.at - other.at)
    return [...mixed.map(({ file }) => file), ...of("code")]
  }
}

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "engine", include: [engine], globalSetup: ["test/engine/setup.ts"] } },
      { extends: true, test: { name: "long", include: long } },
      // They leave nothing behind in their process, and each would take longer to load the program than to test it.
      {
        extends: true,
        test: { name: "code", include: ["test/**/*.test.ts"], exclude: [engine, ...long], isolate: false }
      }
    ],
    sequence: { sequencer: LongOnesFirst },
    // The docker client of the engine that is tested.
    env: { PATH: searchPath(engineUnderTest()) },
    // Half of the tests wait for an engine.
    maxWorkers: availableParallelism() + 1,
    // For what would never end. How long something takes is not judged by time: the machine may be slow, or busy.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]]
  }
})
