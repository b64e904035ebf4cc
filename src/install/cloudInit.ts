import * as Base64 from "effect/encoding/Base64"
import { downloadScript } from "./downloadScript.ts"
import { environmentPath, konletUnit, type Runs, unitName, unitPath, unitText } from "./unit.ts"

export const systems = ["cos", "debian"] as const
export type System = (typeof systems)[number]

export interface CloudInitOptions {
  readonly system: System
  /** `https://…` or `gs://…`, without white space and quotes. */
  readonly url: string
  /** 64 hexadecimal digits. */
  readonly sha256: string
  readonly runs: Runs
  readonly takeover: boolean
  /** The text of the unit's environment file. */
  readonly settings?: string | undefined
  /** The text of a policy, which the settings then name. */
  readonly policy?: string | undefined
}

/** Where the policy goes on the VM. */
export const policyPath = "/etc/slipway/policy.yaml"

/** User data that has a new VM run the agent, or `up` at each boot. */
export const renderCloudInit = (options: CloudInitOptions): string =>
  options.system === "cos" ? containerOptimizedOs(options) : debian(options)

/**
 * /etc starts empty at each boot, and cloud-init runs all of its modules at each. Of the directories that persist, /home,
 * /var and /tmp are mounted noexec, /var/lib/google is not. The unit must not be waited for: it comes after startup
 * scripts, which may come after the stage that cloud-init is in.
 */
const containerOptimizedOs = (options: CloudInitOptions): string => {
  const directory = "/var/lib/google/slipway"
  const { runs, takeover } = options
  const unit = unitText({ program: [`${directory}/slipway`], runs, takeover: takeover ? "masked" : undefined })
  return `#cloud-config
# Container-Optimized OS: /etc starts empty at each boot, and so all of this is done at each boot.
${origin(options, directory)}
${
  options.takeover
    ? `bootcmd:
  # Before it starts. Its container keeps running until ours replaces it.
  - [systemctl, mask, --now, --no-block, ${konletUnit}]
`
    : ""
}write_files:
${[file(unitPath, unit), ...settingsFiles(options)].join("")}runcmd:
  - |
${indented(downloadScript(directory, options.url, options.sha256), 4)}
  - [systemctl, daemon-reload]
  - [systemctl, start, --no-block, ${unitName}]
`
}

/** Runs once: the unit persists, and cloud-init does nothing at later boots. */
const debian = (options: CloudInitOptions): string => {
  const directory = "/usr/local/bin"
  const packages = ["ca-certificates", "curl", "docker.io"]
  const flags = [...(options.runs === "up" ? ["--once"] : []), ...(options.takeover ? ["--takeover"] : [])]
  const words = [`${directory}/slipway`, "install", ...flags]
  const files = settingsFiles(options)
  return `#cloud-config
# Debian and Ubuntu: done once, at the first boot.
${origin(options, directory)}
package_update: true
packages: [${packages.join(", ")}]
${files.length === 0 ? "" : `write_files:\n${files.join("")}`}runcmd:
  - |
${indented(downloadScript(directory, options.url, options.sha256), 4)}
  - [${words.join(", ")}]
  - [systemctl, start, --no-block, ${unitName}]
`
}

const origin = ({ url }: CloudInitOptions, directory: string): string =>
  `# The unit runs ${directory}/slipway, which is fetched from ${url}.`

const settingsFiles = ({ settings = "", policy }: CloudInitOptions): ReadonlyArray<string> => {
  const text =
    policy === undefined
      ? settings
      : `${settings === "" ? "" : `${settings.trimEnd()}\n`}SLIPWAY_POLICY=${policyPath}\n`
  return [
    ...(text === "" ? [] : [file(environmentPath, text)]),
    ...(policy === undefined ? [] : [file(policyPath, policy)])
  ]
}

/**
 * An entry of write_files. A block scalar holds any text without foreign line breaks; where the first line is indented, it
 * needs an indentation indicator.
 */
const file = (path: string, text: string): string => {
  const unix = text.replaceAll("\r\n", "\n")
  const content = /[\r\u0085\u2028\u2029]/.test(unix)
    ? `    encoding: b64\n    content: ${Base64.encode(unix)}\n`
    : `    content: |${/^\s/.test(unix) ? "2" : ""}\n${indented(unix, 6)}\n`
  return `  - path: ${path}\n    permissions: "0644"\n${content}`
}

const indented = (text: string, width: number): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(width) + line))
    .join("\n")
