import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { afterAll, beforeAll } from "vitest"
import { debianPackage, type DebianPackageOptions } from "../../scripts/release/debianPackage.ts"
import { unitText } from "../../src/install/unit.ts"

const options: DebianPackageOptions = {
  architecture: "arm64",
  version: "1.2.3",
  description: "Starts a VM's containers: reads a Pod-like declaration at boot, and says what it did and why.",
  seconds: 1_700_000_000,
  level: 1,
  executable: Buffer.from("#!/bin/sh\n"),
  manPage: ".TH SLIPWAY 8\n",
  completions: { bash: "# bash\n", zsh: "# zsh\n", fish: "# fish\n" },
  changelog: "# Changelog\n",
  maintainer: "Jane Doe <jane@example.org>",
  copyright: "Apache\n"
}

let directory = ""
const file = () => join(directory, "slipway.deb")
const deb = (...args: ReadonlyArray<string>) =>
  execFileSync("dpkg-deb", args, { encoding: "utf8", env: { ...process.env, TZ: "UTC" } })
const content = (path: string) =>
  execFileSync("sh", ["-c", 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2"', "sh", file(), path], { encoding: "utf8" })

describe.skipIf(spawnSync("dpkg-deb", ["--version"]).status !== 0)("the Debian package", () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "slipway-deb-"))
    writeFileSync(file(), await debianPackage(options))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it("is the same when it is made again", async () => {
    assert.isTrue((await debianPackage(options)).equals(await debianPackage(options)))
  })

  it("says what it is, and what it cannot do without", () => {
    assert.strictEqual(
      deb("--field", file(), "Package", "Version", "Architecture").split("\n")[2],
      "Architecture: arm64"
    )
    const depends = deb("--field", file(), "Depends")
    for (const name of ["libc6", "libstdc++6", "libgcc-s1", "procps"]) assert.include(depends, name)
  })

  it("has the program, its unit, its completions, its manual page, and nothing that is not root's", () => {
    const rows = deb("--contents", file()).trimEnd().split("\n")
    for (const row of rows) assert.match(row, /^[d-]rw[x-]r-[x-]r-[x-] root\/root .* 2023-11-14 22:13 \.\//)
    assert.deepStrictEqual(
      rows.filter((row) => row.startsWith("-")).map((row) => row.slice(row.indexOf("./") + 1)),
      [
        "/etc/default/slipway",
        "/usr/bin/slipway",
        "/usr/lib/systemd/system/slipway.service",
        "/usr/share/bash-completion/completions/slipway",
        "/usr/share/doc/slipway/CHANGELOG.md.gz",
        "/usr/share/doc/slipway/changelog.gz",
        "/usr/share/doc/slipway/copyright",
        "/usr/share/fish/vendor_completions.d/slipway.fish",
        "/usr/share/man/man8/slipway.8.gz",
        "/usr/share/zsh/vendor-completions/_slipway"
      ]
    )
    assert.match(
      rows.find((row) => row.endsWith("/usr/bin/slipway"))!,
      /^-rwxr-xr-x /
    )
    assert.match(
      rows.find((row) => row.endsWith("/etc/default/slipway"))!,
      /^-rw-r--r-- /
    )
  })

  it("has the unit that `slipway install` writes, but for who wrote it", () => {
    const [first, ...rest] = content("./usr/lib/systemd/system/slipway.service").split("\n")
    assert.match(first ?? "", /^# Of the package slipway/)
    assert.deepStrictEqual(
      rest,
      unitText({ program: ["/usr/bin/slipway"], runs: "agent" })
        .split("\n")
        .slice(1)
    )
  })

  it("has settings that set nothing, and are the operator's to change", () => {
    assert.strictEqual(deb("--info", file(), "conffiles"), "/etc/default/slipway\n")
    for (const row of content("./etc/default/slipway").trimEnd().split("\n")) assert.match(row, /^#/)
  })

  it("has a changelog as Debian's programs read them, by the maintainer", () => {
    const text = gunzipSync(
      execFileSync("sh", [
        "-c",
        'dpkg-deb --fsys-tarfile "$1" | tar -xO ./usr/share/doc/slipway/changelog.gz',
        "sh",
        file()
      ])
    ).toString()
    assert.match(
      text,
      /^slipway \(1\.2\.3\) stable; urgency=medium\n\n {2}\* .*\n\n -- Jane Doe <jane@example\.org> {2}Tue, 14 Nov 2023 22:13:20 \+0000\n$/
    )
    assert.strictEqual(deb("--field", file(), "Maintainer").trim(), options.maintainer)
  })

  it("has the digests of its files", () => {
    const sums = deb("--info", file(), "md5sums")
    assert.lengthOf(sums.trimEnd().split("\n"), 10)
    assert.include(sums, "  usr/bin/slipway\n")
  })
})

/** Runs a script of the package's, with programs that write down how they are called. */
const scripted = (name: string, args: ReadonlyArray<string>, answers: Readonly<Record<string, string>> = {}) => {
  const at = mkdtempSync(join(tmpdir(), "slipway-script-"))
  try {
    const run = join(at, "run")
    const policy = join(at, "policy-rc.d")
    for (const program of ["systemctl", "deb-systemd-helper", "policy-rc.d"]) {
      const answer = answers[program] ?? ""
      writeFileSync(join(at, program), `#!/bin/sh\necho "${program} $*" >>${at}/calls\n${answer}\n`, { mode: 0o755 })
    }
    // In place of the places of the machine itself.
    const text = deb("--info", file(), name)
      .replaceAll("/run/systemd/system", answers["booted"] === "no" ? join(at, "none") : at)
      .replaceAll("/usr/sbin/policy-rc.d", answers["policy-rc.d"] === undefined ? join(at, "none") : policy)
      .replaceAll("/var/lib/slipway", join(at, "state"))
      .replaceAll("/run/slipway", run)
    writeFileSync(join(at, "calls"), "")
    const { status, stderr } = spawnSync("sh", ["-c", `${text}`, name, ...args], {
      encoding: "utf8",
      env: { PATH: `${at}:${process.env["PATH"]}` }
    })
    const calls = execFileSync("cat", [join(at, "calls")], { encoding: "utf8" })
    return { status, stderr, calls: calls.trimEnd().split("\n") }
  } finally {
    rmSync(at, { recursive: true, force: true })
  }
}

describe.skipIf(spawnSync("dpkg-deb", ["--version"]).status !== 0)("the package's scripts", () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "slipway-deb-"))
    writeFileSync(file(), await debianPackage(options))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  /** No konlet, and the unit enabled. */
  const plain = 'case "$*" in "is-enabled konlet"*) exit 1;; esac'
  const start = "systemctl --system --no-block start slipway.service"
  const restart = "systemctl --system --no-block try-restart slipway.service"

  it("enable the unit and start it, without waiting for its first run", () => {
    const { status, calls } = scripted("postinst", ["configure", ""], { systemctl: plain })
    assert.strictEqual(status, 0)
    assert.include(calls, "deb-systemd-helper enable slipway.service")
    assert.include(calls, start)
  })

  it("restart it after an upgrade, only if it runs", () => {
    const { calls } = scripted("postinst", ["configure", "1.0.0"], { systemctl: plain })
    assert.include(calls, restart)
    assert.notInclude(calls, start)
  })

  it("leave it disabled if it was", () => {
    const { calls } = scripted("postinst", ["configure", "1.0.0"], {
      systemctl: plain,
      "deb-systemd-helper": 'case "$*" in *was-enabled*) exit 1;; esac'
    })
    assert.notInclude(calls, "deb-systemd-helper enable slipway.service")
  })

  it("start nothing where a policy forbids it, nor where systemd does not run", () => {
    const forbidden = scripted("postinst", ["configure", ""], { systemctl: plain, "policy-rc.d": "exit 101" })
    assert.strictEqual(forbidden.status, 0)
    assert.include(forbidden.calls, "policy-rc.d slipway start")
    assert.notInclude(forbidden.calls, start)
    const image = scripted("postinst", ["configure", ""], { systemctl: plain, booted: "no" })
    assert.notInclude(image.calls, start)
    assert.include(image.calls, "deb-systemd-helper enable slipway.service")
  })

  it("do neither beside konlet, and say how to take over", () => {
    const { status, stderr, calls } = scripted("postinst", ["configure", ""], { systemctl: "echo enabled" })
    assert.strictEqual(status, 0)
    assert.include(stderr, "`slipway migrate --no-dry-run`")
    assert.notInclude(calls, "deb-systemd-helper enable slipway.service")
    assert.notInclude(calls, start)
  })

  it("stop the agent as it is removed, but not as it is upgraded", () => {
    assert.include(scripted("prerm", ["remove"]).calls, "systemctl --system stop slipway.service")
    assert.deepStrictEqual(scripted("prerm", ["upgrade", "2"]).calls, [""])
  })

  it("forget the unit's state only as it is purged", () => {
    assert.deepStrictEqual(scripted("postrm", ["remove"]).calls, ["systemctl --system daemon-reload"])
    assert.include(scripted("postrm", ["purge"]).calls, "deb-systemd-helper purge slipway.service")
  })
})
