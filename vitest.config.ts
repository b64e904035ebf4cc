import { defineConfig } from "vitest/config"

/** Where a machine-readable report is wanted as well. */
const report = process.env["SLIPWAY_TEST_REPORT"]

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/engine/setup.ts"],
    testTimeout: 60_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]]
  }
})
