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
  private readonly heap: Array<Sleeper> = []
  private count = 0

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

  takeFirst(): Sleeper | undefined {
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
