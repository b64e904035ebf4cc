import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { slipway } from "../CommandLine.ts"
import { declaration, declared, outputOf, secret } from "../declared.ts"

describe("slipway convert", () => {
  it.effect("prints what it makes of a file, and on standard error what that does not say, without values", () =>
    Effect.gen(function* () {
      const files = {
        "web.yaml": declared.replace("      env:", "      stdin: true\n      stdinOnce: true\n      env:")
      }
      const run = yield* slipway(["convert", "--to", "docker-run", "web.yaml"], { files })
      assert.strictEqual(run.exitCode, 0)
      assert.include(run.stdout, `  --env PASSWORD=${secret} \\\n`)
      assert.match(run.stderr, /^not carried: spec\.containers\[0\]\.stdinOnce: [A-Za-z ]+\.\n$/)
      assert.deepEqual(run.hosts, [])
    })
  )

  it.effect("as JSON: the files with their texts, what is not carried, and warnings", () =>
    Effect.gen(function* () {
      const stdin = declaration("gcr.io/shop/web:1", "  nodeName: x\n")
      const run = yield* slipway(["convert", "--to", "docker-run", "--format", "json", "-"], { stdin })
      assert.strictEqual(run.stderr, "")
      const { files, notCarried, notes, warnings, ...rest } = JSON.parse(run.stdout) as {
        files: ReadonlyArray<Record<string, unknown>>
        notCarried: ReadonlyArray<Record<string, string>>
        notes: ReadonlyArray<Record<string, string>>
        warnings: ReadonlyArray<Record<string, unknown>>
      }
      assert.deepEqual(rest, { version: 1, from: "declaration", to: "docker-run", problems: [] })
      assert.deepInclude(files[0], { name: "web.sh", secret: true, executable: true })
      assert.include(String(files[0]?.["text"]), secret)
      assert.deepEqual(notCarried, [])
      assert.deepEqual(
        notes.map(({ path }) => path),
        ["spec.containers[0].image"]
      )
      assert.deepInclude(warnings[0], { kind: "KeyMeaningless", line: 9 })
      assert.notInclude(JSON.stringify([notCarried, warnings]), secret)
    })
  )

  it.effect("--output: writes the files, and says where", () =>
    Effect.gen(function* () {
      const files = { "web.yaml": declared }
      const run = yield* slipway(["convert", "--to", "docker-run", "--output", "out", "web.yaml"], { files })
      assert.strictEqual(run.stdout, "out/web.sh\n")
      assert.deepEqual(Object.keys(run.files), ["out/web.sh"])
      assert.notInclude(outputOf(run), secret)
      const flags = ["--to", "docker-run", "--output", "out", "--format", "json", "web.yaml"]
      const json = yield* slipway(["convert", ...flags], { files })
      assert.notInclude(outputOf(json), secret)
      assert.deepInclude(JSON.parse(json.stdout), {
        files: [{ name: "web.sh", path: "out/web.sh", secret: true, executable: true }]
      })
    })
  )

  // Virtual time knows nothing of a module that is loaded.
  it.live("without a file: the declaration that the VM has", () =>
    Effect.gen(function* () {
      const layerVm = () => SimulatedVm.layer({ seed: "1", images: [], declaration: declared })
      const run = yield* slipway(["convert", "--to", "docker-run"], { layerVm })
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.include(run.stdout, "registry.example/web:1")
      const none = yield* slipway(["convert", "--to", "docker-run"], {
        layerVm: () => SimulatedVm.layer({ seed: "1", images: [] })
      })
      assert.strictEqual(none.stdout, "The VM declares no container: there is nothing to convert.\n")
    })
  )

  it.effect("what cannot work is refused at its line: 78", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["convert", "--to", "docker-run", "-"], { stdin: declaration("") })
      assert.strictEqual(run.exitCode, 78)
      assert.match(run.stderr, /<stdin>:4:\d+: error: /)
      assert.strictEqual(run.stdout, "")
      assert.notInclude(outputOf(run), secret)
      const gone = yield* slipway(["convert", "--to", "docker-run", "gone.yaml"])
      assert.strictEqual(gone.exitCode, 78)
    })
  )
})
