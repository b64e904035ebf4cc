import { existsSync, readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { rooms } from "../oxlint.config.ts"
import { documents, locate, withTables } from "../scripts/docs.ts"
import { exitCodes } from "../src/cli/output/exitCodes.ts"
import { variables } from "../src/cli/settings/settingTable.ts"
import { Declaration } from "../src/declaration/DeclarationSchema.ts"
import { type Shape, shapeOf } from "../src/declaration/keys/Shape.ts"

const read = (document: string) => readFileSync(locate(document), "utf8")

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(locate("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
]

/** A heading's anchor. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-")

const anchorsOf = (page: string) => [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading))

/** What a section's tables have in their first column. */
const keysIn = (page: string, heading: string) => {
  const section = read(page).split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? ""
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key)
}

/** A shape's keys, down to what has none of its own: `ports[].hostPort`; those in `apart` are not looked into. */
const keysOf = (shape: Shape, apart: ReadonlySet<string> = new Set(), path = ""): ReadonlyArray<string> => {
  if (apart.has(path)) return [path]
  if (shape._tag === "List") return keysOf(shape.item, apart, `${path}[]`)
  if (shape._tag !== "Record") return [path]
  return [...shape.fields].flatMap(([key, field]) => keysOf(field.shape, apart, path === "" ? key : `${path}.${key}`))
}

const fieldOf = (shape: Shape, key: string): Shape => {
  const field = shape._tag === "Record" ? shape.fields.get(key)?.shape : undefined
  assert.isDefined(field)
  return field._tag === "List" ? field.item : field
}

describe("the documents", () => {
  it.each(documents)("%s has its tables as the code has them (npm run docs writes them)", (document) => {
    assert.strictEqual(read(document), withTables(read(document)))
  })

  it("have each setting, each deadline and each room", () => {
    const settings = read("docs/settings.md")
    for (const variable of variables) assert.include(settings, `\`${variable}\` |`)
    for (const room of Object.keys(rooms)) assert.include(read("docs/architecture.md"), `| \`${room}/\` |`)
  })

  it("have each key of a declaration, and no other", () => {
    const spec = fieldOf(shapeOf(Declaration), "spec")
    const apart = new Set(["containers[]", "initContainers[]", "volumes[]"])
    assert.sameMembers(keysIn("docs/declaration.md", "The Pod"), [...keysOf(spec, apart)])
    assert.sameMembers(keysIn("docs/declaration.md", "Containers"), [...keysOf(fieldOf(spec, "containers"))])
    assert.sameMembers(keysIn("docs/declaration.md", "Volumes"), [...keysOf(fieldOf(spec, "volumes"))])
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
