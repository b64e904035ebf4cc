import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declared, images, outputOf, secret } from "../declared.ts"

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
      for (const run of [shown, svg, printed]) assert.notInclude(outputOf(run) + picture, secret)
    }).pipe(runInVirtualTime)
  )
})
