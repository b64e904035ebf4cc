import type { Outcome, Told } from "./Software.ts"
import type { WeekDeclaration } from "./WeekScene.ts"

/** Why something may be down, or may be touched. */
export type Cause =
  | "a switch"
  | "a bad declaration"
  | "the engine"
  | "a reboot"
  | "the registry"
  | "metadata"
  | "the disk"
  | "failing calls"
  | "the agent's death"
  | "a failing probe"
  | "an operator"

/** Something that happened to the VM, until a run found everything in order after it. */
export interface Disturbance {
  readonly cause: Cause
  readonly from: number
  /** When it was over by itself; infinite while it is not. */
  to: number
  /** When a run had found everything in order after it. */
  settledAt: number
  /** A tag moved, which only a run that asks the registries can find in order. */
  readonly isOfTags: boolean
  /** The containers that it befell, by their declared names. Empty: it is not of some alone. */
  readonly of: ReadonlyArray<string>
}

/** A run of the flow. */
export interface WeekRun {
  readonly by: "agent" | "up" | "down"
  readonly from: number
  to: number
  /** The number of the declaration that it read. */
  declaration: number | undefined
  switchedAt: number | undefined
  occasion: string
  /** `killed`: its process died; `cut`: a newer declaration interrupted it. */
  outcome: Outcome | "under way" | "killed" | "ended"
  /** Why it had something to do. */
  causes: ReadonlyArray<Cause>
}

/** Which declaration is in force, and since when: the last that came up. */
export interface Standing {
  readonly from: number
  readonly declaration: number
}

/** What is written down while a week is lived. */
export class WeekLog {
  readonly lines: Array<string> = []
  readonly violations: Array<string> = []
  readonly disturbances: Array<Disturbance> = []
  readonly runs: Array<WeekRun> = []
  readonly standings: Array<Standing> = []
  /** What was declared, and when. */
  readonly declared: Array<Standing> = []
  /** Times at which whoever waits for a change tries what failed again: changes, starts of the agent, somebody's wish. */
  readonly pokes: Array<number> = []
  /** What `down` has done by hand, which stays until somebody asks for what is declared. */
  readonly downs: Array<Disturbance> = []
  /** From when until when an agent was alive. */
  readonly agentLives: Array<{ readonly from: number; to: number }> = []
  /** Whether something is stopped, and is to be started again after a pause: nothing is in order before that. */
  isAwaiting: () => boolean = () => false
  readonly declarations: ReadonlyArray<WeekDeclaration>
  readonly #numbers: ReadonlyMap<string, number>
  readonly #seen = new Set<string>()

  constructor(declarations: ReadonlyArray<WeekDeclaration>, sha256Of: (text: string) => string) {
    this.declarations = declarations
    this.#numbers = new Map(declarations.map(({ text }, index) => [sha256Of(text ?? ""), index]))
  }

