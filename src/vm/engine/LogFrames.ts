/** A piece of a container's output. */
export interface LogChunk {
  readonly channel: "stdout" | "stderr"
  readonly bytes: Uint8Array
}

const headerLength = 8

/**
 * Splits the engine's log stream: a header (channel, three zeros, length as a big-endian 32-bit number) precedes each
 * piece. A container with a terminal has one channel and no headers. Source: "Attach to a container", stream format.
 */
export class LogFrames {
  private pending: Uint8Array = new Uint8Array(0)
  private readonly tty: boolean

  constructor(tty: boolean) {
    this.tty = tty
  }

  /** The pieces that these bytes complete; the rest is kept for the next call. */
  push(bytes: Uint8Array): ReadonlyArray<LogChunk> {
    if (this.tty) return bytes.length === 0 ? [] : [{ channel: "stdout", bytes }]
    const all = new Uint8Array(this.pending.length + bytes.length)
    all.set(this.pending)
    all.set(bytes, this.pending.length)
    const chunks: Array<LogChunk> = []
    let offset = 0
    while (all.length - offset >= headerLength) {
      const length = new DataView(all.buffer, offset + 4, 4).getUint32(0)
      const end = offset + headerLength + length
      if (end > all.length) break
      chunks.push({ channel: all[offset] === 2 ? "stderr" : "stdout", bytes: all.subarray(offset + headerLength, end) })
      offset = end
    }
    this.pending = all.slice(offset)
    return chunks
  }
}
