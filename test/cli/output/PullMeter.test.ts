import { assert, describe, it } from "@effect/vitest"
import { PullMeter } from "../../../src/cli/output/PullMeter.ts"

const layer = (id: string, status: string, currentBytes?: number, totalBytes?: number) =>
  ({ _tag: "Layer", id, status, currentBytes, totalBytes }) as const

describe("PullMeter", () => {
  it("has a line before anything is known", () => {
    assert.strictEqual(new PullMeter().line(0), "0 of 0 layers, 0.0 of 0.0 MB, 0.0 MB/s")
  })

  it("adds up layers, bytes and the rate", () => {
    const meter = new PullMeter()
    meter.add(layer("a", "Pulling fs layer"))
    meter.add(layer("b", "Already exists"))
    meter.add(layer("a", "Downloading", 5_000_000, 20_000_000))
    meter.add(layer("c", "Downloading", 1_000_000, 10_000_000))
    assert.strictEqual(meter.line(2000), "1 of 3 layers, 6.0 of 30.0 MB, 3.0 MB/s")
  })

  it("a layer that is downloaded counts whole, and is done once it is unpacked", () => {
    const meter = new PullMeter()
    meter.add(layer("a", "Downloading", 5_000_000, 20_000_000))
    meter.add(layer("a", "Download complete"))
    assert.strictEqual(meter.line(10_000), "0 of 1 layers, 20.0 of 20.0 MB, 2.0 MB/s")
    meter.add(layer("a", "Pull complete"))
    assert.strictEqual(meter.line(10_000), "1 of 1 layers, 20.0 of 20.0 MB, 2.0 MB/s")
  })

  it("the bytes of unpacking are not those of downloading", () => {
    const meter = new PullMeter()
    meter.add(layer("a", "Downloading", 20_000_000, 20_000_000))
    meter.add(layer("a", "Extracting", 1_000_000, 60_000_000))
    assert.strictEqual(meter.line(1000), "0 of 1 layers, 20.0 of 20.0 MB, 20.0 MB/s")
  })

  it("passes over what is not about a layer", () => {
    const meter = new PullMeter()
    meter.add({ _tag: "Message", text: "Digest: sha256:0" })
    assert.include(meter.line(1000), "0 of 0 layers")
  })

  it("tells the whole where something was downloaded", () => {
    const meter = new PullMeter()
    meter.add(layer("a", "Already exists"))
    assert.strictEqual(meter.total, "")
    meter.add(layer("b", "Downloading", 1, 15_000_000))
    assert.strictEqual(meter.total, ", 15.0 MB in 2 layers")
  })
})
