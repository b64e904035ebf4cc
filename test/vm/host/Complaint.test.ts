import { assert, describe, it } from "@effect/vitest"
import { complaint } from "../../../src/vm/host/Complaint.ts"
import { result } from "./FakeCommands.ts"

describe("complaint", () => {
  it("is what was written to stderr, else to stdout, else the exit code alone", () => {
    assert.strictEqual(complaint(result({ exitCode: 1, stdout: "out", stderr: "err\n" })), "err (exit code 1)")
    assert.strictEqual(complaint(result({ exitCode: 4, stdout: "out\n", stderr: " \n" })), "out (exit code 4)")
    assert.strictEqual(complaint(result({ exitCode: 137 })), "exit code 137")
  })

  it("is one line without control characters", () => {
    const stderr = "\n\u001b[31mred\u0000:\n\tmore\r\n"
    assert.strictEqual(complaint(result({ exitCode: 1, stderr })), "[31mred : more (exit code 1)")
  })

  it("keeps the end where there is too much, within a short paragraph", () => {
    const words = complaint(result({ exitCode: 8, stderr: `${"x\n".repeat(1_000_000)}the reason` }))
    assert.match(words, /the reason \(exit code 8\)$/)
    assert.isBelow(words.length, 650)
  })
})
