import type { WeekDeclaration } from "./WeekScene.ts"

type Declared = Pick<WeekDeclaration, "deadline" | "fate" | "meaning">

/** What the clocks of two processes, and a run on its way, may differ by. */
const slackMillis = 1_000

/** By then its containers have been stopped, whatever their grace periods, if nothing keeps an agent from it. */
const stoppingMillis = 300_000

/**
 * Until when Pods with `activeDeadlineSeconds` may be active, as far as it shows from outside. A run that reads one may
 * die before it has recorded that, so that there are an earliest and a latest time.
 */
export class Deadlines {
  readonly #declarations: ReadonlyArray<Declared>
  /** The first time that it was read, and the first at which a run of it had succeeded, by what makes it one Pod. */
  readonly #earliest = new Map<string, number>()
  readonly #latest = new Map<string, number>()
  /** Pods after which others were read: declared again once its time is over, one begins anew. */
  readonly #gaveWay = new Set<string>()
  /** Which declaration's time is over, and that of all others that declare the same. */
  #over: number | undefined
  /**
   * Since when it may be known no more: another Pod was read, but no run of it has succeeded, or it may not have been
   * read.
   */
  #inDoubtSince: number | undefined

  constructor(declarations: ReadonlyArray<Declared>) {
    this.#declarations = declarations
  }

  /** `isSure`: it reads what was recorded before. */
  read(now: number, number: number | undefined, isSure = true): void {
    const pod = this.#podOf(number)
    const { fate } = this.#declarations[number ?? -1] ?? {}
    const isPod = fate === "works" || fate === "fails"
    if (this.#over !== undefined && !this.#isOfOver(number)) {
      if (pod !== undefined && this.#podOf(this.#over) === pod) this.#begin(pod)
      else if (isPod) this.#inDoubtSince ??= now
    } else if (this.#over !== undefined && !isSure) this.#inDoubtSince ??= now
    if (isPod) for (const other of this.#earliest.keys()) if (other !== pod) this.#gaveWay.add(other)
    if (pod === undefined) return
    if (this.#gaveWay.delete(pod) && this.mayBeOver(now, number)) {
      this.#latest.delete(pod)
      if (this.#over !== undefined) this.#inDoubtSince ??= now
    }
    if (!this.#earliest.has(pod)) this.#earliest.set(pod, now)
    // Of the last Pod alone it is known since when it is active.
    for (const other of this.#latest.keys()) if (other !== pod || !isSure) this.#latest.delete(other)
  }

  /** A run that has read it at that time has succeeded by now. `isSure`: it has recorded that. */
  succeeded(now: number, number: number | undefined, from: number, isSure = true): void {
    const pod = this.#podOf(number)
    if (pod === undefined) return this.#othersCameUp(now, number, isSure)
    if (isSure && !this.#latest.has(pod)) this.#latest.set(pod, now)
    if (this.#over === undefined) return
    const since = Math.min(from, this.#inDoubtSince ?? from)
    this.#begin(this.#podOf(this.#over)!)
    if (!this.#earliest.has(pod)) this.#earliest.set(pod, since)
  }

  /** A Pod without a deadline has come up: those that have one begin anew, unless it is the same. */
  #othersCameUp(now: number, number: number | undefined, isSure: boolean): void {
    this.#latest.clear()
    if (!isSure) {
      if (this.#over !== undefined) this.#inDoubtSince ??= now
      return
    }
    if (this.#over !== undefined) this.#begin(this.#podOf(this.#over)!)
    const { meaning } = this.#declarations[number ?? -1] ?? {}
    for (const other of this.#earliest.keys()) if (other !== meaning) this.#earliest.delete(other)
  }

  /** A run has failed because its time is over. Gives whether it may be. */
  exceeded(now: number, number: number | undefined): boolean {
    const may = this.mayBeOver(now, number)
    this.#over = number
    this.#inDoubtSince = undefined
    return may
  }

  /** A Pod begins anew with each boot. */
  boot(): void {
    this.#earliest.clear()
    this.#latest.clear()
    this.#gaveWay.clear()
    this.#over = undefined
    this.#inDoubtSince = undefined
  }

  /** Whether it may be active for a limited time alone. */
  isLimited(number: number | undefined): boolean {
    return this.#podOf(number) !== undefined
  }
  /** Whether it is known to have been stopped for good. */
  isOver(number: number | undefined): boolean {
    return this.#isOfOver(number) && this.#inDoubtSince === undefined
  }
  mayBeOver(now: number, number: number | undefined): boolean {
    const pod = this.#podOf(number)
    if (pod === undefined) return false
    if (this.#isOfOver(number)) return true
    const earliest = this.#earliest.get(pod)
    return earliest !== undefined && now + slackMillis >= earliest + this.#millisOf(number)
  }
  /** Whether it must have been stopped by now. */
  mustBeOver(now: number, number: number | undefined): boolean {
    const pod = this.#podOf(number)
    const latest = pod === undefined ? undefined : this.#latest.get(pod)
    return this.isOver(number) || (latest !== undefined && now > latest + this.#millisOf(number) + stoppingMillis)
  }

  /** Whether it declares what is over: a comment makes no difference. */
  #isOfOver(number: number | undefined): boolean {
    const pod = this.#podOf(number)
    return pod !== undefined && pod === this.#podOf(this.#over) && this.#millisOf(number) === this.#millisOf(this.#over)
  }
  #begin(pod: string): void {
    this.#gaveWay.delete(pod)
    this.#earliest.delete(pod)
    this.#latest.delete(pod)
    this.#over = undefined
    this.#inDoubtSince = undefined
  }
  #millisOf(number: number | undefined): number {
    return (this.#declarations[number ?? -1]?.deadline?.seconds ?? Infinity) * 1_000
  }
  /** What makes it one Pod; undefined where it has no deadline. */
  #podOf(number: number | undefined): string | undefined {
    return this.#declarations[number ?? -1]?.deadline?.pod
  }
}
