import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { literal } from "../../../src/convert/from/literal.ts"
import { writeDeclaration } from "../../../src/convert/from/writeDeclaration.ts"
import { Losses } from "../../../src/convert/Losses.ts"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { expand } from "../../../src/workload/expand.ts"
import { declaring } from "./Declaring.ts"

const write = (spec: object) =>
  writeDeclaration({ file: "x", source: "a test", documents: [{ kind: "Pod", spec } as never], losses: new Losses() })

const oneOf = <A extends string>(...words: ReadonlyArray<A>) => Arbitrary.schema(Schema.Literals(words))

/** Texts of all kinds, most of them such that YAML could take them for something else. */
const text = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(
      Schema.Union([
        Schema.String,
        Schema.Literals<ReadonlyArray<string>>([
          ..."yes no on off y n true null ~ 1 0777 0o17 0x1F 1e3 1_000 .5 12:30:45 2026-01-02 - ? : & * ! | > % @ ` #".split(
            " "
          ),
          ..."= {} [] 'x \"x x: #x --- ... !!str << é 🌍 $(V0) $$".split(" "),
          ..." _\t_\n_\r\n_\u0000_\u001b_\u007f_\u0085_\u2028_\uFEFF_\uD800_: _ #".split("_")
        ])
      ])
    ),
    { maxLength: 3 }
  ),
  (parts) => parts.join("")
)
/** Texts of white space, most of them. */
const blank = Arbitrary.map(Arbitrary.array(oneOf(" ", "\n", "a", "#"), { maxLength: 5 }), (parts) => parts.join(""))

const keys = oneOf(
  ..."name image env value volumeMounts mountPath ports containerPort hostPort livenessProbe exec command httpGet port".split(
    " "
  ),
  ..."resources limits cpu memory securityContext runAsUser capabilities add emptyDir medium nfs restartPolicy nope".split(
    " "
  ),
  ..."volumes initContainers hostNetwork hostPath path".split(" ")
)
const scalar = Arbitrary.flatMap(oneOf("text", "number", "boolean"), (kind): Arbitrary.Arbitrary<unknown> =>
  kind === "text" ? text : Arbitrary.schema(kind === "number" ? Schema.Int : Schema.Boolean)
)
const mapping = (value: Arbitrary.Arbitrary<unknown>): Arbitrary.Arbitrary<Record<string, unknown>> =>
  Arbitrary.map(Arbitrary.array(Arbitrary.all([keys, value]), { maxLength: 5 }), (entries) =>
    Object.fromEntries(entries)
  )
const within = (value: Arbitrary.Arbitrary<unknown>): Arbitrary.Arbitrary<unknown> =>
  Arbitrary.flatMap(oneOf("scalar", "list", "mapping"), (kind): Arbitrary.Arbitrary<unknown> =>
    kind === "scalar" ? value : kind === "list" ? Arbitrary.array(value, { maxLength: 3 }) : mapping(value)
  )
const tree = within(within(within(scalar)))

describe("a declaration that is written", () => {
  it.prop(
    "has each text as it was, whatever YAML would make of it",
    [
      Arbitrary.array(
        Arbitrary.flatMap(oneOf("any", "blank"), (kind) => (kind === "any" ? text : blank)),
        { maxLength: 5 }
      )
    ],
    ([values]) => {
      const env = values.map((value, index) => ({ name: `V${index}`, value: literal(value) }))
      const { workload, losses } = declaring(
        write({ containers: [{ name: "a", image: "x", env, args: values.map(literal) }] })
      )
      const known = new Map<string, string>()
      for (const variable of workload.containers[0].env) {
        const text = "template" in variable ? variable.template : "value" in variable ? variable.value : ""
        known.set(variable.name, "template" in variable ? expand(text, (name) => known.get(name)) : text)
      }
      for (const [index, value] of values.entries()) {
        // What cannot be in a variable is listed.
        if (known.has(`V${index}`)) assert.strictEqual(known.get(`V${index}`), value)
        else assert.property(losses, `spec.containers[0].env[${index}]`)
      }
    }
  )

  it.prop(
    "is one that its reader takes, whatever it is made of",
    [mapping(tree), mapping(tree)],
    ([container, spec]) => {
      const written = write({ ...spec, containers: [{ ...container, name: "a", image: "x" }] })
      if (Result.isSuccess(written)) declaring(written)
      else assert.notStrictEqual(written.failure.problems[0].detail, "")
    }
  )

  it.prop(
    "a dollar stays a dollar",
    [Arbitrary.map(Arbitrary.array(oneOf("$", "(", ")", "A", "x")), (parts) => parts.join(""))],
    ([text]) => {
      assert.strictEqual(
        expand(literal(text), (name) => (name === "A" ? "!" : undefined)),
        text
      )
    }
  )

  it("says where to put it in its first line", () => {
    const { text } = declaring(write({ containers: [{ image: "x" }] }))
    assert.match(text, /^# .*"slipway-declaration"/)
    assert.isTrue(Result.isSuccess(decodeDeclaration({ file: "x", text })))
  })
})
