import type { Converted, NotCarried } from "./Converted.ts"

/** Collects what a conversion does not carry over, and what it did that nobody told it. */
export class Losses {
  readonly #lost = new Map<string, NotCarried>()
  readonly #noted = new Map<string, NotCarried>()

  /**
   * The result does not say it, or means something else by it. `reason` is a sentence without values of the
   * declaration.
   */
  add(path: string, reason: string): void {
    this.#lost.set(JSON.stringify([path, reason]), { path, reason })
  }

  /** The result says it, and means the same by it: where that is from, or what it rests on. */
  note(path: string, reason: string): void {
    this.#noted.set(JSON.stringify([path, reason]), { path, reason })
  }

  get found(): Pick<Converted, "notCarried" | "notes"> {
    return { notCarried: [...this.#lost.values()], notes: [...this.#noted.values()] }
  }
}
