import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** What a program says of its version, and its words; undefined where it does not run. */
const found = ([program = "", ...words]: ReadonlyArray<string>, probe: ReadonlyArray<string>) => {
  if (program.startsWith("/") && !existsSync(program)) return undefined
  const { status, stdout } = spawnSync(program, [...words, ...probe], { encoding: "utf8" })
  return status === 0 ? { version: stdout.trim().replace(/^v/, ""), words: [program, ...words] } : undefined
}

/**
 * The words of a program that reads what is converted, of its major version or a later one; undefined where there is
 * none. One that is named by a variable has to be there, so that no test of it is skipped unseen.
 */
const reader = (
  { name, variable, major }: { readonly name: string; readonly variable: string; readonly major: number },
  candidates: ReadonlyArray<ReadonlyArray<string>>,
  probe: ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  const named = process.env[variable]
  for (const candidate of named === undefined ? candidates : [[named]]) {
    const one = found(candidate, probe)
    if (one !== undefined && Number.parseInt(one.version, 10) >= major) return one.words
  }
  if (named !== undefined) throw new Error(`${variable}: ${named} is not ${name} ${major} or later, or does not run`)
  process.stderr.write(`conversions are not read by ${name} (${variable}): it is not here\n`)
  return undefined
}

/** Docker Compose, as a program or as a plugin of docker. */
export const compose = reader(
  { name: "Docker Compose", variable: "SLIPWAY_COMPOSE", major: 2 },
  [["docker-compose"], ["docker", "compose"]],
  ["version", "--short"]
)

/** Podman's generator of units. */
export const quadlet = reader(
  { name: "Podman's quadlet", variable: "SLIPWAY_QUADLET", major: 4 },
  [["/usr/libexec/podman/quadlet"], ["/usr/lib/systemd/system-generators/podman-system-generator"]],
  ["-version"]
)

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
