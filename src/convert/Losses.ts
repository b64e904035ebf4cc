import type { NotCarried } from "./Converted.ts"

/** Collects what a conversion does not carry over. */
export class Losses {
  readonly #found = new Map<string, NotCarried>()

  /** `reason` is a sentence without values of the declaration. */
  add(path: string, reason: string): void {
    this.#found.set(JSON.stringify([path, reason]), { path, reason })
  }

  get list(): ReadonlyArray<NotCarried> {
    return [...this.#found.values()]
  }
}