  say(now: number, text: string): void {
    this.lines.push(`${timeText(now)}  ${text}`)
  }
  /** The same is a violation once in an hour. */
  violate(now: number, text: string): void {
    const key = `${Math.floor(now / 3_600_000)} ${text}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.violations.push(`${timeText(now)} ${text}`)
    this.say(now, `VIOLATION: ${text}`)
  }

  disturb(
    now: number,
    cause: Cause,
    to = now,
    { isOfTags = false, of = [] }: Partial<Pick<Disturbance, "isOfTags" | "of">> = {}
  ): Disturbance {
    const disturbance: Disturbance = { cause, from: now, to, settledAt: Number.POSITIVE_INFINITY, isOfTags, of }
    this.disturbances.push(disturbance)
    return disturbance
  }
  /** What has happened and not been settled, the last first. */
  open(): ReadonlyArray<Disturbance> {
    const open: Array<Disturbance> = []
    for (let index = this.disturbances.length - 1; index >= 0 && index >= this.disturbances.length - 60; index--) {
      const one = this.disturbances[index]!
      if (one.settledAt === Number.POSITIVE_INFINITY) open.push(one)
    }
    return open
  }
  isDisturbed(): boolean {
    return this.open().length > 0
  }

  /** Whether a run is on its way. */
  isUnderWay(): boolean {
    return this.runs.slice(-8).some(({ outcome }) => outcome === "under way")
  }

  /** What a process tells. */
  told(now: number, by: WeekRun["by"], told: Told): void {
    const run = this.#openRun(by)
    switch (told._tag) {
      case "Read": {
        if (run?.switchedAt !== undefined) {
          this.violate(now, `a switch, begun at ${timeText(run.switchedAt)}, was cut in its middle`)
        }
        const reading = run ?? this.begin(now, by)
        reading.declaration = this.#numbers.get(told.sha256) ?? reading.declaration
        return
      }
      case "Switches":
        if (run !== undefined) run.switchedAt ??= now
        return
      case "Looked":
        return this.ended(now, run ?? this.begin(now, by), told)
    }
  }

  begin(now: number, by: WeekRun["by"]): WeekRun {
    const run: WeekRun = {
      by,
      from: now,
      to: Number.POSITIVE_INFINITY,
      declaration: undefined,
      switchedAt: undefined,
      occasion: by,
      outcome: "under way",
      causes: this.open().map(({ cause }) => cause)
    }
    this.runs.push(run)
    return run
  }

  ended(now: number, run: WeekRun, { occasion, outcome, detail, followsTags }: Looked): void {
    run.to = now
    run.occasion = occasion
    run.outcome = outcome
    if (run.by !== "down" && (outcome === "done" || outcome === "nothing declared")) this.#settle(now, run, followsTags)
    if (outcome === "done" && run.declaration !== undefined && run.by !== "down") {
      if (this.standings.at(-1)?.declaration !== run.declaration) {
        this.standings.push({ from: now, declaration: run.declaration })
      }
    }
    if (outcome === "left down") this.#leftDown(now)
    const isIdle = outcome === "done" && occasion === "TimePassed" && run.switchedAt === undefined
    if (!isIdle) this.say(now, `${run.by}: ${occasion} ${outcome}${detail === "" ? "" : `: ${detail}`}`)
  }

  /** Whether a `down` by hand may still be in force. */
  isDown(): boolean {
    return this.downs.some(({ settledAt }) => settledAt === Number.POSITIVE_INFINITY)
  }
  #leftDown(now: number): void {
    const down = this.downs.findLast(({ settledAt }) => settledAt === Number.POSITIVE_INFINITY)
    if (down === undefined) this.violate(now, "everything was left down, though nobody wants that")
    else down.to = Math.max(now, down.to)
  }

  agentStarts(now: number): void {
    this.agentLives.push({ from: now, to: Number.POSITIVE_INFINITY })
  }
  /** A process has died, and with it its unfinished run. */
  died(now: number, by: WeekRun["by"], outcome: "killed" | "ended"): void {
    const life = this.agentLives.at(-1)
    if (by === "agent" && life !== undefined) life.to = Math.min(life.to, now)
    const run = this.#openRun(by)
    if (run === undefined) return
    run.to = now
    run.outcome = outcome
    // What it had taken down, the next run brings back.
    if (run.switchedAt !== undefined) this.disturb(now, "the agent's death")
  }

  #openRun(by: WeekRun["by"]): WeekRun | undefined {
    const run = this.runs.findLast((run) => run.by === by)
    return run?.outcome === "under way" ? run : undefined
  }

  /** A run that began after a disturbance was over has found everything in order. */
  #settle(now: number, run: WeekRun, followsTags: boolean): void {
    if (this.isAwaiting()) return
    for (const one of this.open()) {
      const isOver = one.isOfTags ? followsTags && one.from < run.from : one.to < run.from
      if (isOver) one.settledAt = now
    }
  }
}

type Looked = Omit<Extract<Told, { readonly _tag: "Looked" }>, "_tag">

/** `3d 04:05:06.789` */
export const timeText = (millis: number): string => {
  const two = (value: number) => `${Math.floor(value)}`.padStart(2, "0")
  const seconds = millis / 1_000
  return `${Math.floor(seconds / 86_400)}d ${two((seconds / 3_600) % 24)}:${two((seconds / 60) % 60)}:${(seconds % 60).toFixed(3).padStart(6, "0")}`
}
