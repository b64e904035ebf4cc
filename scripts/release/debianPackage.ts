import { createHash } from "node:crypto"
import { environmentPath, konletUnit, unitName, unitPath, unitText } from "../../src/install/unit.ts"
import { ar, type Entry, tar } from "./archives.ts"
import { gzip, zstd } from "./compress.ts"
import type { Architecture } from "./nodeBinary.ts"

export interface DebianPackageOptions {
  readonly architecture: Architecture
  readonly version: string
  readonly description: string
  /** Seconds since 1970. */
  readonly seconds: number
  /** How hard zstd tries: 1 to 22. */
  readonly level: number
  readonly executable: Uint8Array
  readonly manPage: string
  readonly completions: Readonly<Record<"bash" | "zsh" | "fish", string>>
  readonly changelog: string
  /** Who makes the package: `Name <address>`. */
  readonly maintainer: string
  /** The licences of all that is in the executable. */
  readonly copyright: string
}

export const debianArchitectures: { readonly [A in Architecture]: string } = { x64: "amd64", arm64: "arm64" }

const program = "/usr/bin/slipway"

/** The unit that `slipway install` writes, as a package has it. */
const packagedUnit = (): string => {
  const [first = "", ...rest] = unitText({ program: [program], runs: "agent" }).split("\n")
  if (!first.startsWith("# Written by")) throw new Error("the unit begins in another way")
  return [
    "# Of the package slipway. `slipway install` puts another in its place, for `--once` or `--takeover`.",
    ...rest
  ].join("\n")
}

const defaults = `# Settings of slipway, one NAME=value a line, as in
#SLIPWAY_CONFIRM=10s
# All of them: slipway(8). After a change: systemctl restart slipway. The containers keep running.
`

/**
 * Enables the unit, and starts it unless the machine's policy forbids that, as one that builds images does. Not beside
 * konlet, which would start a container of its own. Starting is not waited for: a first pull may take an hour.
 * Source: deb-systemd-helper(1p), invoke-rc.d(8), "policy-rc.d" of Debian Policy 9.3.3.
 */
const postinst = `#!/bin/sh
set -e
if [ "$1" != configure ] && [ "$1" != abort-upgrade ] && [ "$1" != abort-remove ]; then
  exit 0
fi
allowed() {
  [ -d /run/systemd/system ] || return 1
  [ -x /usr/sbin/policy-rc.d ] || return 0
  code=0
  /usr/sbin/policy-rc.d slipway "$1" || code=$?
  [ "$code" -ne 101 ]
}
if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
deb-systemd-helper unmask ${unitName} >/dev/null || true
if [ -e ${unitPath} ]; then
  echo 'slipway: ${unitPath}, of \`slipway install\`, comes before the unit of this package; \`slipway uninstall\` removes it' >&2
fi
case "$(systemctl is-enabled ${konletUnit} 2>/dev/null || true)" in
  enabled* | static | linked* | alias | generated | indirect)
    echo 'slipway: konlet runs this VM (${konletUnit}); \`slipway migrate\` says what will differ, and \`slipway migrate --no-dry-run\` takes over' >&2
    exit 0
    ;;
esac
if deb-systemd-helper --quiet was-enabled ${unitName}; then
  deb-systemd-helper enable ${unitName} >/dev/null || true
else
  deb-systemd-helper update-state ${unitName} >/dev/null || true
fi
if [ -n "$2" ]; then
  # Only if it runs: the new program takes over, and the containers keep running.
  if allowed restart; then systemctl --system --no-block try-restart ${unitName} || true; fi
elif systemctl --quiet is-enabled ${unitName} 2>/dev/null && allowed start; then
  systemctl --system --no-block start ${unitName} || true
fi
`

/** The agent ends, and the containers are left as they are. */
const prerm = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl --system stop ${unitName} || true
fi
`

/** Containers, and disks that are mounted, are nobody's to remove but \`slipway down --remove\`'s. */
const postrm = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = purge ]; then
  if command -v deb-systemd-helper >/dev/null; then
    deb-systemd-helper purge ${unitName} >/dev/null || true
    deb-systemd-helper unmask ${unitName} >/dev/null || true
  fi
  rm -rf /var/lib/slipway /run/slipway
fi
`

/** A Debian package, whose bytes follow from the options alone. Source: deb(5), deb-control(5), Debian Policy 4.7. */
export const debianPackage = async (options: DebianPackageOptions): Promise<Buffer> => {
  const { architecture, version, seconds, level, completions, maintainer } = options
  const text = (path: string, content: string): Entry => ({ path, bytes: Buffer.from(content) })
  const files: ReadonlyArray<Entry> = [
    text(environmentPath.slice(1), defaults),
    { path: program.slice(1), bytes: options.executable, mode: 0o755 },
    text(`usr/lib/systemd/system/${unitName}`, packagedUnit()),
    text("usr/share/bash-completion/completions/slipway", completions.bash),
    text("usr/share/zsh/vendor-completions/_slipway", completions.zsh),
    text("usr/share/fish/vendor_completions.d/slipway.fish", completions.fish),
    { path: "usr/share/doc/slipway/CHANGELOG.md.gz", bytes: gzip(Buffer.from(options.changelog)) },
    { path: "usr/share/doc/slipway/changelog.gz", bytes: gzip(Buffer.from(debianChangelog(options))) },
    text("usr/share/doc/slipway/copyright", options.copyright),
    { path: "usr/share/man/man8/slipway.8.gz", bytes: gzip(Buffer.from(options.manPage)) }
  ]
  const sums = files.map(
    ({ path, bytes = new Uint8Array() }) => `${createHash("md5").update(bytes).digest("hex")}  ${path}\n`
  )
  const size = files.reduce((total, { bytes }) => total + Math.ceil((bytes?.length ?? 0) / 1024), 0)
  const control = `Package: slipway
Version: ${version}
Architecture: ${debianArchitectures[architecture]}
Maintainer: ${maintainer}
Installed-Size: ${size}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8), init-system-helpers (>= 1.54), procps
Recommends: docker.io | docker-ce | podman, ca-certificates, e2fsprogs, iptables
Suggests: xfsprogs
Section: admin
Priority: optional
Description: starts a VM's containers
${wrapped(options.description)}
`
  const script = (path: string, content: string): Entry => ({ ...text(path, content), mode: 0o755 })
  const controls: ReadonlyArray<Entry> = [
    text("conffiles", `${environmentPath}\n`),
    text("control", control),
    text("md5sums", sums.join("")),
    script("postinst", postinst),
    script("postrm", postrm),
    script("prerm", prerm)
  ]
  return ar(
    [
      { name: "debian-binary", bytes: Buffer.from("2.0\n") },
      { name: "control.tar.gz", bytes: gzip(tar(controls, seconds, "./")) },
      { name: "data.tar.zst", bytes: await zstd(tar(files, seconds, "./"), level) }
    ],
    seconds
  )
}

/** What dpkg and apt read of a package's changes. Source: deb-changelog(5). */
const debianChangelog = ({ version, maintainer, seconds }: DebianPackageOptions): string => {
  const date = new Date(seconds * 1000).toUTCString().replace("GMT", "+0000")
  return `slipway (${version}) stable; urgency=medium\n\n  * What has changed is in CHANGELOG.md.gz.\n\n -- ${maintainer}  ${date}\n`
}

/** The lines of a long description, each after a space. */
const wrapped = (text: string): string => text.replaceAll(/(.{1,76})(?: |$)/g, " $1\n").trimEnd()
