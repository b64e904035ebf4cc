import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { expectationOf, fixtureFolder, fixtures, outcome } from "../test/declaration/Fixtures.ts"

/** Writes what becomes of every fixture of a declaration as its expectation. What has changed is for the diff to show. */
mkdirSync(new URL("expected/slipway/", fixtureFolder), { recursive: true })
for (const fixture of fixtures) {
  const [konlet, slipway] = [outcome(fixture, "konlet"), outcome(fixture, "slipway")]
  const write = (file: URL, value: unknown) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
  write(expectationOf(fixture, "konlet"), konlet)
  const own = expectationOf(fixture, "slipway")
  if (isDeepStrictEqual(konlet, slipway)) rmSync(own, { force: true })
  else write(own, slipway)
}
