import { assert, describe, it } from "@effect/vitest"
import { goText } from "../../../src/convert/from/goText.ts"
import { fromCompose } from "../../../src/convert/from/fromCompose.ts"
import { compose, runOn } from "../Programs.ts"
import { declaring } from "./Declaring.ts"

/** What Docker Compose 2.40 has in a variable that is written so, without quotes. */
const cases: ReadonlyArray<readonly [written: string, text: string]> = [
  ["1.10", "1.1"],
  ["3.0", "3"],
  ["0777", "511"],
  ["0o777", "511"],
  ["0x1F", "31"],
  ["0b11", "3"],
  ["08", "8"],
  ["2_000", "2000"],
  ["1__0", "10"],
  ["+1", "1"],
  ["-0", "0"],
  ["-0.0", "-0"],
  ["-017", "-15"],
  [".5", "0.5"],
  ["1.", "1"],
  ["1e3", "1000"],
  ["1e6", "1e+06"],
  ["1000000.0", "1e+06"],
  ["1500000.5", "1.5000005e+06"],
  ["123456.75", "123456.75"],
  ["0.0001", "0.0001"],
  ["0.000001", "1e-06"],
  ["100000000", "100000000"],
  ["12345678901234567890", "12345678901234567890"],
  ["99999999999999999999999", "1e+23"],
  ["1e400", "1e400"],
  ["0xFFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFFF"],
  [".inf", "+Inf"],
  ["-.Inf", "-Inf"],
  ["True", "true"],
  ["FALSE", "false"],
  ["yes", "yes"],
  ["On", "On"],
  ["22:22", "22:22"],
  ["1.2.3", "1.2.3"],
  ["10.0.0.1", "10.0.0.1"],
  ["0x", "0x"],
  ["1_000.5", "1000.5"],
  ["v1.10", "v1.10"]
]

describe("a plain scalar where Compose wants a text", () => {
  it.each(cases)("%s is %s", (written, text) => assert.strictEqual(goText(written), text))

  it("is that in mappings; what is in quotes, has a variable or is in a list is as written", () => {
    const text = `services:
  web:
    image: x
    mem_limit: 100_000_000
    environment:
      A: 1.10
      B: "1.10"
      C: "$V"
      D: !!str 1.10
      E: $V
  other:
    image: x
    environment: [A=1.10]
`
    const { spec } = declaring(fromCompose({ file: "compose.yaml", text, variables: new Map([["V", "0777"]]) }))
    const [web, other] = spec.containers
    assert.deepEqual(
      web!.env.map(({ value }) => value),
      ["1.1", "1.10", "0777", "1.10", "0777"]
    )
    assert.strictEqual(web!.resources.limits["memory"], "100000000")
    assert.strictEqual(other!.env[0]?.value, "1.10")
  })

  it.skipIf(compose === undefined)("as Docker Compose has it", () => {
    const names = cases.map(([written], index) => `      V${index}: ${written}\n`).join("")
    const { stdout, stderr } = runOn([...(compose ?? []), "-f", "{}/compose.yaml", "config", "--format", "json"], {
      "compose.yaml": `services:\n  web:\n    image: x\n    environment:\n${names}`
    })
    assert.strictEqual(stderr, "")
    const { services } = JSON.parse(stdout) as { services: { web: { environment: Record<string, string> } } }
    for (const [index, [written, text]] of cases.entries()) {
      assert.strictEqual(services.web.environment[`V${index}`], text, written)
    }
  })
})
