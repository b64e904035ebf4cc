import { writeFileSync } from "node:fs"
import { variables } from "../src/cli/settings/settingTable.ts"
import { telemetryVariables } from "../src/cli/telemetry/telemetrySettings.ts"
import { type CloudInitOptions, renderCloudInit, type System, systems } from "../src/install/cloudInit.ts"
import { environmentPath } from "../src/install/unit.ts"

/** Files of the Terraform module that are made of the code. */
export const moduleFile = (name: string) => new URL(`../terraform/${name}`, import.meta.url)

/** What stands in the product's user data where the template has a value; no other text of it looks like that. */
const marks = {
  sha256: "5ea1".repeat(16),
  server: "https://mark.example/program",
  bucket: "marked-bucket",
  object: "marked-object",
  settings: "MARKED_SETTINGS=",
  policy: "marked-policy:"
}
const marksBucket = `gs://${marks.bucket}/${marks.object}`

/** As Terraform's templates write what stands for itself, and then the values. */
const asTemplate = (text: string): string =>
  text
    .replaceAll("${", () => "$${")
    .replaceAll("%{", "%%{")
    .replaceAll(marks.sha256, "${sha256}")
    .replaceAll(marks.server, "${url}")
    .replaceAll(marksBucket, "${url}")
    .replaceAll(marks.bucket, "${bucket}")
    .replaceAll(marks.object, "${object}")
    .replace(new RegExp(`^ *${marks.settings}(\n *SLIPWAY_POLICY=.*)?$`, "m"), "${settings}")
    .replace(new RegExp(`^ *${marks.policy}$`, "m"), "${policy}")

/** The template of two texts: what they share once, and what they do not by the condition. */
const either = (condition: string, yes: string, no: string): string => {
  const [first, second] = [yes.split("\n"), no.split("\n")]
  // How many lines are shared from a line of either on.
  const shared = Array.from({ length: first.length + 1 }, () => Array.from({ length: second.length + 1 }, () => 0))
  for (let i = first.length - 1; i >= 0; i--) {
    for (let j = second.length - 1; j >= 0; j--) {
      shared[i]![j] =
        first[i] === second[j] ? shared[i + 1]![j + 1]! + 1 : Math.max(shared[i + 1]![j]!, shared[i]![j + 1]!)
    }
  }
  const lines: Array<string> = []
  let [ours, theirs]: [Array<string>, Array<string>] = [[], []]
  const settle = () => {
    if (ours.length > 0 && theirs.length > 0) {
      lines.push(`%{ if ${condition} ~}`, ...ours, "%{ else ~}", ...theirs, "%{ endif ~}")
    } else if (ours.length > 0) lines.push(`%{ if ${condition} ~}`, ...ours, "%{ endif ~}")
    else if (theirs.length > 0) lines.push(`%{ if !${condition} ~}`, ...theirs, "%{ endif ~}")
    ours = []
    theirs = []
  }
  for (let i = 0, j = 0; i < first.length || j < second.length;) {
    if (i < first.length && j < second.length && first[i] === second[j]) {
      settle()
      lines.push(first[i]!)
      i++
      j++
    } else if (j >= second.length || (i < first.length && shared[i + 1]![j]! >= shared[i]![j + 1]!))
      ours.push(first[i++]!)
    else theirs.push(second[j++]!)
  }
  settle()
  return lines.join("\n")
}

/** The template of a system's user data, which gives what `slipway install --print cloud-init --takeover` prints. */
const templateOf = (system: System): string => {
  const rendered = (options: Pick<CloudInitOptions, "url" | "runs" | "settings" | "policy">) =>
    asTemplate(renderCloudInit({ ...options, system, sha256: marks.sha256, takeover: true }))
  // A policy is named by a setting.
  const byFiles = (options: Pick<CloudInitOptions, "url" | "runs">) => {
    const settings = { ...options, settings: marks.settings }
    const files = either("has_policy", rendered({ ...settings, policy: marks.policy }), rendered(settings))
    return either("has_settings", files, rendered(options))
  }
  const byRuns = (url: string) => either("is_once", byFiles({ url, runs: "up" }), byFiles({ url, runs: "agent" }))
  return either("is_from_bucket", byRuns(marksBucket), byRuns(marks.server))
}

/** Settings that are for user data: those that are no secrets. */
const settingsList = (): string => {
  const secret: ReadonlySet<string> = new Set(["SLIPWAY_TOKEN", telemetryVariables.headers])
  const names = [...variables, ...Object.values(telemetryVariables)].filter((name) => !secret.has(name))
  return [
    "# Made by `npm run docs`.",
    "",
    "locals {",
    `  # The variables of Slipway that may stand in ${environmentPath}.`,
    "  known_settings = [",
    ...[...new Set(names)].toSorted().map((name) => `    "${name}",`),
    "  ]",
    "}",
    ""
  ].join("\n")
}

/** The module's files that are made of the code, by their names. */
export const moduleFiles: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(systems.map((system) => [`templates/${system}.yaml.tftpl`, () => templateOf(system)])),
  "settings.tf": settingsList
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(moduleFiles)) writeFileSync(moduleFile(name), text())
}
