import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { onVm, slipway } from "./CommandLine.ts"
import { declaration, outputOf, secret } from "./declared.ts"

const token = "ya29.t0ken-v4lue"
const image = "us-docker.pkg.dev/example/shop/web:1"
const talkative = {
  reference: "registry.example/talkative",
  behaviour: { _tag: "Exits", afterMillis: 300, exitCode: 3, log: [`the password is ${secret}`, "no database"] }
} as const
const files = {
  "web.yaml": declaration(image),
  "talkative.yaml": declaration(talkative.reference),
  "bad.yaml": declaration(image, "  restartPolicy: sometimes\n")
}
const vm = () => SimulatedVm.layer({ token: null, images: [{ reference: image, token }, talkative] })

/** Each with what it must end with, so that it is known how far it came. */
const runs: ReadonlyArray<readonly [ReadonlyArray<string>, number]> = [
  [["up", "--declaration", "web.yaml", "--token", token], 0],
  [["up", "--declaration", "web.yaml", `-token=${token}`], 0],
  [["plan", "--declaration", "web.yaml", "--token", token], 0],
  [["plan", "--declaration", "web.yaml", "--token", token, "--format", "json"], 0],
  [["up", "--declaration", "bad.yaml", "--token", token], 78],
  [["up", "--declaration", "gone.yaml", "--token", token], 78],
  // Refused by the registry.
  [["up", "--declaration", "web.yaml", "--token", `not-${token}`], 1],
  // Its container fails, and says in its log what it was given.
  [["up", "--declaration", "talkative.yaml", "--token", token], 1],
  [["up", "--declaration", "talkative.yaml", "--log-format", "json"], 1],
  [["up", "--token", token, "--nope"], 78],
  [["rehearse", "web.yaml"], 0],
  [["check", "web.yaml", "bad.yaml"], 78],
  [["check", "--format", "json", "web.yaml", "bad.yaml"], 78]
]

describe("secrets", () => {
  for (const level of ["all", "debug", "info", "none"]) {
    it.effect(`are in no output at the level ${level}`, () =>
      Effect.gen(function* () {
        for (const [args, exitCode] of runs) {
          const running = slipway([...args, "--log-level", level], { layerVm: vm, files })
          // A rehearsal has a virtual time of its own.
          const run = yield* args[0] === "rehearse" ? running : runInVirtualTime(running)
          assert.strictEqual(run.exitCode, exitCode, `${args.join(" ")}\n${outputOf(run)}`)
          assert.notInclude(outputOf(run), secret, args.join(" "))
          assert.notInclude(outputOf(run), token, args.join(" "))
        }
      })
    )
  }

  it.effect("are in nothing that is kept of a run, and in nothing that is made of it", () =>
    Effect.gen(function* () {
      for (const [args, exitCode] of runs.filter(([[command]]) => command === "up")) {
        const layer = yield* onVm({ token: null, images: [{ reference: image, token }, talkative] })
        const layerVm = () => layer
        const run = yield* slipway(args, { layerVm, files })
        assert.strictEqual(run.exitCode, exitCode, outputOf(run))
        const { host } = yield* Effect.provide(SimulatedVm, layer)
        const kept = [host.files.read("/run/slipway/status.json"), host.files.read("/var/lib/slipway/history")]
        // A command line or a file that cannot be read is no run.
        const isRun = !args.includes("--nope") && !args.includes("gone.yaml")
        for (const text of kept) assert.strictEqual(text !== undefined, isRun, args.join(" "))
        for (const looking of [["status"], ["status", "--format", "json"], ["why"], ["why", "--format", "json"]]) {
          const shown = yield* slipway(looking, { layerVm })
          for (const text of [outputOf(shown), ...kept]) {
            assert.notInclude(text ?? "", secret, args.join(" "))
            assert.notInclude(text ?? "", token, args.join(" "))
          }
        }
      }
    }).pipe(runInVirtualTime)
  )

  it.effect("a token can come from the environment, and is used", () =>
    Effect.gen(function* () {
      const args = ["up", "--declaration", "web.yaml", "--log-level", "all"]
      const run = yield* slipway(args, { layerVm: vm, files, env: { SLIPWAY_TOKEN: token } })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.notInclude(outputOf(run), token)
      const without = yield* slipway(args, { layerVm: vm, files, env: { SLIPWAY_TOKEN: "" } })
      assert.strictEqual(without.exitCode, 1)
    }).pipe(runInVirtualTime)
  )
})
