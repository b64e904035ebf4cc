import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { engineUnderTest, searchPath } from "./test/engine/engines.ts"

/** Where a machine-readable report is wanted as well. */
const report = process.env["SLIPWAY_TEST_REPORT"]

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The docker client of the engine that is tested.
    env: { PATH: searchPath(engineUnderTest()) },
    globalSetup: ["test/engine/setup.ts"],
    // One more than the default, which leaves a core to the terminal: half of the tests wait for an engine.
    maxWorkers: availableParallelism(),
    // For what would never end. How long something takes is not judged by time: the machine may be slow, or busy.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]]
  }
})
