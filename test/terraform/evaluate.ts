import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { root } from "./Hcl.ts"

const terraform = (args: ReadonlyArray<string>, cwd: string) =>
  spawnSync("terraform", args, {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: cwd, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" }
  })

/** Whether Terraform is on this machine. It needs no network for what is evaluated here. */
export const hasTerraform = terraform(["version"], tmpdir()).status === 0
if (!hasTerraform) process.stderr.write("the Terraform module is parsed, not evaluated: terraform is not on the PATH\n")

/** The module without what it asks of Google, for which Terraform would have to fetch the provider. */
const offline = ["main.tf", "variables.tf", "outputs.tf", "settings.tf", "templates"]

export interface Evaluated {
  readonly status: number | null
  /** What Terraform says, in one line. */
  readonly said: string
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The module's outputs for several inputs at once, by the names of these, as Terraform gives them. */
export const evaluate = (calls: Readonly<Record<string, unknown>>, around: Readonly<Record<string, unknown>> = {}) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-terraform-"))
  try {
    mkdirSync(join(directory, "module"))
    for (const name of offline) {
      cpSync(fileURLToPath(new URL(name, root)), join(directory, "module", name), { recursive: true })
    }
    const module = Object.fromEntries(
      Object.entries(calls).map(([name, inputs]) => [name, { ...Object(inputs), source: "./module" }])
    )
    const output = {
      all: { value: Object.fromEntries(Object.keys(calls).map((name) => [name, `\${module.${name}}`])) }
    }
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ ...around, module, output }))
    const made = terraform(["init", "-no-color", "-input=false"], directory)
    const applied =
      made.status === 0 ? terraform(["apply", "-auto-approve", "-no-color", "-input=false"], directory) : made
    const shown = applied.status === 0 ? terraform(["output", "-json"], directory) : undefined
    const evaluated: Evaluated = {
      status: applied.status,
      said: `${applied.stdout}${applied.stderr}`.replaceAll(/[\s│╷╵]+/g, " "),
      outputs: shown === undefined ? {} : (JSON.parse(shown.stdout).all.value as Evaluated["outputs"])
    }
    return evaluated
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** A value in the JSON syntax, where `${` and `%{` begin expressions. */
export const literal = (value: unknown): unknown => {
  if (typeof value === "string") return value.replaceAll("${", () => "$${").replaceAll("%{", "%%{")
  if (Array.isArray(value)) return value.map(literal)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]))
    : value
}

/** Whether the module's files are formatted as Terraform wants them. */
export const isFormatted = () =>
  terraform(["fmt", "-check", "-recursive", fileURLToPath(root)], fileURLToPath(root)).stdout === ""

export const readModuleFile = (name: string): string => readFileSync(new URL(name, root), "utf8")
