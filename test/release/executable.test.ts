import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { arch, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import manifest from "../../package.json" with { type: "json" }

const root = fileURLToPath(new URL("../..", import.meta.url))
const machines = { x64: "x86_64", arm64: "aarch64" } as const
const libraries = (machine: string) => `/usr/${machine}-linux-gnu`
const isHere = (architecture: keyof typeof machines) =>
  spawnSync(`qemu-${machines[architecture]}-static`, ["--version"]).status === 0 &&
  (architecture === arch() || existsSync(join(libraries(machines[architecture]), "lib/libstdc++.so.6")))

for (const architecture of ["x64", "arm64"] as const) {
  const isMissing = !isHere(architecture)
  if (isMissing) console.log(`skipped: the executable for ${architecture} needs qemu-user-static and its C++ library`)

  describe.skipIf(isMissing && process.env["SLIPWAY_REQUIRE_ENGINE"] !== "1")(
    `the executable for ${architecture}`,
    () => {
      it("is the same bytes when it is made again, elsewhere and in another environment, and runs", () => {
        const directory = mkdtempSync(join(tmpdir(), "slipway-twice-"))
        try {
          const make = (name: string, env: Readonly<Record<string, string>>) => {
            const temporary = join(directory, `${name}-of-another-length-${name}`)
            mkdirSync(temporary)
            const file = join(directory, name)
            execFileSync(process.execPath, [join(root, "scripts/executable.ts"), file, architecture], {
              env: { ...process.env, TMPDIR: temporary, ...env },
              stdio: ["ignore", "ignore", "pipe"]
            })
            return { file, digest: createHash("sha256").update(readFileSync(file)).digest("hex") }
          }
          const one = make("one", {})
          const other = make("other-one", { TZ: "Asia/Tokyo", LANG: "de_DE.UTF-8", NODE_OPTIONS: "--no-deprecation" })
          assert.strictEqual(other.digest, one.digest)
          const emulated = (...args: ReadonlyArray<string>) =>
            execFileSync(
              `qemu-${machines[architecture]}-static`,
              ["-L", libraries(machines[architecture]), one.file, ...args],
              { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }
            )
          assert.strictEqual(emulated("--version").trim(), `slipway v${manifest.version}`)
          assert.include(emulated("rehearse"), "was started")
        } finally {
          rmSync(directory, { recursive: true, force: true })
        }
      })
    }
  )
}
