import { inSeconds, percentile } from "../fleet/percentile.ts"
import type { TrialResult } from "./Trial.ts"

/** A summary of many trials: boots, faults by kind, runs, time to running, violations. */
export class TrialSummary {
  private boots = 0
  private runs = 0
  private calls = 0
  private longest = 0
  private readonly faults = new Map<string, number>()
  private readonly times: Array<number> = []
  readonly failed: Array<TrialResult> = []

  add(result: TrialResult): void {
    this.boots += 1
    this.runs += result.runs
    this.calls += result.calls
    this.longest = Math.max(this.longest, result.longestRunMillis)
    for (const [kind, count] of Object.entries(result.faults))
      this.faults.set(kind, (this.faults.get(kind) ?? 0) + count)
    this.times.push(result.tookMillis)
    if (result.violations.length > 0) this.failed.push(result)
  }

  get text(): string {
    const injected = [...this.faults.values()].reduce((sum, count) => sum + count, 0)
    const kinds = [...this.faults].toSorted().map(([kind, count]) => `${kind} ${count}`)
    const sorted = this.times.toSorted((a, b) => a - b)
    const at = (part: number) => inSeconds(percentile(sorted, part) ?? 0)
    return [
      `boots              ${this.boots}`,
      `faults injected    ${injected}${kinds.length === 0 ? "" : ` (${kinds.join(", ")})`}`,
      `runs, calls        ${this.runs}, ${this.calls}`,
      `time to running    p50 ${at(0.5)}, p99 ${at(0.99)} (virtual)`,
      `longest run        ${inSeconds(this.longest)} (virtual)`,
      `violations         ${this.failed.length}`,
      ...this.failed.slice(0, 20).map(({ seed, violations }) => `  seed ${seed}: ${violations.join("; ")}`)
    ].join("\n")
  }
}
