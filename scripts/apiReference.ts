import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { rooms } from "../oxlint.config.ts"
import { signatureOf } from "./api/signatureOf.ts"
import { type Exported, exportsOf } from "./api/sourceFiles.ts"
import { anchorOf, code } from "./markdown.ts"

const folder = new URL("../docs/api/", import.meta.url)

/** What `slipway` exports, and what of a namespace has no name of its own. */
export const ofLibrary = (): ReadonlyArray<Exported> => {
  const exported = exportsOf("src/index.ts")
  const names = new Set(exported.map(({ name }) => name))
  return exported.flatMap((one) => [
    one,
    ...one.members
      .filter(({ name }) => !names.has(name))
      .map((member) => ({ ...member, name: `${one.name}.${member.name}` }))
  ])
}

/** What `slipway/testing` exports and `slipway` does not. */
export const ofTesting = (): ReadonlyArray<Exported> => {
  const names = new Set(ofLibrary().map(({ name }) => name))
  return exportsOf("src/testing.ts").filter(({ name }) => !names.has(name))
}

/** What `index.ts` declares itself is about the flow. */
const roomOf = ({ file }: Exported): string => /^src\/([^/]+)\//.exec(file)?.[1] ?? "startup"

interface Page {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly entries: ReadonlyArray<Exported>
}

const entryText = (exported: Exported): string => {
  const { kind, code: signature } = signatureOf(exported)
  const source = `[${exported.file}](../../${exported.file})`
  return [
    `## ${exported.name}`,
    `${kind}, ${source}`,
    ...(exported.docstring === undefined ? [] : [exported.docstring]),
    `\`\`\`ts\n${signature}\n\`\`\``
  ].join("\n\n")
}

const byName = (one: Exported, other: Exported) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1)

const pagesOf = (): ReadonlyArray<Page> => {
  const library = ofLibrary()
  return [
    ...Object.entries(rooms).flatMap(([room, { holds }]) => {
      const entries = library.filter((exported) => roomOf(exported) === room).toSorted(byName)
      const about = `What \`slipway\` exports of \`src/${room}/\`: ${holds}.`
      return entries.length === 0 ? [] : [{ name: room, title: `API: ${room}`, about, entries }]
    }),
    {
      name: "testing",
      title: "API: slipway/testing",
      about:
        "What `slipway/testing` exports: a VM in memory, for tests. [Testing](../testing.md) shows how it is used.",
      entries: ofTesting().toSorted(byName)
    }
  ]
}

const madeBy = "<!-- made by `npm run docs` of the docstrings in src/ -->"

const pageText = ({ title, about, entries }: Page): string =>
  [`# ${title}`, madeBy, `${about} [All pages](README.md).`, ...entries.map(entryText)].join("\n\n") + "\n"

const indexText = (pages: ReadonlyArray<Page>): string =>
  [
    "# API",
    madeBy,
    "Each name that `slipway` and `slipway/testing` export, with its docstring and its fields, by the room of its source. " +
      "[The library](../library.md) has recipes, [Architecture](../architecture.md) what the rooms are.",
    "A `class` with fields alone is what a declaration's check found and only warns of; an `error` is what an Effect or a " +
      "`Result` fails with, by its `_tag`, which is its name. Each has a `message`, and where something can be done about it an `advice`. " +
      "The errors and the services of an `Effect<…>` are inferred; an editor shows them.",
    ...pages.map(({ name, title, entries }) =>
      [
        `## ${title.replace("API: ", "")}`,
        entries.map((exported) => `[${code(exported.name)}](${name}.md#${anchorOf(exported.name)})`).join(", ")
      ].join("\n\n")
    )
  ].join("\n\n") + "\n"

/** The pages of the reference by their names in `docs/api/`. */
export const apiPages = (): ReadonlyMap<string, string> => {
  const pages = pagesOf()
  return new Map([
    ["README.md", indexText(pages)],
    ...pages.map((page): [string, string] => [`${page.name}.md`, pageText(page)])
  ])
}

if (import.meta.main) {
  const pages = apiPages()
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(new URL(name, folder))
  for (const [name, text] of pages) writeFileSync(new URL(name, folder), text)
}
