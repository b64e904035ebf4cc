import { readdirSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import type { Dialect } from "../../src/workload/Dialect.ts"
import { fixtures } from "../declaration/Fixtures.ts"
import { complete } from "../declaration/keys/Complete.ts"

export interface Sample {
  readonly file: string
  readonly text: string
  readonly dialect: Dialect
}

const examples = new URL("../../examples/", import.meta.url)

/** Declarations that can be used: all that there are, each in the dialect in which it can. */
export const samples: ReadonlyArray<Sample> = [
  ...fixtures,
  ...readdirSync(examples).map((name) => ({
    file: `examples/${name}`,
    text: readFileSync(new URL(name, examples), "utf8")
  })),
  { file: "complete", text: complete.join("\n") }
].flatMap(({ file, text }) =>
  (["slipway", "konlet"] as const)
    .filter((dialect) => Result.isSuccess(decodeDeclaration({ file, text, dialect })))
    .map((dialect) => ({ file: `${file}, as ${dialect} has it`, text, dialect }))
)
