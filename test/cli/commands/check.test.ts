import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { slipway } from "../CommandLine.ts"
import { declaration, declared, outputOf, secret } from "../declared.ts"

describe("slipway check", () => {
  it.effect("tells all problems of all files, as a compiler does: 78 where one cannot work", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["check", "good.yaml", "bad.yaml", "gone.yaml"], {
        files: {
          "good.yaml": declared,
          "bad.yaml": declaration("", "  restartPolicy: sometimes\n")
        }
      })
      assert.strictEqual(run.exitCode, 78)
      assert.strictEqual(run.stdout, "good.yaml: ok\n")
      assert.match(run.stderr, /^bad\.yaml:4:\d+: error: /m)
      assert.match(run.stderr, /^bad\.yaml:9:18: error: "sometimes" is not a restart policy\n/m)
      assert.match(run.stderr, /^gone\.yaml cannot be read: there is no such file$/m)
      assert.notInclude(outputOf(run), secret)
    })
  )

  it.effect("as JSON: where, what and what to write instead, from standard input too", () =>
    Effect.gen(function* () {
      const stdin = declaration("nginx", "  volumes: [{ name: left, hostPath: { path: /x } }]\n  restartPolicy: 7\n")
      const run = yield* slipway(["check", "--format", "json", "-"], { stdin })
      assert.strictEqual(run.exitCode, 78)
      assert.strictEqual(run.stderr, "")
      const [checked] = JSON.parse(run.stdout) as ReadonlyArray<{
        file: string
        valid: boolean
        findings: ReadonlyArray<Record<string, unknown>>
      }>
      assert.deepInclude(checked, { file: "<stdin>", valid: false })
      for (const finding of checked?.findings ?? []) {
        assert.hasAllKeys(finding, ["severity", "kind", "line", "column", "message", "advice", "excerpt"])
      }
      assert.includeMembers(
        checked?.findings.map(({ severity, line }) => `${String(severity)} ${String(line)}`) ?? [],
        ["warning 9", "error 10"]
      )
      assert.notInclude(run.stdout, secret)
    })
  )

  it.effect("warnings alone are no failure", () =>
    Effect.gen(function* () {
      const stdin = declaration("nginx", "  volumes: [{ name: left, hostPath: { path: /x } }]\n")
      const run = yield* slipway(["check", "-"], { stdin })
      assert.strictEqual(run.exitCode, 0)
      assert.strictEqual(run.stdout, "<stdin>: ok, 1 warning\n")
      assert.match(run.stderr, /^<stdin>:9:\d+: warning: /)
    })
  )

  it.effect("--strict: warnings are failures, in text and in JSON, which keeps its shape", () =>
    Effect.gen(function* () {
      const warned = declaration("nginx", "  volumes: [{ name: left, hostPath: { path: /x } }]\n")
      const files = { "good.yaml": declared, "warned.yaml": warned, "bad.yaml": declaration("") }
      const text = yield* slipway(["check", "--strict", ...Object.keys(files)], { files })
      assert.strictEqual(text.exitCode, 78)
      assert.strictEqual(text.stdout, "good.yaml: ok\n")
      assert.match(text.stderr, /^warned\.yaml:9:\d+: warning: [^]*^warned\.yaml: refused by --strict, 1 warning$/m)
      assert.notMatch(text.stderr, /bad\.yaml: refused by --strict/)
      const good = yield* slipway(["check", "--strict", "good.yaml"], { files })
      assert.strictEqual(good.exitCode, 0)

      const check = (...flags: ReadonlyArray<string>) =>
        slipway(["check", "--format", "json", ...flags, ...Object.keys(files)], { files })
      const strict = yield* check("--strict")
      const [lax, json] = [yield* check(), strict].map(
        ({ stdout }) => JSON.parse(stdout) as ReadonlyArray<{ readonly valid: boolean; readonly findings: unknown }>
      )
      assert.strictEqual(strict.exitCode, 78)
      assert.deepStrictEqual(
        json?.map(({ valid }) => valid),
        [true, false, false]
      )
      assert.deepStrictEqual(
        json?.map((checked) => ({ ...checked, valid: null })),
        lax?.map((checked) => ({ ...checked, valid: null }))
      )
    })
  )

  it.effect("reads by the rules of files: a misspelt key is an error", () =>
    Effect.gen(function* () {
      const stdin = declaration("nginx", "      volumeMount: []\n")
      const run = yield* slipway(["check", "-"], { stdin })
      assert.strictEqual(run.exitCode, 78)
      assert.match(run.stderr, /^<stdin>:9:7: error: a container has no key "volumeMount"$/m)
      assert.include(run.stderr, 'Did you mean "volumeMounts"?')
    })
  )

  it.effect("a file's name commands no terminal", () =>
    Effect.gen(function* () {
      const files = { "a\u001B[2J.yaml": declaration(""), "b\u001B[2J.yaml": declared }
      const run = yield* slipway(["check", ...Object.keys(files), "c\u001B[2J.yaml"], { files })
      assert.match(run.stderr, /^a\[2J\.yaml:4:/m)
      assert.match(run.stderr, /^c\[2J\.yaml cannot be read/m)
      assert.strictEqual(run.stdout, "b[2J.yaml: ok\n")
    })
  )
})
