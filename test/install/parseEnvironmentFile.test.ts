import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { parseEnvironmentFile } from "../../src/install/parseEnvironmentFile.ts"

const read = (text: string) => {
  const parsed = parseEnvironmentFile(text)
  return Result.isSuccess(parsed)
    ? Object.fromEntries(parsed.success)
    : parsed.failure.map(({ line, why }) => `${line}: ${why}`)
}

describe("an environment file", () => {
  it("is read as systemd reads it", () => {
    const text = [
      "# a comment",
      "; another",
      "",
      "A=1",
      '  B="two words"',
      "C='it is \"quoted\"'",
      "D=",
      "E=a=b#c $x",
      "F=trailing  \r",
      "G=3 seconds"
    ].join("\n")
    assert.deepStrictEqual(read(text), {
      A: "1",
      B: "two words",
      C: 'it is "quoted"',
      D: "",
      E: "a=b#c $x",
      F: "trailing",
      G: "3 seconds"
    })
    assert.deepStrictEqual(read(""), {})
  })

  it("has a problem for each line that systemd reads otherwise than it looks, and none has the value in it", () => {
    const text = [
      "A=hunter2",
      "export B=hunter2",
      "hunter2",
      "C =hunter2",
      "D=hunter2 # why",
      'E=hunter2"2"',
      "F=hunter2\\",
      "A=hunter2",
      '"G=hunter2"'
    ].join("\n")
    const problems = read(text)
    assert.deepStrictEqual(problems, [
      '2: leave out "export"',
      "3: it is not NAME=value, without spaces around the equals sign",
      "4: it is not NAME=value, without spaces around the equals sign",
      "5: a comment needs a line of its own",
      "6: put the whole value between quotes, with no quote of that kind and no backslash in it",
      "7: put the whole value between quotes, with no quote of that kind and no backslash in it",
      "8: A is set on an earlier line",
      "9: it is not NAME=value, without spaces around the equals sign"
    ])
  })
})
