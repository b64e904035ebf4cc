/** Whoever sleeps until a point in virtual time. */
export interface Sleeper {
  readonly at: number
  /** Breaks ties: first come, first woken. */
  readonly order: number
  /** Undefined once it has given up. */
  wake: (() => void) | undefined
}

/** A binary heap of sleepers, of whom the first by time, then by order, is woken first. */
export class Sleepers {
  private heap: Array<Sleeper> = []
  private count = 0
  /** How many of the heap have given up. */
  private gone = 0

  add(at: number, wake: () => void): Sleeper {
    const sleeper: Sleeper = { at, order: this.count++, wake }
    let index = this.heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.heap[parent]!
      if (isBefore(above, sleeper)) break
      this.heap[index] = above
      index = parent
    }
    this.heap[index] = sleeper
    return sleeper
  }

  /** A deadline that was kept sleeps for minutes more: most of those in the heap would be such. */
  giveUp(sleeper: Sleeper): void {
    if (sleeper.wake === undefined) return
    sleeper.wake = undefined
    this.gone += 1
    if (this.gone < 8 || 2 * this.gone < this.heap.length) return
    // In order, which a heap may be.
    this.heap = this.heap
      .filter(({ wake }) => wake !== undefined)
      .toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
    this.gone = 0
  }

  /** It may have given up. */
  takeFirst(): Sleeper | undefined {
    const first = this.removeFirst()
    if (first !== undefined && first.wake === undefined) this.gone -= 1
    return first
  }

  private removeFirst(): Sleeper | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (first === undefined || last === undefined || this.heap.length === 0) return first
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      if (left >= this.heap.length) break
      const child = right < this.heap.length && isBefore(this.heap[right]!, this.heap[left]!) ? right : left
      if (isBefore(last, this.heap[child]!)) break
      this.heap[index] = this.heap[child]!
      index = child
    }
    this.heap[index] = last
    return first
  }
}

const isBefore = (one: Sleeper, other: Sleeper): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)
