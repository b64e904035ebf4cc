import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { fromCompose, type ComposeSource } from "../../../src/convert/from/fromCompose.ts"
import { compose } from "../Programs.ts"
import { declaring, refusing, secret } from "./Declaring.ts"

const of = (text: string, source: Partial<ComposeSource> = {}) =>
  fromCompose({ file: "compose.yaml", text: `services:\n  web:\n    image: x\n${text}`, ...source })

const env = (declared: ReturnType<typeof declaring>): Record<string, string> =>
  Object.fromEntries(declared.container.env.map(({ name, value }) => [name, value.replaceAll("$$", "$")]))

/** Lines as people write them, and as nobody should. */
const lines = [
  "A=1",
  "  B = two words  ",
  "export C=x # a comment",
  "D=a#b",
  "E='single $A \\n'",
  'F="double $A \\n \\t \\\\ \\"q\\" \\$A"',
  "G=${A:-none} ${NOPE:-none} ${A:+set}",
  "H: yaml",
  "I=",
  "J=''",
  'K="several',
  'lines" # after',
  "# L=1",
  "",
  "M=$$x",
  "N=a'b\"c",
  "O=\u00e4\u00f6",
  "P='it\\'s'",
  "Q=#x",
  "R= # y",
  "S.T-U=dotted",
  "A=again"
]

