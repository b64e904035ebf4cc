import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { resolvedAlone } from "../check/Declared.ts"
import { parseYaml } from "../../../src/declaration/yaml/parseYaml.ts"
import type { YamlScalar } from "../../../src/declaration/yaml/YamlNode.ts"
import { describeScalar, isNull, toBoolean, toNumber } from "../../../src/declaration/yaml/YamlScalarValue.ts"

const scalar = (text: string): YamlScalar => {
  const { root } = Result.getOrThrow(parseYaml(text))
  return root?._tag === "Scalar" ? root : assert.fail(`not a scalar: ${text}`)
}

/** The value of a variable, written as given below `value:`; under konlet's rules, since those expand no `$`. */
const valueOf = (written: string): string | undefined => {
  const text = `spec:\n  containers:\n  - image: nginx\n    env:\n    - name: A\n      value: ${written}\n      x-after: ''\n`
  return resolvedAlone(Result.getOrThrow(decodeDeclaration({ file: "f", text, dialect: "konlet" })).workload)
    .containers[0].env[0]?.value
}

describe("scalars of YAML 1.1 as Go reads them", () => {
  it("null", () => {
    for (const text of ["~", "null", "Null", "NULL", "!!null ''"]) assert.isTrue(isNull(scalar(text)), text)
    for (const text of ["'null'", '"~"', "nUll", "!!str null", "none", "''"]) assert.isFalse(isNull(scalar(text)), text)
  })

  it("booleans", () => {
    const words = (text: string) => text.split(" ").map((word) => toBoolean(scalar(word)))
    assert.deepEqual(new Set(words("y Y yes Yes YES true True TRUE on On ON")), new Set([true]))
    assert.deepEqual(new Set(words("n N no No NO false False FALSE off Off OFF")), new Set([false]))
    assert.deepEqual(new Set(words("1 0 'yes' \"true\" yEs t f tRue enabled")), new Set([undefined]))
    assert.isTrue(toBoolean(scalar("!!bool 'yes'")))
  })

  it("numbers", () => {
    const numbers = {
      "0": 0,
      "-7": -7,
      "+7": 7,
      "010": 8,
      "0o10": 8,
      "0x1F": 31,
      "0b101": 5,
      "-0b1": -1,
      "1_000": 1000
    }
    const fractions = { "08": 8, "1e3": 1000, "1.5": 1.5, ".5": 0.5, "2.": 2 }
    for (const [text, number] of Object.entries({ ...numbers, ...fractions })) {
      assert.strictEqual(toNumber(scalar(text)), number, text)
    }
    for (const text of ["'1'", "12:30", "1e", "0xG", "_1", "1.2.3", "", "0x", "one"]) {
      assert.isUndefined(toNumber({ ...scalar(text || "''"), text: text.replaceAll("'", "") }) && scalar(text).plain)
    }
    assert.strictEqual(toNumber(scalar("!!int '3'")), 3)
  })

  it("are named as a person would", () => {
    const names = ["~", "yes", "1.5", "abc", "'abc'", "'1'"].map((text) => describeScalar(scalar(text)))
    assert.deepEqual(names, ["nothing", "a boolean", "a number", "text", "quoted text", "quoted text"])
  })
})

/** Everything YAML can hold, but for the line breaks of other scripts, which YAML 1.1 folds and YAML 1.2 does not. */
const printable = Arbitrary.filter(
  Arbitrary.schema(Schema.String),
  (text) => text.isWellFormed() && !/[\0-\x08\x0B-\x1F\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/.test(text)
)
const pieces = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(
      Schema.Literals([
        ..."a1:#-?'\"\\[]{},&*!|>%@`~ \n\té🌍=",
        ": ",
        " #",
        "\n\n",
        "  ",
        "yes",
        "0777",
        "1e3",
        "null",
        "<<"
      ])
    ),
    { maxLength: 12 }
  ),
  (parts) => parts.join("")
)

const indented = (text: string) => text.split("\n").map((line) => (line === "" ? "" : `        ${line}`))

describe("a variable's value", () => {
  for (const [name, text] of Object.entries({ "any text": printable, "text full of YAML": pieces })) {
    it.prop(`${name} in double quotes arrives`, [text], ([text]) => {
      assert.strictEqual(valueOf(JSON.stringify(text)), text)
    })

    it.prop(`${name} in single quotes arrives`, [text], ([text]) => {
      const line = text.replaceAll(/[\n\t]/g, " ")
      assert.strictEqual(valueOf(`'${line.replaceAll("'", "''")}'`), line)
    })

    it.prop(`${name} as a block arrives`, [text], ([text]) => {
      // The parser takes a block of nothing but white space for an empty one; Go kept the white space.
      const body = text.trim() === "" ? "" : text.replace(/\n+$/, "")
      assert.strictEqual(valueOf(["|2-", ...indented(body)].join("\n")), body)
      assert.strictEqual(valueOf(["|2", ...indented(`${body}.`)].join("\n")), `${body}.\n`)
    })
  }

  const plain = Arbitrary.map(
    Arbitrary.array(Arbitrary.schema(Schema.Literals([..."aZ019._-+:/=@,éx ", "yes", "0x", "e3", "null"])), {
      minLength: 1,
      maxLength: 10
    }),
    (parts) => parts.join("").trim()
  )
  it.prop("plain text arrives as it was written, whatever it looks like", [plain], ([text]) => {
    if (!/^[aZ019./+=éxyen]/.test(text) || /:(?: |$)/.test(text)) return
    assert.strictEqual(valueOf(text), /^null$/.test(text) ? "" : text)
  })

  it("null, ~ and nothing arrive as the empty text; quoted, they do not", () => {
    assert.deepEqual(["null", "~", "", "Null", "'null'", '"~"', "''"].map(valueOf), ["", "", "", "", "null", "~", ""])
  })

  it("tags are minded", () => {
    assert.deepEqual(["!!str 1", "!!binary aGk=", "! x", "!custom x"].map(valueOf), ["1", "hi", "x", "x"])
  })
})
