import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeDeclaration, type DecodedDeclaration } from "../src/declaration/Declaration.ts"
import { DeclarationInvalid, renderDeclarationInvalid } from "../src/declaration/DeclarationInvalid.ts"
import { slipway } from "./cli/CommandLine.ts"

const root = new URL("../", import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), "utf8")

const declarations: ReadonlyArray<readonly [file: string, text: string]> = [
  ...readdirSync(new URL("examples/", root)).map((name) => [`examples/${name}`, read(`examples/${name}`)] as const),
  ...[...read("README.md").matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = ""]) => ["README.md", text] as const)
]

describe("declarations in the documents", () => {
  it.each(declarations)("%s can be used, without a warning", (file, text) => {
    const shown = Result.match(decodeDeclaration({ file, text }), {
      onSuccess: ({ warnings }: DecodedDeclaration) => warnings.map(({ message }) => message),
      onFailure: (invalid: DeclarationInvalid) => [renderDeclarationInvalid(invalid)]
    })
    assert.deepStrictEqual(shown, [])
  })

  it.effect.each(declarations)("%s starts on a simulated VM", ([file, text]) =>
    Effect.gen(function* () {
      const run = yield* slipway(["rehearse", file], { files: { [file]: text } })
      assert.strictEqual(run.exitCode, 0, run.stderr)
    })
  )

  it.effect.each(declarations)("%s keeps every promise where calls fail", ([file, text]) =>
    Effect.gen(function* () {
      const run = yield* slipway(["rehearse", "--boots", "3", "--faults", "0.05", file], { files: { [file]: text } })
      assert.strictEqual(run.exitCode, 0, run.stdout)
    })
  )
})
