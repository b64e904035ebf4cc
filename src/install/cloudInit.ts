import { konletUnit, unitName, unitPath, unitText } from "./unit.ts"

export const systems = ["cos", "debian"] as const
export type System = (typeof systems)[number]

export interface CloudInitOptions {
  readonly system: System
  /** Without white space and quotes. */
  readonly url: string
  /** 64 hexadecimal digits. */
  readonly sha256: string
  readonly takeover: boolean
}

/** User data that has a new VM run `up` at boot. */
export const renderCloudInit = (options: CloudInitOptions): string =>
  options.system === "cos" ? containerOptimizedOs(options) : debian(options)

/**
 * /etc is empty again after a boot, and cloud-init runs at each, from the beginning. Of what lasts, only few directories
 * may hold programs: /home, /var and /tmp are mounted noexec, /var/lib/google is not.
 */
const containerOptimizedOs = ({ url, sha256, takeover }: CloudInitOptions): string => {
  const directory = "/var/lib/google/slipway"
  const unit = unitText([`${directory}/slipway`], takeover ? "masked" : undefined)
  return `#cloud-config
# Container-Optimized OS: /etc starts empty at each boot, and so all of this is done at each boot.
${
  takeover
    ? `bootcmd:
  # Before it starts. Its container runs on until ours takes its place.
  - [systemctl, mask, --now, --no-block, ${konletUnit}]
`
    : ""
}write_files:
  - path: ${unitPath}
    permissions: "0644"
    content: |
${indented(unit, 6)}
runcmd:
  - |
${indented(download(directory, url, sha256), 4)}
  - [systemctl, daemon-reload]
  - [systemctl, start, --no-block, ${unitName}]
`
}

/** What is done here lasts: the unit is there at the next boot, where cloud-init does nothing. */
const debian = ({ url, sha256, takeover }: CloudInitOptions): string => {
  const directory = "/usr/local/bin"
  const packages = ["ca-certificates", "curl", "docker.io"]
  const words = [`${directory}/slipway`, "install", ...(takeover ? ["--takeover"] : [])]
  return `#cloud-config
# Debian and Ubuntu: done once, at the first boot.
package_update: true
packages: [${packages.join(", ")}]
runcmd:
  - |
${indented(download(directory, url, sha256), 4)}
  - [${words.join(", ")}]
  - [systemctl, start, --no-block, ${unitName}]
`
}

/**
 * cloud-init makes one script of all of runcmd: after `set -e` nothing runs that is not what was named. What is there
 * already is not fetched again, so that a later boot does not need the network for it.
 */
const download = (directory: string, url: string, sha256: string): string => `set -e
mkdir -p ${directory}
is_ours() { echo "${sha256}  $1" | sha256sum --check --status; }
if ! is_ours ${directory}/slipway; then
  curl --fail --silent --show-error --location --retry 10 --retry-connrefused \\
    --output ${directory}/slipway.new '${url}'
  is_ours ${directory}/slipway.new || { echo 'slipway: the download is not what its SHA-256 says' >&2; exit 1; }
  chmod 0755 ${directory}/slipway.new
  mv -f ${directory}/slipway.new ${directory}/slipway
fi
`

const indented = (text: string, width: number): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(width) + line))
    .join("\n")
