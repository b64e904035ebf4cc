import { accessSync, constants, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import manifest from "../../package.json" with { type: "json" }

const root = new URL("../..", import.meta.url)
const directory = new URL(".github/workflows/", root)
const files = readdirSync(directory)
const read = (name: string) => readFileSync(new URL(name, directory), "utf8")

interface Step {
  readonly uses?: string
  readonly run?: string
}
interface Job {
  readonly if?: string
  readonly needs?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly steps: ReadonlyArray<Step>
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

describe.each(files)("the workflow %s", (name) => {
  const workflow = parse(read(name), { strict: true }) as Workflow
  const jobs = Object.values(workflow.jobs)
  const commands = jobs.flatMap(({ steps }) => steps.flatMap(({ run = "" }) => run.split("\n")))

  it("uses actions by what they are, not by a name that can be moved, and says which version that is", () => {
    const used = [...read(name).matchAll(/uses: (.*)$/gm)].map(([, used = ""]) => used)
    assert.lengthOf(used, jobs.flatMap(({ steps }) => steps.filter(({ uses }) => uses !== undefined)).length)
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it("runs what is there", () => {
    for (const command of commands) {
      const [, script] = /\bnpm run (?:--silent )?([\w:]+)/.exec(command) ?? []
      if (script !== undefined) assert.property(manifest.scripts, script)
      const [, path] = /^((?:\.ci|scripts)\/\S+)/.exec(command) ?? []
      if (path !== undefined) accessSync(fileURLToPath(new URL(path, root)), constants.X_OK)
    }
  })

  it("may write nothing but a release, and that only once it has passed", () => {
    assert.deepStrictEqual(workflow.permissions, { contents: "read" })
    for (const { permissions, needs } of jobs) {
      if (permissions !== undefined) assert.strictEqual(needs, "release")
    }
  })
})

describe("the workflows together", () => {
  const { jobs } = parse(read("ci.yml")) as Workflow
  const runs = (job: string) => (jobs[job]?.steps ?? []).map(({ run }) => run)

  it("run .ci/run, and make a release of a tag, twice, after that", () => {
    assert.include(runs("check"), ".ci/run")
    assert.strictEqual(jobs["release"]?.needs, "check")
    assert.strictEqual(jobs["release"]?.if, "startsWith(github.ref, 'refs/tags/v')")
    assert.include(runs("release"), "npm run release -- --twice")
  })
})
