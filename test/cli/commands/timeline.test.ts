import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TimelineJson } from "../../../src/record/runJson.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declared, images, outputOf, secret } from "../declared.ts"

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(TimelineJson))

describe("slipway timeline", () => {
  it.effect("draws the last run, in the terminal or as a picture", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const layerVm = () => layer
      const none = yield* slipway(["timeline"], { layerVm })
      assert.deepStrictEqual([none.exitCode, none.stdout], [4, ""])
      yield* slipway(["up"], { layerVm })
      yield* slipway(["up"], { layerVm })
      const shown = yield* slipway(["timeline"], { layerVm })
      assert.strictEqual(shown.exitCode, 0, shown.stderr)
      assert.match(
        shown.stdout,
        /^Run 1 of \S+Z came up after .* s\.\n {2}pull registry\.example\/web:1 +█+ +[\d.]+ s\n(?:.*\n){4} {2}in all +[\d.]+ s\n$/
      )
      for (const line of shown.stdout.split("\n")) assert.isAtMost(line.length, 80)
      const svg = yield* slipway(["timeline", "--run", "1", "--svg", "boot.svg"], { layerVm })
      assert.deepStrictEqual([svg.exitCode, svg.stdout], [0, ""])
      const picture = svg.files["boot.svg"] ?? ""
      assert.match(picture, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^]*<\/svg>\n$/)
      const printed = yield* slipway(["timeline", "--svg", "-"], { layerVm })
      assert.strictEqual(printed.stdout, picture)
      const json = yield* slipway(["timeline", "--format", "json"], { layerVm })
      const timeline = decode(json.stdout)
      assert.deepStrictEqual([timeline.number, timeline.result], [1, "done"])
      assert.strictEqual(timeline.bars[0]?.id, "pull registry.example/web:1")
      for (const { beganMillis, endedMillis } of timeline.bars) {
        assert.isAtMost(beganMillis ?? Infinity, endedMillis ?? -Infinity)
        assert.isAtMost(endedMillis ?? Infinity, timeline.tookMillis)
      }
      for (const run of [shown, svg, printed, json]) assert.notInclude(outputOf(run) + picture, secret)
    }).pipe(runInVirtualTime)
  )
})
