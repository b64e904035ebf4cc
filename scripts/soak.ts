import { appendFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { runTrial } from "../src/simulation/trial/Trial.ts"
import { drawScene } from "../src/simulation/trial/TrialScene.ts"
import { TrialSummary } from "../src/simulation/trial/TrialSummary.ts"
import { defaultSettings } from "../src/startup/Settings.ts"
import { startup } from "../src/startup/startup.ts"
import { attempt } from "../test/fuzz/violation.ts"
import { targets } from "../test/fuzz/targets.ts"

/**
 * Boots simulated VMs with random faults, and feeds every decoder random input, with fresh seeds for SOAK_SECONDS (300).
 * A seed that breaks a guarantee is printed and added, with its rate, to test/fixtures/trial-regressions.txt, which the
 * tests replay.
 */
const regressions = new URL("../test/fixtures/trial-regressions.txt", import.meta.url)
const seconds = Number(process.env["SOAK_SECONDS"] ?? 300)
const base = Date.now()
const end = base + seconds * 1000
const rates = [0.01, 0.05, 0.1, 0.2]
const summary = new TrialSummary()
let inputs = 0
const found: Array<string> = []

for (let round = 0; Date.now() < end; round++) {
  for (let step = 0; step < 50; step++) {
    const seed = `${base}-${round}-${step}`
    const rate = rates[step % rates.length]!
    const trial = Effect.flatMap(drawScene(seed), (scene) =>
      runTrial({ ...scene, seed, rate, boot: startup(defaultSettings) })
    )
    const result = await Effect.runPromise(trial)
    summary.add(result)
    if (result.violations.length > 0) {
      found.push(`${seed} ${rate}`)
      appendFileSync(regressions, `${seed} ${rate}\n`)
    }
  }
  for (const target of targets) {
    for (let iteration = 0; iteration < 5; iteration++) {
      inputs += 1
      const { violation } = await Effect.runPromise(attempt(target, base + round, iteration))
      if (violation !== undefined) found.push(violation)
    }
  }
}

console.log(summary.text)
console.log(`decoder inputs     ${inputs}`)
for (const line of found) console.log(line)
process.exitCode = found.length === 0 ? 0 : 1
