import { appendFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { rehearsedSoftware } from "../src/cli/commands/rehearsedSoftware.ts"
import { runTrial } from "../src/simulation/trial/Trial.ts"
import { drawScene } from "../src/simulation/trial/TrialScene.ts"
import { TrialSummary } from "../src/simulation/trial/TrialSummary.ts"
import { runWeek } from "../src/simulation/week/Week.ts"
import { drawWeekScene } from "../src/simulation/week/WeekScene.ts"
import { WeekSummary } from "../src/simulation/week/WeekSummary.ts"
import { defaultSettings } from "../src/startup/Settings.ts"
import { startup } from "../src/startup/startup.ts"
import { attempt } from "../test/fuzz/violation.ts"
import { targets } from "../test/fuzz/targets.ts"

/**
 * Boots simulated VMs with random faults, lets agents live days of changes and faults, and feeds every decoder random
 * input, with fresh seeds for SOAK_SECONDS (300; Infinity goes on for ever). A seed that breaks a guarantee is printed
 * and added, with what it was drawn with, to test/fixtures/trial-regressions.txt or week-regressions.txt, which the
 * tests replay.
 */
const fixture = (name: string) => new URL(`../test/fixtures/${name}`, import.meta.url)
const seconds = Number(process.env["SOAK_SECONDS"] ?? 300)
const base = Date.now()
const end = base + seconds * 1000
const rates = [0.01, 0.05, 0.1, 0.2]
const summary = new TrialSummary()
const weeks = new WeekSummary()
/** Days, and episodes a day: most often a few dense hours. */
const weekKinds = [
  [0.15, 24],
  [0.15, 24],
  [0.15, 24],
  [0.15, 24],
  [1, 16],
  [0.15, 24],
  [0.15, 24],
  [0.15, 24],
  [7, 4]
] as const
let inputs = 0
const found: Array<string> = []

const report = (line: string) => {
  found.push(line)
  console.log(line)
}

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
      report(`${seed} ${rate}`)
      appendFileSync(fixture("trial-regressions.txt"), `${seed} ${rate}\n`)
    }
  }
  for (let step = 0; step < 3 && Date.now() < end; step++) {
    const seed = `${base}-${round}-${step}`
    const [days, episodesPerDay] = weekKinds[(round + step) % weekKinds.length]!
    const software = rehearsedSoftware(defaultSettings)
    const week = Effect.flatMap(drawWeekScene(seed), (scene) =>
      runWeek({ seed, days, episodesPerDay, scene, software })
    )
    const result = await Effect.runPromise(week)
    weeks.add(result)
    if (result.violations.length > 0) {
      report(`${seed} ${days} ${episodesPerDay}: ${result.violations.join("; ")}`)
      appendFileSync(fixture("week-regressions.txt"), `${seed} ${days} ${episodesPerDay}\n`)
    }
  }
  for (const target of targets) {
    for (let iteration = 0; iteration < 5; iteration++) {
      inputs += 1
      const { violation } = await Effect.runPromise(attempt(target, base + round, iteration))
      if (violation !== undefined) report(violation)
    }
  }
}

console.log(summary.text)
console.log(`decoder inputs     ${inputs}`)
console.log(`\n${weeks.text}`)
for (const line of found) console.log(line)
process.exitCode = found.length === 0 ? 0 : 1
