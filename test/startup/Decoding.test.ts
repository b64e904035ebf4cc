import { assert, describe, it } from "@effect/vitest"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { rememberingLast } from "../../src/startup/Decoding.ts"
import { declare } from "./SimulatedBoot.ts"

describe("remembering the last declaration", () => {
  it("gives the very same for the same, and decodes what differs in anything", () => {
    const decode = rememberingLast()
    const bytes = (text: string) => new TextEncoder().encode(text)
    const one = { file: "pod.yaml", text: declare() }
    const first = decode({ ...one })
    assert.deepStrictEqual(first, decodeDeclaration(one))
    assert.strictEqual(decode({ ...one }), first)
    for (const other of [
      { ...one, text: `${one.text} ` },
      { ...one, file: "web.yaml" },
      { ...one, dialect: "konlet" as const },
      { ...one, text: bytes(one.text) }
    ]) {
      const came = decode(other)
      assert.notStrictEqual(came, first)
      assert.deepStrictEqual(came, decodeDeclaration(other))
    }
    const read = decode({ ...one, text: bytes(one.text) })
    assert.strictEqual(decode({ ...one, text: bytes(one.text) }), read)
    assert.notStrictEqual(decode({ ...one, text: new Uint8Array([...bytes(one.text), 255]) }), read)
    assert.notStrictEqual(decode(one, { file: "policy.yaml", privileged: false }), first)
  })
})
