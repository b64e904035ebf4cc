import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { accessSync, constants, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import manifest from "../../package.json" with { type: "json" }

const root = fileURLToPath(new URL("../..", import.meta.url))

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

describe.each(nodes)("the executable on %s", (node) => {
  let directory = ""
  let executable = ""

  /** Without anything of this machine's environment. */
  const slipway = (args: ReadonlyArray<string>, input = "", env: NodeJS.ProcessEnv = {}) => {
    const options = { cwd: directory, env, encoding: "utf8", input, maxBuffer: 64 << 20 } as const
    const { status, stdout, stderr } = spawnSync(node, [executable, ...args], options)
    return { status, stdout, stderr }
  }

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-executable-"))
    executable = join(directory, "slipway.cjs")
    // From the sources as they are: what `npm ci` has built may be older.
    const built = spawnSync(join(root, "node_modules/.bin/rolldown"), ["-c", "--file", executable], { cwd: root })
    assert.strictEqual(built.status, 0, String(built.stderr))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it("knows its version", () => {
    assert.deepStrictEqual(slipway(["--version"]), { status: 0, stdout: `slipway v${manifest.version}\n`, stderr: "" })
  })

  it("ends when all that it has to say is said, however much and whatever its exit code", () => {
    const entries = Array.from({ length: 200 }, (_, index) => `{nmae: N${index}}`).join(", ")
    writeFileSync(join(directory, "wrong.yaml"), `spec: {containers: [{image: app, env: [${entries}]}]}\n`)
    const files = Array.from({ length: 40 }, () => "wrong.yaml")
    const { status, stdout } = slipway(["check", "--format", "json", ...files])
    assert.strictEqual(status, 78)
    // Many times what a pipe holds.
    assert.isAbove(stdout.length, 1_000_000)
    assert.lengthOf(JSON.parse(stdout), files.length)
  })

  it("takes an empty SLIPWAY_POLICY for a name that got lost, not for none", () => {
    const { status, stdout, stderr } = slipway(["rehearse"], "", { SLIPWAY_POLICY: "" })
    assert.strictEqual(status, 78)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^ {2}SLIPWAY_POLICY must name a file$/m)
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

  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129]
  ] as const) {
    it(`ends with ${code} on ${signal}, in the middle of its work`, async () => {
      writeFileSync(join(directory, "good.yaml"), "spec: { containers: [{ image: nginx }] }")
      const child = spawn(node, [executable, "plan", "--declaration", "good.yaml"], {
        cwd: directory,
        stdio: ["ignore", "ignore", "pipe"],
        // An engine that is not there yet is waited for.
        env: { PATH: process.env["PATH"], DOCKER_HOST: `unix://${directory}/none.sock` }
      })
      let stderr = ""
      child.stderr.on("data", (bytes) => (stderr += String(bytes)))
      await once(child.stderr, "data")
      child.kill(signal)
      const [exitCode] = (await once(child, "close")) as [number]
      assert.strictEqual(exitCode, code, stderr)
      assert.match(stderr, /none\.sock.*try 1 failed[^]*\nslipway: stopped by a signal\n$/)
    })
  }
})
