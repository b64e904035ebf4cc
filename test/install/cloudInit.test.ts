import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import { type CloudInitOptions, renderCloudInit } from "../../src/install/cloudInit.ts"
import { unitText } from "../../src/install/unit.ts"

const sha256 = "0123456789abcdef".repeat(4)
const options: CloudInitOptions = {
  system: "cos",
  url: "https://downloads.example/slipway?a=1&b=$c",
  sha256,
  runs: "agent",
  takeover: false
}

interface UserData {
  readonly bootcmd?: ReadonlyArray<ReadonlyArray<string>>
  readonly write_files?: ReadonlyArray<{
    readonly path: string
    readonly permissions: string
    readonly encoding?: "b64"
    readonly content: string
  }>
  readonly packages?: ReadonlyArray<string>
  readonly runcmd: readonly [string, ...ReadonlyArray<ReadonlyArray<string>>]
}
const userData = (changes: Partial<CloudInitOptions> = {}): UserData => {
  const text = renderCloudInit({ ...options, ...changes })
  assert.match(text, /^#cloud-config\n/)
  return parse(text, { strict: true }) as UserData
}

describe("user data", () => {
  it("for Container-Optimized OS: the unit at each boot, the executable where it may run", () => {
    const { write_files: files, runcmd, bootcmd } = userData()
    assert.deepStrictEqual(files, [
      {
        path: "/etc/systemd/system/slipway.service",
        permissions: "0644",
        content: unitText({ program: ["/var/lib/google/slipway/slipway"], runs: "agent" })
      }
    ])
    assert.deepStrictEqual(runcmd.slice(1), [
      ["systemctl", "daemon-reload"],
      ["systemctl", "start", "--no-block", "slipway.service"]
    ])
    assert.isUndefined(bootcmd)
  })

  it("masks konlet before it starts, where its place is taken", () => {
    const { bootcmd, write_files: files } = userData({ takeover: true })
    assert.deepStrictEqual(bootcmd, [["systemctl", "mask", "--now", "--no-block", "konlet-startup.service"]])
    assert.include(files?.[0]?.content, "konlet-startup.service was masked")
  })

  it("has `up` once a boot where that is wanted", () => {
    const [unit] = userData({ runs: "up" }).write_files ?? []
    assert.strictEqual(unit?.content, unitText({ program: ["/var/lib/google/slipway/slipway"], runs: "up" }))
    const { runcmd } = userData({ system: "debian", runs: "up" })
    assert.deepStrictEqual(runcmd[1], ["/usr/local/bin/slipway", "install", "--once"])
  })

  it("for Debian: the engine, the executable, and its own installation", () => {
    const { packages, runcmd } = userData({ system: "debian", takeover: true })
    assert.deepStrictEqual(packages, ["ca-certificates", "curl", "docker.io"])
    assert.deepStrictEqual(runcmd.slice(1), [
      ["/usr/local/bin/slipway", "install", "--takeover"],
      ["systemctl", "start", "--no-block", "slipway.service"]
    ])
  })
})

/** What user data writes, by its path. */
const written = (changes: Partial<CloudInitOptions>) =>
  Object.fromEntries(
    (userData(changes).write_files ?? []).map(({ path, encoding, content }) => [
      path,
      encoding === "b64" ? Buffer.from(content, "base64").toString() : content
    ])
  )

describe("settings and a policy in user data", () => {
  for (const system of ["cos", "debian"] as const) {
    it(`are where the unit reads them, on ${system}`, () => {
      const files = written({ system, settings: "# why\nSLIPWAY_CONFIRM=10s\n\n", policy: "registries: [gcr.io]\n" })
      assert.strictEqual(
        files["/etc/default/slipway"],
        "# why\nSLIPWAY_CONFIRM=10s\nSLIPWAY_POLICY=/etc/slipway/policy.yaml\n"
      )
      assert.strictEqual(files["/etc/slipway/policy.yaml"], "registries: [gcr.io]\n")
      assert.deepStrictEqual(
        Object.keys(written({ system, settings: "A=1" })).filter((path) => path.includes("policy")),
        []
      )
    })
  }

  it("are what they were, whatever they are", () => {
    for (const text of [
      "  indented: 1\n  b: 2\n",
      "\n\n    late: 1\n",
      "\ttab\n",
      "a: |\n  x: 'y' # \"z\"\n\n  ${v}\n---\n",
      "ünï: ✓\n",
      "line\u2028separator\u0085\n",
      "old\rMac\n"
    ]) {
      assert.strictEqual(
        written({ policy: text })["/etc/slipway/policy.yaml"]?.trimEnd(),
        text.trimEnd(),
        JSON.stringify(text)
      )
    }
    assert.strictEqual(written({ settings: "A=1\r\nB=2\r\n" })["/etc/default/slipway"], "A=1\nB=2\n")
  })
})

describe("the program's place", () => {
  it("is said in a comment", () => {
    assert.include(
      renderCloudInit(options),
      `# The unit runs /var/lib/google/slipway/slipway, which is fetched from ${options.url}.\n`
    )
    assert.include(renderCloudInit({ ...options, system: "debian" }), "# The unit runs /usr/local/bin/slipway, ")
    assert.include(unitText({ program: ["/opt/slipway"], runs: "agent" }), "\n# It runs /opt/slipway, ")
  })
})

/** Runs what cloud-init makes of the first command, with a curl that gives what it is told. */
const download = (served: string, expected: string, there?: string) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-download-"))
  try {
    const target = join(directory, "bin")
    const digest = createHash("sha256").update(expected).digest("hex")
    const [script] = userData({ sha256: digest }).runcmd
    writeFileSync(join(directory, "served"), served)
    writeFileSync(
      join(directory, "curl"),
      `#!/bin/sh
echo "$@" >>${directory}/asked
while [ "$1" != --output ]; do shift; done
cp ${directory}/served "$2"
`
    )
    chmodSync(join(directory, "curl"), 0o755)
    if (there !== undefined) {
      spawnSync("mkdir", [target])
      writeFileSync(join(target, "slipway"), there)
    }
    const text = `${script.replaceAll("/var/lib/google/slipway", target)}\necho went on\n`
    const { status, stdout, stderr } = spawnSync("sh", ["-c", text], {
      encoding: "utf8",
      env: { PATH: `${directory}:${process.env["PATH"]}` }
    })
    const path = join(target, "slipway")
    return {
      status,
      stdout,
      stderr,
      asked: existsSync(join(directory, "asked")) ? readFileSync(join(directory, "asked"), "utf8") : "",
      slipway: existsSync(path) ? readFileSync(path, "utf8") : undefined
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe("the download", () => {
  it("is put in its place when it is what it should be", () => {
    const { status, stdout, asked, slipway } = download("good", "good")
    assert.deepStrictEqual({ status, stdout, slipway }, { status: 0, stdout: "went on\n", slipway: "good" })
    // The URL is one word, as it is.
    assert.match(asked, / https:\/\/downloads\.example\/slipway\?a=1&b=\$c\n$/)
  })

  it("is refused, and nothing after it is run, when it is not", () => {
    const { status, stdout, stderr, slipway } = download("evil", "good")
    assert.notStrictEqual(status, 0)
    assert.strictEqual(stdout, "")
    assert.include(stderr, "not what its SHA-256 says")
    assert.isUndefined(slipway)
  })

  it("is not made again where it is there, and replaces another", () => {
    assert.strictEqual(download("good", "good", "good").asked, "")
    assert.strictEqual(download("good", "good", "old").slipway, "good")
  })
})
