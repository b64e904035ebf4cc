import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodePullLine, isPullEnd, LayersToCome } from "../../../src/vm/engine/PullStream.ts"

const line = (value: unknown) => decodePullLine(JSON.stringify(value))

describe("decodePullLine", () => {
  it("reads layers with their bytes, and messages", () => {
    assert.deepStrictEqual(
      line({ status: "Downloading", id: "abc", progressDetail: { current: 10, total: 20 }, progress: "[=> ]" }),
      Result.succeed({ _tag: "Layer", id: "abc", status: "Downloading", currentBytes: 10, totalBytes: 20 })
    )
    assert.deepStrictEqual(
      line({ status: "Pull complete", id: "abc", progressDetail: {} }),
      Result.succeed({
        _tag: "Layer",
        id: "abc",
        status: "Pull complete",
        currentBytes: undefined,
        totalBytes: undefined
      })
    )
    assert.deepStrictEqual(
      line({ status: "Pulling from library/nginx", id: "1.29" }),
      Result.succeed({ _tag: "Message", text: "Pulling from library/nginx" })
    )
  })

  it("an error line is an error, whatever else is in it", () => {
    for (const value of [
      { error: "toomanyrequests", errorDetail: { message: "toomanyrequests" } },
      { errorDetail: { message: "toomanyrequests" } },
      { status: "Downloading", error: "toomanyrequests" }
    ]) {
      assert.deepStrictEqual(line(value), Result.fail({ _tag: "Error", message: "toomanyrequests" }))
    }
  })

  it("knows the engine's last word", () => {
    const end = line({ status: "Status: Downloaded newer image for nginx:1.29" })
    assert.isTrue(Result.isSuccess(end) && isPullEnd(end.success))
    const layer = line({ status: "Status: complete", id: "abc" })
    assert.isFalse(Result.isSuccess(layer) && isPullEnd(layer.success))
  })

  it("knows when all layers have been downloaded, in the words of each engine", () => {
    const after = (...states: ReadonlyArray<readonly [id: string, status: string]>): boolean => {
      const layers = new LayersToCome()
      layers.add({ _tag: "Message", text: "Pulling from p/app" })
      for (const [id, status] of states) {
        layers.add({ _tag: "Layer", id, status, currentBytes: undefined, totalBytes: undefined })
      }
      return layers.areDone
    }
    assert.isFalse(after())
    assert.isFalse(after(["a", "Pulling fs layer"], ["b", "Waiting"]))
    assert.isFalse(after(["a", "Already exists"], ["b", "Downloading"]))
    assert.isFalse(after(["a", "Download complete"], ["b", "Verifying Checksum"]))
    assert.isFalse(after(["a", "Download complete"], ["b", "Retrying in 5 seconds"]))
    assert.isTrue(after(["a", "Already exists"], ["b", "Downloading"], ["b", "Download complete"]))
    assert.isTrue(after(["a", "Download complete"], ["a", "Extracting"], ["a", "Pull complete"]))
    // One that has to be begun again.
    assert.isFalse(after(["a", "Download complete"], ["b", "Download complete"], ["a", "Downloading"]))
  })

  it.prop("anything else is unreadable, and never a defect", [Schema.String, Schema.Json], ([text, value]) => {
    for (const candidate of [text, JSON.stringify(value), JSON.stringify({ status: value, id: value, error: value })]) {
      assert.isTrue(Result.isResult(decodePullLine(candidate)))
    }
  })
})
