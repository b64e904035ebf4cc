import { Deadlines } from "./Deadlines.ts"
import type { Cause, Disturbance } from "./Disturbance.ts"
import type { Told } from "./Software.ts"
import type { Standing, WeekRun } from "./WeekRun.ts"
import type { WeekDeclaration } from "./WeekScene.ts"

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
  isAnyUp: () => boolean = () => true
  readonly deadlines: Deadlines
  readonly declarations: ReadonlyArray<WeekDeclaration>
  readonly #numbers: ReadonlyMap<string, number>
  readonly #seen = new Set<string>()

  constructor(declarations: ReadonlyArray<WeekDeclaration>, sha256Of: (text: string) => string) {
    this.declarations = declarations
    this.deadlines = new Deadlines(declarations)
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
        if (run?.switchedAt !== undefined && run.waits === 0) {
          this.violate(now, `a switch, begun at ${timeText(run.switchedAt)}, was cut in its middle`)
        }
        const reading = run ?? this.begin(now, by)
        reading.declaration = this.#numbers.get(told.sha256) ?? reading.declaration
        this.deadlines.read(now, reading.declaration, this.#keepsFiles())
        return
      }
      case "Switches":
        if (run !== undefined) run.switchedAt ??= now
        return
      case "Waits":
        if (run !== undefined) run.waits += told.isOver ? -1 : 1
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
      waits: 0,
      occasion: by,
      outcome: "under way",
      isOfJob: false,
      causes: this.open().map(({ cause }) => cause)
    }
    this.runs.push(run)
    return run
  }

  ended(now: number, run: WeekRun, { occasion, outcome, detail, followsTags }: Looked): void {
    run.to = now
    run.occasion = occasion
    run.outcome = outcome
    const isInPlace = outcome === "done" || outcome === "job failed"
    run.isOfJob = detail.startsWith("JobFailed")
    if (run.by !== "down" && (isInPlace || outcome === "nothing declared")) this.#settle(now, run, followsTags)
    if (isInPlace && run.declaration !== undefined && run.by !== "down") {
      this.deadlines.succeeded(now, run.declaration, run.from, this.#keepsFiles() && outcome === "done")
      this.#endDeadlines(now)
      const standing = this.standings.at(-1)
      if (standing?.declaration !== run.declaration || standing.isOver === true) {
        this.standings.push({ from: now, declaration: run.declaration })
      }
    }
    if (occasion === "DeadlineOver") this.pokes.push(now)
    const standing = this.standings.at(-1)
    if (outcome === "time over" && run.declaration !== undefined) this.#isOver(now, run, run.declaration)
    // What came up last may be stopped by a run of what cannot work.
    else if (!isInPlace && standing !== undefined && this.open().some(({ cause }) => cause === "a deadline")) {
      // Jobs without a deadline have come to their ends, and `down` may have stopped what had time left.
      const hadTime = this.deadlines.isLimited(standing.declaration) && !this.isDown()
      if (hadTime && !this.isAnyUp()) this.#isOver(now, { ...run, outcome: "time over" }, standing.declaration)
    }
    if (outcome === "left down") this.#leftDown(now)
    const isGoingDown = this.isDown() || this.open().some(({ cause }) => cause === "a reboot")
    if (outcome === "gave way" && !isGoingDown) this.violate(now, "a run gave way to a `down`, and none was there")
    const isIdle = outcome === "done" && occasion === "TimePassed" && run.switchedAt === undefined
    if (!isIdle) this.say(now, `${run.by}: ${occasion} ${outcome}${detail === "" ? "" : `: ${detail}`}`)
  }

  /** Before something is stopped: it may be as the time is over of what a run has read, or of what came up last. */
  judgeDeadline(now: number): void {
    const reading = this.runs.findLast(({ outcome, by }) => outcome === "under way" && by !== "down")
    const standing = this.standings.at(-1)
    const isOver = [reading?.declaration, standing?.isOver === true ? undefined : standing?.declaration].some(
      (one) => this.deadlines.mayBeOver(now, one) && !this.deadlines.isOver(one)
    )
    if (!isOver || this.open().some(({ cause }) => cause === "a deadline")) return
    this.disturb(now, "a deadline", Number.POSITIVE_INFINITY)
  }
  /** Not where metadata has told it of what was declared before that time. */
  #hasReadNewest({ declaration }: WeekRun, since: number): boolean {
    const newest = this.declared.at(-1)
    if (declaration === undefined || newest === undefined || newest.from > since) return true
    return this.declarations[declaration]!.meaning === this.declarations[newest.declaration]!.meaning
  }
  /** Whether the registries answered it: a run that cannot ask them goes on with what the engine has. */
  #couldAsk({ from, to }: WeekRun): boolean {
    return !this.disturbances.some(
      (one) => (one.cause === "the registry" || one.cause === "failing calls") && one.from <= to && one.to >= from
    )
  }
  /** Whether what a run records is there for the next. */
  #keepsFiles(): boolean {
    return !this.open().some(({ cause }) => cause === "failing calls" || cause === "the disk")
  }
  #endDeadlines(now: number): void {
    for (const one of this.open()) if (one.cause === "a deadline") one.to = one.settledAt = now
  }
  /** A Pod is another one with each boot. */
  boot(now: number): void {
    this.deadlines.boot()
    this.#endDeadlines(now)
  }
  /** The time of this is over: everything of it was stopped. */
  #isOver(now: number, run: WeekRun, declaration: number): void {
    if (!this.deadlines.exceeded(now, declaration)) this.violate(now, "a Pod was stopped before its time was over")
    this.#endDeadlines(now)
    this.#settle(now, run, false)
    const standing = this.standings.at(-1)
    // What came up before one that did not is left in the place of that, and may have time left.
    if (standing !== undefined && standing.declaration !== declaration && this.isAnyUp()) return
    if (standing?.declaration !== declaration || standing.isOver !== true) {
      this.standings.push({ from: now, declaration, isOver: true })
    }
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
      // A look that finds nothing declared, or is told so, starts nothing; nor does one of what is over.
      if (run.outcome === "nothing declared" && one.cause === "an operator") continue
      if (run.outcome === "time over" && this.downs.includes(one)) continue
      // Where jobs alone have come to their ends it shows from outside by nothing that a look took `down` for over.
      if (this.downs.includes(one) && !asking.has(run.occasion ?? "") && !this.isAnyUp()) continue
      // Nor has one that a server told of what was declared before.
      const isOfText = (one.cause === "a switch" && !one.isOfTags) || one.cause === "metadata"
      if (isOfText && !this.#hasReadNewest(run, one.from)) continue
      const isOver = one.isOfTags ? followsTags && one.from < run.from && this.#couldAsk(run) : one.to < run.from
      if (isOver) one.settledAt = now
    }
  }
}

/** Occasions of who wants what is declared to run. */
const asking: ReadonlySet<string> = new Set(["Asked", "DeclarationChanged", "by hand"])

type Looked = Omit<Extract<Told, { readonly _tag: "Looked" }>, "_tag">

/** `3d 04:05:06.789` */
export const timeText = (millis: number): string => {
  const two = (value: number) => `${Math.floor(value)}`.padStart(2, "0")
  const seconds = millis / 1_000
  return `${Math.floor(seconds / 86_400)}d ${two((seconds / 3_600) % 24)}:${two((seconds / 60) % 60)}:${(seconds % 60).toFixed(3).padStart(6, "0")}`
}
