import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const found = (candidates: ReadonlyArray<ReadonlyArray<string>>, probe: ReadonlyArray<string>) =>
  candidates.find(([program = "", ...words]) => {
    if (program.startsWith("/") && !existsSync(program)) return false
    return spawnSync(program, [...words, ...probe], { encoding: "utf8" }).status === 0
  })

/** Docker Compose from version 2 on, as a program or as a plugin of docker; undefined where there is none. */
export const compose = (() => {
  const one = found(
    [[process.env["SLIPWAY_COMPOSE"] ?? "docker-compose"], ["docker", "compose"]],
    ["version", "--short"]
  )
  if (one === undefined) return undefined
  const [program = "", ...words] = one
  const { stdout } = spawnSync(program, [...words, "version", "--short"], { encoding: "utf8" })
  return Number(stdout.replace(/^v/, "").split(".")[0]) >= 2 ? one : undefined
})()

/** Podman's generator of units; undefined where there is none. */
export const quadlet = found(
  [
    [process.env["SLIPWAY_QUADLET"] ?? "/usr/libexec/podman/quadlet"],
    ["/usr/lib/systemd/system-generators/podman-system-generator"]
  ],
  ["-version"]
)

for (const [name, program] of [
  ["Docker Compose 2 (SLIPWAY_COMPOSE)", compose],
  ["Podman's quadlet (SLIPWAY_QUADLET)", quadlet]
] as const) {
  if (program === undefined) process.stderr.write(`conversions are not read by ${name}: it is not here\n`)
}

/** Runs a program on files in a folder of their own, which its words name as `{}`. */
export const runOn = (
  [program = "", ...words]: ReadonlyArray<string>,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {}
) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-convert-"))
  const here = (text: string) => text.replaceAll("{}", folder)
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return spawnSync(program, words.map(here), {
      encoding: "utf8",
      env: { ...process.env, ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, here(value)])) }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
