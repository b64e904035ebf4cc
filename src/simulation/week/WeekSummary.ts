import type { Outage } from "./outages.ts"
import type { WeekResult } from "./Week.ts"

/** A summary of the days of one VM, or of many: what happened, what was done, what was down and why, what did not hold. */
export class WeekSummary {
  private lives = 0
  private millis = 0
  private runs = 0
  private idleLooks = 0
  private switches = 0
  private readonly events = new Map<string, number>()
  private readonly outages: Array<Outage> = []
  private readonly tries = new Map<string, { tries: number; most: number; forMillis: number }>()
  readonly failed: Array<Pick<WeekResult, "seed" | "violations">> = []

  add(result: WeekResult): void {
    this.lives += 1
    this.millis += result.millis
    this.runs += result.runs
    this.idleLooks += result.idleLooks
    this.switches += result.switches
    for (const [kind, count] of Object.entries(result.events))
      this.events.set(kind, (this.events.get(kind) ?? 0) + count)
    this.outages.push(...result.outages)
    for (const { title, tries, most, forMillis } of result.tries) {
      const sum = this.tries.get(title) ?? { tries: 0, most: 0, forMillis: 0 }
      this.tries.set(title, {
        tries: sum.tries + tries,
        most: sum.most + most,
        forMillis: sum.forMillis + forMillis
      })
    }
    if (result.violations.length > 0) this.failed.push({ seed: result.seed, violations: result.violations })
  }

  get text(): string {
    const happened = [...this.events.values()].reduce((sum, count) => sum + count, 0)
    const kinds = [...this.events]
      .toSorted(([, one], [, other]) => other - one)
      .map(([kind, count]) => `${count} × ${kind}`)
    const violations = this.failed.reduce((sum, { violations }) => sum + violations.length, 0)
    return [
      `lived                ${this.lives === 1 ? "" : `${this.lives} VMs, `}${(this.millis / day).toFixed(1)} days (virtual)`,
      `happened             ${happened}${kinds.length === 0 ? "" : ` (${kinds.join(", ")})`}`,
      `runs                 ${this.runs}, of which ${this.idleLooks} found the VM as declared`,
      `switches             ${this.switches}`,
      ...this.outageLines(),
      ...[...this.tries].map(
        ([title, { tries, most, forMillis }], index) =>
          `${index === 0 ? "tries of what fails" : ""}`.padEnd(21) +
          `${title}: ${tries} in ${durationText(forMillis)}, at most ${most} were due`
      ),
      `violations           ${violations}`,
      ...this.failed
        .slice(0, 20)
        .flatMap(({ seed, violations }) => violations.slice(0, 10).map((text) => `  seed ${seed}: ${text}`))
    ].join("\n")
  }

  /** By cause, the longest total first. */
  private outageLines(): ReadonlyArray<string> {
    const byCause = new Map<string, Array<number>>()
    for (const { cause, from, to } of this.outages) byCause.set(cause, [...(byCause.get(cause) ?? []), to - from])
    const sum = (all: ReadonlyArray<number>) => all.reduce((total, one) => total + one, 0)
    const unexplained = this.outages.map(({ unexplainedMillis }) => unexplainedMillis).filter((millis) => millis > 0)
    const rows = [...byCause].map(([cause, all]) => [cause, all] as const)
    return [
      `${"outages".padEnd(21)}${row("cause", "count", "total", "longest")}`,
      ...[
        ...rows.toSorted(([, one], [, other]) => sum(other) - sum(one)),
        ["without a cause", unexplained] as const
      ].map(
        ([cause, all]) =>
          "".padEnd(21) +
          row(cause, `${all.length}`, durationText(sum(all)), all.length === 0 ? "" : durationText(Math.max(...all)))
      )
    ]
  }
}

const day = 86_400_000

const row = (cause: string, ...others: ReadonlyArray<string>): string =>
  `${cause.padEnd(22)}${others.map((text) => text.padStart(10)).join("")}`

/** `12.3 s`, `4.5 min`, `6.7 h` */
const durationText = (millis: number): string => {
  if (millis < 120_000) return `${(millis / 1_000).toFixed(1)} s`
  return millis < 7_200_000 ? `${(millis / 60_000).toFixed(1)} min` : `${(millis / 3_600_000).toFixed(1)} h`
}
