import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type CommandDoc, commandTree, completions } from "../../scripts/release/commandTree.ts"
import { exitCodesOf, manPage } from "../../scripts/release/manPage.ts"
import { bold, line, roff } from "../../scripts/release/roff.ts"
import { exitCodes } from "../../src/cli/output/exitCodes.ts"
import { settingTable } from "../../src/cli/settings/settingTable.ts"

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
const made = Effect.map(commandTree(), (tree) => ({
  tree,
  page: manPage(tree, { version: "1.2.3", seconds: 1_700_000_000, exitCodes: exitCodesOf(readme) })
}))
const all = (tree: CommandDoc): ReadonlyArray<CommandDoc> => [tree, ...tree.subcommands.flatMap(all)]
/** As the page says it: without fonts and escapes. */
const read = (page: string) =>
  page
    .replaceAll(/\\f[BIR]/g, "")
    .replaceAll("\\-", "-")
    .replaceAll("\\[aq]", "'")
    .replaceAll("\\[dq]", '"')
const isRendered = spawnSync("man", ["--version"]).status === 0
const render = (page: string) =>
  spawnSync("man", ["--warnings", "--local-file", "-"], {
    encoding: "utf8",
    input: page,
    env: { ...process.env, LC_ALL: "C.UTF-8", MANWIDTH: "100", MAN_KEEP_FORMATTING: "" }
  })

describe("the manual page", () => {
  it.effect("has each command, each flag of it, each variable and each exit code", () =>
    Effect.gen(function* () {
      const { tree, page } = yield* made
      const text = read(page)
      for (const { doc, subcommands } of all(tree)) {
        if (subcommands.length === 0) assert.include(text, `\n.SS ${doc.usage}\n`)
        for (const { name } of doc.flags) assert.include(text, `\n--${name}`, doc.usage)
        for (const { command } of doc.examples ?? []) assert.include(text, `\n${command}\n`)
      }
      for (const { variable } of Object.values(settingTable)) assert.include(text, `\n.TP\n${variable}\n`)
      assert.sameMembers(
        exitCodesOf(readme).flatMap(([codes]) => codes.split(", ").map(Number)),
        Object.values(exitCodes)
      )
      assert.match(text, /^\.TH SLIPWAY 8 "2023-11-14" "slipway 1\.2\.3"/)
    })
  )

  it.effect("explains each flag in more words than the wizard would take for its name", () =>
    Effect.gen(function* () {
      const { tree } = yield* made
      for (const { name, doc } of all(tree)) {
        for (const flag of doc.flags) {
          const text = Option.getOrElse(flag.description, () => "")
          // Source: effect/cli, whose wizard asks "Set TEXT (--flag)?" where the text has 32 characters or fewer.
          assert.isAbove(text.replace(/ \(choices: .*/, "").length, 32, `${name} --${flag.name}`)
          assert.notStrictEqual(flag.type, "string", `${name} --${flag.name} has no placeholder`)
        }
      }
    })
  )

  it.effect.skipIf(!isRendered)("renders without a warning", () =>
    Effect.gen(function* () {
      const { page } = yield* made
      const { status, stdout, stderr } = render(page)
      assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
      assert.match(stdout, /--takeover\n +Stop konlet/)
      // The check can fail.
      assert.notStrictEqual(render(`${page}.no-such-request\n\\[nosuch]\n`).stderr, "")
    })
  )

  it("shows any text as it is", () => {
    assert.strictEqual(roff("a \\ --flag of `x-y` …"), "a \\e \\-\\-flag of \\fBx\\-y\\fR \\[u2026]")
    assert.strictEqual(bold("--a-b"), "\\fB\\-\\-a\\-b\\fR")
    assert.strictEqual(line(".TH"), "\\&.TH")
    if (!isRendered) return
    const text = "'quoted' \"twice\" C:\\n ~^` --flag well-known …"
    const { stdout } = render(`.TH X 8\n.SH NAME\n${line(roff(text))}\n`)
    assert.include(stdout, text.replace("`", ""))
  })
})

describe("completions", () => {
  for (const shell of ["bash", "zsh", "fish"] as const) {
    it.effect(`for ${shell} have each command`, () =>
      Effect.gen(function* () {
        const script = yield* completions(shell)
        for (const { name } of (yield* made).tree.subcommands) assert.include(script, name.replace("slipway ", ""))
      })
    )
  }

  /** What bash completes a command line to, in a folder. */
  const completed = (script: string, words: ReadonlyArray<string>, cwd?: string) => {
    const line = words.join(" ")
    const asked = `${script}
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; COMP_LINE="${line}"; COMP_POINT=${line.length}
"$(complete -p slipway | sed 's/.*-F \\([^ ]*\\).*/\\1/')" slipway ${words.at(-1)} ${words.at(-2)}; echo "\${COMPREPLY[*]}"`
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", asked], { encoding: "utf8", cwd })
    assert.strictEqual(stderr, "", line)
    return stdout.trimEnd()
  }

  it.effect("for bash complete a command, and the path that a flag or an argument is", () =>
    Effect.gen(function* () {
      const script = yield* completions("bash")
      assert.strictEqual(completed(script, ["slipway", "rehe"]), "rehearse")
      const folder = mkdtempSync(join(tmpdir(), "slipway-completions-"))
      try {
        mkdirSync(join(folder, "onefolder"))
        writeFileSync(join(folder, "onefile.yaml"), "")
        let paths = 0
        for (const { name, doc } of all((yield* made).tree)) {
          const values = doc.flags.filter(({ type }) => ["FILE", "DIR", "PATH"].includes(type))
          const files = (doc.args ?? []).filter(({ name }) => name.startsWith("FILE"))
          for (const before of [...values.map(({ name }) => [`--${name}`]), ...files.map(() => [])]) {
            const words = completed(script, [...name.split(" "), ...before, "onef"], folder).split(" ")
            assert.include(words, "onefolder", `${name} ${before.join()}`)
            paths++
          }
        }
        assert.isAbove(paths, 20)
        assert.include(completed(script, ["slipway", "check", "onef"], folder), "onefile.yaml")
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  )
})