describe("variables of a Compose file", () => {
  it("a file of variables is read with its quotes, comments, lines and references", () => {
    const declared = declaring(of("    env_file: a.env\n", { files: new Map([["a.env", lines.join("\r\n")]]) }))
    assert.deepInclude(env(declared), {
      A: "again",
      B: "two words",
      C: "x",
      D: "a#b",
      E: "single $A \\n",
      F: 'double 1 \n \t \\ "q" $A',
      G: "1 none set",
      H: "yaml",
      I: "",
      K: "several\nlines",
      M: "$x",
      P: "it's",
      Q: "#x"
    })
  })

  it("lines that are none are refused with their place", () => {
    for (const [text, line] of [
      ["A=1\n\nB C=2", 3],
      ["A='x\ny", 1],
      ["=x", 1],
      ["A=1\n?=2", 2]
    ] as const) {
      const { problems } = refusing(of("    env_file: a.env\n", { files: new Map([["a.env", text]]) }))
      assert.deepInclude(problems[0], { file: "a.env", line })
    }
  })

  it("format raw takes each line as it is; a file that need not be there is no loss", () => {
    const text = "    env_file: [{path: a.env, format: raw}, {path: gone.env, required: false}]\n"
    const declared = declaring(of(text, { files: new Map([["a.env", "A='$B' # x\n"]]) }))
    assert.deepEqual(env(declared), { A: "'$B' # x" })
    assert.deepEqual(declared.notCarried, [])
    assert.deepEqual(Object.keys(declared.notes), ["services.web.env_file[0]", "services.web.env_file[1]"])
  })

  it(".env is for the file itself: in it, for names without a value, for the project and its profiles", () => {
    const declared = declaring(
      fromCompose({
        file: "compose.yaml",
        text: `name: other
services:
  web: { image: "x:$TAG", environment: [PASSWORD, "URL=db://$PASSWORD", NOPE], volumes: ["d:/d"] }
  extra: { image: y, profiles: [more] }
  never: { image: z, profiles: [never] }
volumes: { d: {} }
`,
        variableFiles: [
          { file: ".env", text: `TAG=1\nPASSWORD=${secret}\nCOMPOSE_PROFILES=more,less\n` },
          { file: "two.env", text: "TAG=2\nCOMPOSE_PROJECT_NAME=shop\n" }
        ],
        variables: new Map([["TAG", "3"]])
      })
    )
    assert.deepEqual(env(declared), { PASSWORD: secret, URL: `db://${secret}` })
    assert.deepEqual(
      declared.spec.containers.map(({ name, image }) => [name, image]),
      [
        ["web", "x:3"],
        ["extra", "y"]
      ]
    )
    assert.strictEqual(declared.spec.volumes[0]?.hostPath?.path, "/var/lib/docker/volumes/shop_d/_data")
    assert.deepEqual(
      declared.notCarried.map(({ path }) => path),
      ["services.web.environment.NOPE"]
    )
    assert.includeMembers(Object.keys(declared.notes), [".env", "two.env", "services.never"])
    assert.notInclude(JSON.stringify(declared.losses), secret)
  })

  it("what a variable stands for is in no path and no reason", () => {
    const text = "    environment: ['${LINE}', '$WORD', 'A=$WORD']\n    command: [$WORD]\n    labels: ['$LINE']\n"
    const declared = of(text, {
      variables: new Map([
        ["LINE", `${secret}=${secret}`],
        ["WORD", secret]
      ])
    })
    const { notCarried, notes } = declaring(declared)
    assert.notInclude(JSON.stringify([notCarried, notes]), secret)
  })

  describe.skipIf(compose === undefined)("as Docker Compose has them", () => {
    /** What Compose makes of a file of variables; undefined where it refuses it. */
    const composed = (text: string): Record<string, string> | undefined => {
      const folder = mkdtempSync(join(tmpdir(), "slipway-variables-"))
      try {
        writeFileSync(join(folder, "a.env"), text)
        writeFileSync(join(folder, "compose.yaml"), "services:\n  web:\n    image: x\n    env_file: a.env\n")
        const [program = "", ...words] = compose ?? []
        const { status, stdout } = spawnSync(
          program,
          [...words, "-f", join(folder, "compose.yaml"), "config", "--format", "json"],
          { encoding: "utf8", env: { PATH: process.env["PATH"] } }
        )
        if (status !== 0) return undefined
        const { services } = JSON.parse(stdout) as {
          services: { web: { environment?: Record<string, string | null> } }
        }
        return Object.fromEntries(
          Object.entries(services.web.environment ?? {}).flatMap(([name, value]) =>
            value === null ? [] : [[name, value.replaceAll("$$", "$")]]
          )
        )
      } finally {
        rmSync(folder, { recursive: true })
      }
    }

    it("lines as people write them", () => {
      const text = `${lines.join("\n")}\n`
      assert.deepEqual(read(text), { variables: composed(text)!, unwritten: [] })
    })

    it.prop(
      "any text that Compose takes",
      [drawn],
      ([parts]) => {
        const text = parts.join("")
        const [expected, own] = [composed(text), read(text)]
        const isNamed = Object.keys(expected ?? {}).every((name) => /^[\w.-]+$/.test(name))
        // Compose takes some lines that make no sense.
        if (expected === undefined || own === undefined || !isNamed) return
        // What has no value, Compose takes for empty.
        const written = (variables: Readonly<Record<string, string>>) =>
          Object.fromEntries(Object.entries(variables).filter(([name]) => !own.unwritten.includes(name)))
        assert.deepEqual(written(own.variables), written(expected))
      },
      { arbitrary: { runs: 40 } }
    )
  })
})

/**
 * What a declaration has of a file, and the variables that it leaves to be written by hand; undefined where the file is
 * refused.
 */
const read = (text: string) => {
  const made = of("    env_file: a.env\n", { files: new Map([["a.env", text]]) })
  if (Result.isFailure(made)) return undefined
  const declared = declaring(made)
  const unwritten = declared.notCarried.map(({ path }) => /^services\.web\.env_file \((.+)\)$/.exec(path)?.[1])
  return { variables: env(declared), unwritten }
}

const drawn = Schema.Array(
  Schema.Literals([
    "A",
    "B",
    "=",
    "=",
    "=x",
    "='",
    "'",
    '="',
    '"',
    "\n",
    "\n",
    "\n",
    " ",
    "\\",
    "#",
    ":",
    "$A",
    "$$",
    "${A:-y}",
    "\\n",
    "\\$",
    "export ",
    "\t",
    "\r\n",
    "ä",
    "\\0101"
  ])
).check(Schema.isMaxLength(40))
