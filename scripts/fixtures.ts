/**
 * Writes anew what is expected of the fixtures of declarations: `npm run fixtures`. Read the diff afterwards: it is
 * the test. The hashes of workloads are not written: one that changes replaces containers on every VM.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import { expectationOf, fixtures, outcome } from "../test/declaration/Fixtures.ts"

const write = (url: URL, value: unknown) => writeFileSync(url, `${JSON.stringify(value, null, 2)}\n`)

for (const fixture of fixtures) {
  const konlets = outcome(fixture, "konlet")
  const ours = outcome(fixture, "slipway")
  const url = expectationOf(fixture, "konlet")
  const isCurrent = existsSync(url) && isDeepStrictEqual(JSON.parse(readFileSync(url, "utf8")), konlets)
  if (!isCurrent) write(url, konlets)
  const own = expectationOf(fixture, "slipway")
  if (isDeepStrictEqual(ours, konlets)) rmSync(own, { force: true })
  else if (!existsSync(own) || !isDeepStrictEqual(JSON.parse(readFileSync(own, "utf8")), ours)) write(own, ours)
}
