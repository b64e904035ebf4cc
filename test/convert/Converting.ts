import { assert } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { convert } from "../../src/convert/convert.ts"
import type { ConvertOptions } from "../../src/convert/targets.ts"
import type { Dialect } from "../../src/workload/Dialect.ts"

/** What is read from a file whose form a test knows. */
export interface Tree {
  readonly [key: string | number]: Tree
}

/** What becomes of a declaration: the files by name, and what is not carried by path. */
export const converted = (
  text: string,
  to: ConvertOptions["to"],
  { dialect = "slipway", ...options }: Partial<ConvertOptions> & { readonly dialect?: Dialect } = {}
) => {
  const result = convert({ file: "web.yaml", text, dialect }, { from: "declaration", to, ...options })
  if (Result.isFailure(result)) {
    throw result.failure
  }
  const { files, notCarried, notes } = result.success
  assert.strictEqual(new Set(files.map(({ name }) => name)).size, files.length, "each file has a name of its own")
  return {
    files: Object.fromEntries(files.map(({ name, text }) => [name, Redacted.value(text)])),
    all: files,
    text: files.map(({ text }) => Redacted.value(text)).join("\n"),
    losses: Object.fromEntries([...notes, ...notCarried].map(({ path, reason }) => [path, reason]))
  }
}
