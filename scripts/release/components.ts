import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"
import lock from "../../package-lock.json" with { type: "json" }
import { snapshot } from "../../rolldown.config.ts"

/** A package that is in the program, or that its Node was built with. */
export interface Component {
  readonly name: string
  readonly version: string
  /** SPDX. */
  readonly license: string | undefined
  readonly purl: string
  /** SHA-512 of what the registry published, in hexadecimal. */
  readonly sha512: string | undefined
  /** The licence's text, if it came with one. */
  readonly text: string | undefined
}

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The folder of the package that a module is of: the one below the last node_modules. */
const packageOf = (id: string): string | undefined =>
  /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll(sep, "/").replace(/^\0/, ""))?.[1]

const licenseText = (folder: string): string | undefined => {
  const name = readdirSync(folder)
    .toSorted()
    .find((name) => /^licen[cs]e/i.test(name))
  return name === undefined ? undefined : readFileSync(join(folder, name), "utf8")
}

/** What the executable is bundled of, as the bundler says: of packages that are installed, not all are in it. */
export const bundledComponents = async (): Promise<ReadonlyArray<Component>> => {
  const { output } = await build({ ...snapshot(join(root, "dist/slipway.cjs")), write: false, logLevel: "silent" })
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []))
  const folders = [...new Set(modules.flatMap((id) => packageOf(id) ?? []))].toSorted()
  return folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly name: string
      readonly version: string
      readonly license?: string
    }
    const key = relative(root, folder).replaceAll(sep, "/") as keyof typeof lock.packages
    const { integrity } = lock.packages[key] as { readonly integrity?: string }
    return {
      name: manifest.name,
      version: manifest.version,
      license: manifest.license,
      purl: `pkg:npm/${manifest.name.replace("@", "%40")}@${manifest.version}`,
      sha512:
        integrity === undefined ? undefined : Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex"),
      text: licenseText(folder)
    }
  })
}

/** Versions of a Node that name no library of another project. */
const ofNodeItself = new Set(["node", "modules", "napi", "unicode", "cldr", "tz"])

/** Node, and what it was built with, as an executable's Node says. */
export const nodeComponents = (node: string, text: string): ReadonlyArray<Component> => {
  const versions = JSON.parse(
    execFileSync(node, ["-p", "JSON.stringify(process.versions)"], { encoding: "utf8" })
  ) as Readonly<Record<string, string>>
  const generic = (name: string, version: string) => ({
    name,
    version,
    license: undefined,
    purl: `pkg:generic/${name}@${encodeURIComponent(version)}`,
    sha512: undefined,
    text: undefined
  })
  return [
    { ...generic("node", versions["node"] ?? ""), license: "MIT", text },
    ...Object.entries(versions)
      .filter(([name, version]) => version !== "" && !ofNodeItself.has(name))
      .map(([name, version]) => generic(name, version))
  ]
}
