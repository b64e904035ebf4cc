import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"

/** 24, because the binary of 26 needs libatomic, which a minimal Debian lacks. */
const version = "24.21.0"

/** SHA-512 of the packages `node-linux-<architecture>`, as the registry publishes them. */
const integrity = {
  x64: "3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  arm64: "FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g=="
} as const

export type Architecture = keyof typeof integrity
export const architectures = Object.keys(integrity) as ReadonlyArray<Architecture>

/** Fetches the Node that executables are made of from the npm registry into a folder, and checks it. */
export const fetchNode = (architecture: Architecture, directory: string) => {
  const name = `node-linux-${architecture}`
  const run = (program: string, ...args: ReadonlyArray<string>) =>
    execFileSync(program, args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] })
  run("npm", "pack", "--silent", `${name}@${version}`)
  const archive = join(directory, `${name}-${version}.tgz`)
  const found = createHash("sha512").update(readFileSync(archive)).digest("base64")
  if (found !== integrity[architecture])
    throw new Error(`${name}@${version} is not what was published: sha512-${found}`)
  run("tar", "-xf", archive, "package/bin/node", "package/LICENSE")
  return { node: join(directory, "package/bin/node"), license: join(directory, "package/LICENSE") }
}
