import type { PullProgress } from "../../vm/engine/PullStream.ts"

const finished: ReadonlySet<string> = new Set(["Pull complete", "Already exists"])

/** Adds up what the engine reports about a pull's layers. */
export class PullMeter {
  private readonly layers = new Map<string, { bytes: number; totalBytes: number; done: boolean }>()

  add(progress: PullProgress): void {
    if (progress._tag !== "Layer") return
    const layer = this.layers.get(progress.id) ?? { bytes: 0, totalBytes: 0, done: false }
    if (progress.status === "Downloading") {
      layer.bytes = progress.currentBytes ?? layer.bytes
      layer.totalBytes = progress.totalBytes ?? layer.totalBytes
    }
    if (progress.status === "Download complete") layer.bytes = layer.totalBytes
    if (finished.has(progress.status)) layer.done = true
    this.layers.set(progress.id, layer)
  }

  /** `, 60.0 MB in 4 layers`; empty where nothing was downloaded. */
  get total(): string {
    const bytes = [...this.layers.values()].reduce((sum, layer) => sum + layer.totalBytes, 0)
    const { size } = this.layers
    return bytes === 0 ? "" : `, ${megabytes(bytes)} MB in ${size} ${size === 1 ? "layer" : "layers"}`
  }

  /** `3 of 4 layers, 45.0 of 60.0 MB, 51.2 MB/s`. */
  line(elapsedMillis: number): string {
    const layers = [...this.layers.values()]
    const done = layers.filter((layer) => layer.done).length
    const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0)
    const total = layers.reduce((sum, layer) => sum + layer.totalBytes, 0)
    const rate = elapsedMillis > 0 ? megabytes((bytes / elapsedMillis) * 1000) : "0.0"
    return `${done} of ${layers.length} layers, ${megabytes(bytes)} of ${megabytes(total)} MB, ${rate} MB/s`
  }
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)
