import { spawnSync } from "node:child_process"
import { accessSync, constants, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }

/** The Nodes of this machine: the one that the tests run on, and any other on the PATH that is not too old. */
const nodes = [
  ...new Set(
    [process.execPath, ...(process.env["PATH"] ?? "").split(delimiter).map((directory) => join(directory, "node"))]
      .filter((path) => {
        try {
          accessSync(path, constants.X_OK)
          return true
        } catch {
          return false
        }
      })
      .map((path) => realpathSync(path))
  )
].filter((path) => Number(/^v(\d+)/.exec(spawnSync(path, ["--version"], { encoding: "utf8" }).stdout)?.[1]) >= 20)

describe.each(nodes)("the executable on %s", { timeout: 60_000 }, (node) => {
  let directory = ""
  let executable = ""

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-executable-"))
    executable = join(directory, "slipway.cjs")
    // From the sources as they are: what `npm ci` has built may be older.
    const built = spawnSync(join(root, "node_modules/.bin/rolldown"), ["-c", "--file", executable], { cwd: root })
    assert.strictEqual(built.status, 0, String(built.stderr))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const slipway = (args: ReadonlyArray<string>, options: { input?: string; env?: Record<string, string> } = {}) =>
    spawnSync(node, [executable, ...args], {
      encoding: "utf8",
      cwd: directory,
      input: options.input ?? "",
      env: { PATH: process.env["PATH"], HOME: "/nowhere", ...options.env }
    })

  it("prints its version and its help", () => {
    const run = slipway(["--version"])
    assert.strictEqual(run.status, 0)
    assert.include(run.stdout, version)
    assert.strictEqual(run.stderr, "")
    assert.include(slipway(["up", "--help"]).stdout, "--declaration")
  })

  it("is one file, and lists what to run it with", () => {
    assert.match(readFileSync(executable, "utf8"), /^#!\/usr\/bin\/env node\n/)
  })

  it("checks files, and standard input that is a socket or a pipe", () => {
    writeFileSync(join(directory, "broken.yaml"), "spec: { containers: [{ image: nginx, tty: 'yes' }] }")
    const broken = slipway(["check", "broken.yaml"])
    assert.strictEqual(broken.status, 78)
    assert.match(broken.stderr, /^broken\.yaml:1:44: error: /)
    const input = slipway(["check", "-"], { input: "spec: { containers: [{ image: nginx }] }" })
    assert.strictEqual(input.stdout, "<stdin>: ok\n")
    assert.strictEqual(input.status, 0)
  })

  it("rehearses a boot in no time, the same each time", () => {
    const run = slipway(["rehearse"])
    assert.strictEqual(run.status, 0, run.stderr)
    assert.match(run.stdout, /was started: running/)
    assert.strictEqual(slipway(["rehearse"]).stdout, run.stdout)
  })

  it("a failure ends with its code, and with what to do", () => {
    const run = slipway(["plan", "--declaration", "-"], {
      input: "spec: { containers: [{ image: nginx }] }",
      env: { DOCKER_HOST: `unix://${directory}/none.sock`, SLIPWAY_PING_TIMEOUT: "x" }
    })
    assert.strictEqual(run.status, 78)
    assert.strictEqual(run.stdout, "")
    assert.match(run.stderr, /^slipway: these settings cannot be used, nothing was changed:\n {2}SLIPWAY_PING_TIMEOUT /)
  })
})
