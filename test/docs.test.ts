import { existsSync, readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { rooms } from "../oxlint.config.ts"
import { documents, locate, withTables } from "../scripts/docs.ts"
import { anchorOf } from "../scripts/markdown.ts"
import { apiPages, ofLibrary, ofTesting } from "../scripts/apiReference.ts"
import { exitCodes } from "../src/cli/output/exitCodes.ts"
import { variables } from "../src/cli/settings/settingTable.ts"
import { Declaration } from "../src/declaration/DeclarationSchema.ts"
import { ConfigMapSchema, SecretSchema } from "../src/declaration/schema/ConfigSchema.ts"
import { recordsOf, shapeOf } from "../src/declaration/keys/Shape.ts"

const read = (document: string) => readFileSync(locate(document), "utf8")

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "terraform/README.md",
  ...readdirSync(locate("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(locate("docs/api")).map((name) => `docs/api/${name}`)
]

const anchorsOf = (page: string) => [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading))

describe("the documents", () => {
  it.each(documents)("%s has its tables as the code has them (npm run docs writes them)", (document) => {
    assert.strictEqual(read(document), withTables(read(document)))
  })

  it("have each setting, each deadline and each room", () => {
    const settings = read("docs/settings.md")
    for (const variable of variables) assert.include(settings, `\`${variable}\` |`)
    for (const room of Object.keys(rooms)) assert.include(read("docs/architecture.md"), `| \`${room}/\` |`)
  })

  it("say of each key of a declaration what it does, in sentences, as its annotation has it", () => {
    const page = read("docs/declaration.md")
    const roots = [Declaration, ConfigMapSchema, SecretSchema].map(shapeOf)
    for (const { title, fields } of roots.flatMap(recordsOf)) {
      for (const [key, { description }] of fields) {
        assert.match(description ?? "", /^[^]+\.\)?$/, `${title}.${key}`)
        if (title !== "the declaration") assert.include(page, description!, `${title}.${key}`)
      }
    }
  })

  it("have each example", () => {
    const page = read("docs/declaration.md")
    for (const name of readdirSync(locate("examples"))) assert.include(page, `| [${name}](../examples/${name}) |`)
  })

  it("have the API as the docstrings of the code have it (npm run docs writes it)", () => {
    const pages = apiPages()
    assert.sameMembers(readdirSync(locate("docs/api")), [...pages.keys()])
    for (const [name, text] of pages) assert.strictEqual(read(`docs/api/${name}`), text, name)
  })

  it("have each name that can be imported in the API, with a docstring", async () => {
    const index = read("docs/api/README.md")
    const exported = [...ofLibrary(), ...ofTesting()]
    for (const { name, docstring } of exported) {
      assert.isAtLeast(docstring?.length ?? 0, 5, `${name} has no docstring`)
      assert.include(index, `[\`${name}\`](`)
    }
    const known = new Set(exported.map(({ name }) => name))
    const values = Object.keys({ ...(await import("../src/index.ts")), ...(await import("../src/testing.ts")) })
    assert.deepStrictEqual(
      values.filter((name) => !known.has(name)),
      []
    )
  })

  it("have each exit code", () => {
    const codes = [...read("README.md").matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, codes = ""]) =>
      codes.split(", ").map(Number)
    )
    assert.sameMembers(codes, Object.values(exitCodes))
  })

  it.each(pages)("%s links to what is there", (page) => {
    for (const [, target = ""] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [path = "", anchor] = target.split("#")
      const url = path === "" ? locate(page) : new URL(path, locate(page))
      assert.isTrue(existsSync(url), target)
      if (anchor === undefined) continue
      const linked = url.pathname.replace(locate("").pathname, "")
      assert.include(anchorsOf(linked), anchor, target)
    }
  })

  it.each(pages)("%s names files that are there", (page) => {
    for (const [, path = ""] of read(page).matchAll(/`((?:src|test|scripts|examples)\/[\w./-]*)`/g)) {
      assert.isTrue(existsSync(locate(path)), path)
    }
  })
})
