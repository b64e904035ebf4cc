import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import manifest from "../../package.json" with { type: "json" }

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("the executable", { timeout: 60_000 }, () => {
  let directory = ""
  let bundle = ""

  /** Without anything of this machine's environment but the program's place. */
  const slipway = (args: ReadonlyArray<string>, input = "") => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], {
      cwd: directory,
      env: {},
      encoding: "utf8",
      input
    })
    return { status, stdout, stderr }
  }

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-bundle-"))
    bundle = join(directory, "slipway.cjs")
    // Built from the sources as they are: what is in dist/ may be older.
    const built = spawnSync(join(root, "node_modules/.bin/rolldown"), ["-c", "--file", bundle], {
      cwd: root,
      encoding: "utf8"
    })
    assert.strictEqual(built.status, 0, built.stderr)
  }, 60_000)
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it("knows its version", () => {
    assert.deepStrictEqual(slipway(["--version"]), { status: 0, stdout: `slipway v${manifest.version}\n`, stderr: "" })
  })

  it("refuses a broken declaration with 78, in its place, without a value", () => {
    const broken =
      "spec:\n  containers:\n    - image: app:1\n      env: [{ name: A, value: s3cr3t }]\n  restartPolicy: No\n"
    writeFileSync(join(directory, "broken.yaml"), broken)
    const { status, stdout, stderr } = slipway(["check", "broken.yaml"])
    assert.strictEqual(status, 78)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^broken\.yaml:5:\d+:? /)
    assert.notInclude(stderr, "s3cr3t")
  })

  it("reads standard input", () => {
    const { status, stdout } = slipway(["check", "-"], "spec: { containers: [{ image: 'app:1' }] }")
    assert.deepStrictEqual({ status, stdout }, { status: 0, stdout: "<stdin>: ok\n" })
  })

  it("tells a declaration that is not there", () => {
    const { status, stderr } = slipway(["up", "--declaration", "absent.yaml"])
    assert.strictEqual(status, 78)
    assert.include(stderr, "--declaration: absent.yaml cannot be read: there is no such file")
  })

  it("rehearses, the same twice", () => {
    const first = slipway(["rehearse", "--seed", "7"])
    assert.strictEqual(first.status, 0, first.stderr)
    assert.match(first.stdout, /was started: running, us-docker\.pkg\.dev/)
    assert.deepStrictEqual(slipway(["rehearse", "--seed", "7"]), first)
  })
})
