/**
 * Makes one file of the program and Node: `node scripts/executable.ts [FILE]`, `dist/slipway` where none is named.
 *
 * A Node single executable whose V8 start-up snapshot has the whole program loaded: it starts in half the time of the
 * bundle. Node 24, because the binary of 26 needs libatomic, which a minimal Debian lacks. The binary comes from the npm
 * registry, checked against the digests below.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { arch, platform, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"
import { snapshot } from "../rolldown.config.ts"

const version = "24.21.0"
/** SHA-512 of the packages `node-linux-<architecture>`, as the registry publishes them. */
const integrity: Readonly<Record<string, string>> = {
  x64: "3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  arm64: "FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g=="
}

const root = fileURLToPath(new URL("..", import.meta.url))
const output = resolve(process.argv[2] ?? join(root, "dist/slipway"))
const expected = integrity[arch()]
if (platform() !== "linux" || expected === undefined) {
  process.stderr.write(`executable: made for Linux on x64 and arm64 only, not for ${platform()} on ${arch()}\n`)
  process.exit(1)
}

const directory = mkdtempSync(join(tmpdir(), "slipway-executable-"))
try {
  const name = `node-linux-${arch()}`
  const run = (program: string, ...args: ReadonlyArray<string>) =>
    execFileSync(program, args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] })
  run("npm", "pack", "--silent", `${name}@${version}`)
  const archive = join(directory, `${name}-${version}.tgz`)
  const found = createHash("sha512").update(readFileSync(archive)).digest("base64")
  if (found !== expected) throw new Error(`${name}@${version} is not what was published: sha512-${found}`)
  run("tar", "-xf", archive, "package/bin/node")
  const node = join(directory, "package/bin/node")
  const main = join(directory, "slipway.cjs")
  await build(snapshot(main))
  const config = {
    main,
    output: join(directory, "blob"),
    useSnapshot: true,
    disableExperimentalSEAWarning: true
  }
  writeFileSync(join(directory, "sea.json"), JSON.stringify(config))
  run(node, "--experimental-sea-config", "sea.json")
  // The fuse is Node's mark of where a program can be put into it.
  const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"
  run(join(root, "node_modules/.bin/postject"), node, "NODE_SEA_BLOB", "blob", "--sentinel-fuse", fuse)
  // A file that runs can be replaced but not written to.
  rmSync(output, { force: true })
  copyFileSync(node, output)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
