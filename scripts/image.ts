/**
 * Makes the container image: `node scripts/image.ts [FILE]` writes `dist/slipway-image.tar` (or FILE), an archive for
 * `docker load`, without an engine and without a registry.
 *
 * In it are the single executable (`npm run build:executable` makes it; SLIPWAY_EXECUTABLE names another), nsenter, by
 * which the host's own programs are run, and the libraries that the two need. Nothing else.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { arch, tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import manifest from "../package.json" with { type: "json" }

const root = fileURLToPath(new URL("..", import.meta.url))
const output = resolve(process.argv[2] ?? join(root, "dist/slipway-image.tar"))
const executable = process.env["SLIPWAY_EXECUTABLE"] ?? join(root, "dist/slipway")
const directory = mkdtempSync(join(tmpdir(), "slipway-image-"))
const run = (program: string, ...args: ReadonlyArray<string>) => execFileSync(program, args, { encoding: "utf8" })
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
/** The same files give the same archive, whoever packs them and whenever. */
const pack = (file: string, from: string, ...names: ReadonlyArray<string>) =>
  run(
    "tar",
    "-C",
    from,
    "--sort=name",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    // Whatever the umask is.
    "--mode=u=rwX,go=rX",
    "-cf",
    file,
    ...names
  )

try {
  const rootfs = join(directory, "rootfs")
  const put = (from: string, to: string) => {
    mkdirSync(join(rootfs, dirname(to)), { recursive: true, mode: 0o755 })
    copyFileSync(realpathSync(from), join(rootfs, to))
  }
  const nsenter = run("which", "nsenter").trim()
  for (const [from, to] of [
    [executable, "/usr/bin/slipway"],
    [nsenter, "/usr/bin/nsenter"]
  ] as const) {
    statSync(from)
    put(from, to)
    for (const library of run("ldd", from).match(/\/\S+\.so\S*/g) ?? []) put(library, library)
  }
  const layer = join(directory, "layer.tar")
  pack(layer, rootfs, ".")
  const config = Buffer.from(
    JSON.stringify({
      architecture: arch() === "arm64" ? "arm64" : "amd64",
      os: "linux",
      created: "1970-01-01T00:00:00Z",
      config: { Entrypoint: ["/usr/bin/slipway"], Cmd: ["up"], Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] },
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(readFileSync(layer))}`] }
    })
  )
  const configName = `${sha256(config)}.json`
  writeFileSync(join(directory, configName), config)
  // Source: the Docker image specification, v1.2, as `docker save` writes it.
  const names = [{ Config: configName, RepoTags: [`slipway:${manifest.version}`], Layers: ["layer.tar"] }]
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(names))
  pack(output, directory, configName, "layer.tar", "manifest.json")
} finally {
  rmSync(directory, { recursive: true, force: true })
}
