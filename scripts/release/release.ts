/**
 * Makes what a release holds: `node scripts/release/release.ts [--twice] [DIRECTORY]`, `dist/release` where none is
 * named. With --twice it is made two times, and fails if one byte differs.
 *
 * It takes what `npm run build` has left in dist, and QEMU for the executables (see scripts/executable.ts). All times are
 * the commit's, or SOURCE_DATE_EPOCH (reproducible-builds.org/specs/source-date-epoch).
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { arch, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import manifest from "../../package.json" with { type: "json" }
import { tar } from "./archives.ts"
import { bill, copyrightOf } from "./bill.ts"
import { checksums, differences } from "./checksums.ts"
import { commandTree, completions } from "./commandTree.ts"
import { bundledComponents, nodeComponents } from "./components.ts"
import { gzip, zstd } from "./compress.ts"
import { debianArchitectures, debianPackage } from "./debianPackage.ts"
import { exitCodesOf, manPage } from "./manPage.ts"
import { type Architecture, architectures, fetchNode } from "./nodeBinary.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const { values, positionals } = parseArgs({
  options: { twice: { type: "boolean", default: false }, level: { type: "string", default: "19" } },
  allowPositionals: true
})
const output = resolve(positionals[0] ?? join(root, "dist/release"))
const level = Number(values.level)
const { version, description } = manifest
const run = (program: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  execFileSync(program, args, { cwd: root, encoding: "utf8", env: { ...process.env, ...env } })
const seconds = Number(process.env["SOURCE_DATE_EPOCH"] ?? run("git", ["log", "-1", "--format=%ct"]))
// By Debian's own variables, debchange(1). An address of nobody's is none that a stranger could get.
const maintainer = `${process.env["DEBFULLNAME"] ?? "The Slipway authors"} <${process.env["DEBEMAIL"] ?? "slipway@localhost"}>`
const read = (path: string) => readFileSync(join(root, path), "utf8")

const make = async (directory: string) => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const made = new Map<string, Uint8Array>()
  const put = (name: string, bytes: Uint8Array) => {
    made.set(name, bytes)
    writeFileSync(join(directory, name), bytes, { mode: /linux-(x64|arm64)$/.test(name) ? 0o755 : 0o644 })
    process.stdout.write(`${name}: ${(bytes.length / 1e6).toFixed(1)} MB\n`)
  }
  const folder = mkdtempSync(join(tmpdir(), "slipway-release-"))
  try {
    const fetched = fetchNode(arch() === "arm64" ? "arm64" : "x64", folder)
    const components = [
      ...(await bundledComponents()),
      ...nodeComponents(fetched.node, readFileSync(fetched.license, "utf8"))
    ]
    const copyright = copyrightOf(read("LICENSE"), components)
    put(`slipway-${version}.cdx.json`, Buffer.from(bill({ version, description, seconds, components })))

    const tree = await Effect.runPromise(commandTree())
    const page = manPage(tree, { version, seconds, exitCodes: exitCodesOf(read("README.md")) })
    const shells = {
      bash: await Effect.runPromise(completions("bash")),
      zsh: await Effect.runPromise(completions("zsh")),
      fish: await Effect.runPromise(completions("fish"))
    }
    const text = (path: string, content: string) => ({
      path: `slipway-${version}/${path}`,
      bytes: Buffer.from(content)
    })
    const beside = [
      text("LICENSES", copyright),
      text("CHANGELOG.md", read("CHANGELOG.md")),
      text("slipway.8", page),
      text("completions/slipway.bash", shells.bash),
      text("completions/_slipway", shells.zsh),
      text("completions/slipway.fish", shells.fish)
    ]
    const packed = async (architecture: Architecture) => {
      const name = `slipway-${version}-linux-${architecture}`
      const file = join(folder, name)
      run(process.execPath, ["scripts/executable.ts", file, architecture])
      const executable = readFileSync(file)
      put(name, executable)
      const archive = tar([...beside, { path: `slipway-${version}/slipway`, bytes: executable, mode: 0o755 }], seconds)
      const [archived, debian] = await Promise.all([
        zstd(archive, level),
        debianPackage({
          architecture,
          version,
          description,
          seconds,
          level,
          executable,
          manPage: page,
          completions: shells,
          changelog: read("CHANGELOG.md"),
          maintainer,
          copyright
        })
      ])
      put(`${name}.tar.zst`, archived)
      put(`slipway_${version}_${debianArchitectures[architecture]}.deb`, debian)
    }
    for (const architecture of architectures) await packed(architecture)

    // Its libraries are this machine's, so there is one for no other.
    const own = arch() === "arm64" ? "arm64" : "x64"
    const image = join(folder, "image.tar")
    run(process.execPath, ["scripts/image.ts", image], {
      SLIPWAY_EXECUTABLE: join(folder, `slipway-${version}-linux-${own}`)
    })
    put(`slipway-${version}-image-${debianArchitectures[own]}.tar.gz`, gzip(readFileSync(image)))

    run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder])
    put(`slipway-${version}.tgz`, readFileSync(join(folder, `slipway-${version}.tgz`)))
    const sums = checksums(made)
    put("SHA256SUMS", Buffer.from(sums))
    return sums
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const first = await make(output)
if (values.twice) {
  const again = mkdtempSync(join(tmpdir(), "slipway-release-again-"))
  try {
    const other = differences(first, await make(join(again, "release")))
    if (other.length > 0) {
      process.stderr.write(`release: not the same bytes when it is made again: ${other.join(", ")}\n`)
      process.exitCode = 1
    } else process.stdout.write("made twice, the same bytes\n")
  } finally {
    rmSync(again, { recursive: true, force: true })
  }
}
