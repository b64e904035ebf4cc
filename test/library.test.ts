import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { declarationJsonSchema } from "../src/declaration/jsonSchema.ts"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = join(root, "node_modules/.bin")
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  devDependencies: Readonly<Record<string, string>>
}

/** A program of somebody else's: `startup` is a part of it, one service is its own, and the VM is in memory. */
const program = `
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import {
  type DeclarationInvalid,
  defaultSettings,
  InvalidRestartPolicy,
  MetadataProvider,
  Progress,
  type Report,
  startup
} from "slipway"
import { runInVirtualTime, SimulatedVm } from "slipway/testing"

const declaration = "spec: { containers: [{ name: shop, image: 'registry.example/shop:2' }] }"

/** Declarations come from our inventory; the rest stays with the VM's metadata. */
const inventory = Layer.effect(
  MetadataProvider,
  Effect.map(MetadataProvider, (metadata) =>
    MetadataProvider.of({ ...metadata, declaration: Effect.succeedSome({ file: "inventory", text: declaration }) })
  )
)

const boot = (seed: string) =>
  Effect.gen(function* () {
    const report: Report = yield* startup(defaultSettings)
    const vm = yield* SimulatedVm
    return { report, calls: vm.transcript }
  }).pipe(
    Effect.catchTag("PlanRefused", ({ reasons }) => Effect.die(reasons[0].message)),
    Effect.catchReason("DockerError", "ImageNotFound", ({ image }) => Effect.die(image)),
    Effect.tapError((error) => Console.error(error.message)),
    Effect.provideService(Progress, (event) => Console.error(event._tag)),
    Effect.provide(
      inventory.pipe(
        Layer.provideMerge(SimulatedVm.layer({ seed, images: [{ reference: "registry.example/shop:2" }] }))
      )
    ),
    runInVirtualTime
  )

// Errors are typed: what has been dealt with is gone, and what is left is known by name.
type Left = Effect.Error<ReturnType<typeof boot>>
export const isLeft: DeclarationInvalid extends Left ? true : false = true
export const isGone: "PlanRefused" extends Left["_tag"] ? true : false = false

// A declaration's first problem is its reason, and each problem is a class.
export const recovered = startup(defaultSettings).pipe(
  Effect.catchReason("DeclarationInvalid", "VolumeBindingMissing", ({ volume }) => Effect.succeed(volume)),
  Effect.catchTag("OperationTimeout", ({ operation }) => Effect.succeed(operation))
)
const position = { file: "web.yaml", line: 1, column: 1, excerpt: "" }
export const made = new InvalidRestartPolicy({ ...position, policy: "Sometimes", suggestion: undefined })
export const isOne: boolean = Schema.is(InvalidRestartPolicy)(made) && made instanceof InvalidRestartPolicy

export const misspelt = Effect.map(SimulatedVm, (vm) => {
  vm.setFaults(({ name }) => (name === "docker create" ? "crash" : undefined))
  // @ts-expect-error there is no such call
  vm.setFaults(({ name }) => (name === "docker creat" ? "crash" : undefined))
})

const runs = Effect.forEach(["7", "7", "8"], boot)
await Effect.runPromise(Effect.flatMap(runs, (runs) => Console.log(JSON.stringify(runs))))
`

/**
 * A module with a value of each exported type, unfolded by one level, and of each service's members. A compiler that is
 * to write its declarations says which types in them no exported name stands for.
 */
const everyType = (dist: string): string => {
  const read = (path: string) => readFileSync(join(dist, path.replace(/\.ts$/, ".d.ts")), "utf8")
  const typesOf = (text: string) =>
    [...text.matchAll(/^export (?:declare )?(?:interface|type|class) (\w+)(?=[ ;]|$)/gm)].map(([, name = ""]) => name)
  const entries = [
    ["Slipway", "index.ts"],
    ["Testing", "testing.ts"]
  ] as const
  const lines = entries.flatMap(([entry, path]) =>
    [...read(path).matchAll(/export (?:type )?(\*|\{([^}]*)\}) from "([^"]+)"/g)].flatMap(
      ([, what, list = "", from = ""]) => {
        const text = read(from)
        const types = typesOf(text)
        const names = list.split(",").map((name) => name.trim().replace(/^type /, ""))
        return (what === "*" ? types : names.filter((name) => types.includes(name))).flatMap((name) => [
          `export const ${name}${entry} = { ...(null as unknown as ${entry}.${name} & object) }`,
          ...(text.includes(`${name}_base: Context.ServiceClass`)
            ? [`export const ${name}Service = { ...(null as unknown as ${entry}.${name}["Service"]) }`]
            : [])
        ])
      }
    )
  )
  const imports = ['import * as Slipway from "slipway"', 'import * as Testing from "slipway/testing"']
  return [...imports, "export const values = { ...Slipway, ...Testing }", ...new Set(lines)].join("\n")
}

/** The examples of the documents. */
const examples = ["README.md", "docs/testing.md", "docs/library.md"].flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""]) => code)
)

// The project is installed as a user would do it, from the registry that npm is set to.
describe("the packed library in a project of its own", () => {
  let directory = ""
  let project = ""

  const run = (program: string, ...args: ReadonlyArray<string>) => {
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}`, NO_COLOR: "1" }
    // What the tests themselves run under is not for the tests that are run here.
    for (const name of Object.keys(env)) if (/^(VITEST|SLIPWAY_|NODE_ENV)/.test(name)) Reflect.deleteProperty(env, name)
    return execFileSync(program, args, { cwd: project, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  }

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-library-"))
    // Built from the sources as they are, beside what other tests use.
    project = join(directory, "package")
    mkdirSync(project)
    for (const name of ["package.json", "tsconfig.json", "rolldown.config.ts", "README.md", "LICENSE", "src"]) {
      cpSync(join(root, name), join(project, name), { recursive: true })
    }
    symlinkSync(join(root, "node_modules"), join(project, "node_modules"))
    run("npm", "pack", "--silent", "--pack-destination", directory)

    project = join(directory, "project")
    mkdirSync(project)
    writeFileSync(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n')
    const packages = ["effect", "@effect/platform-node", "@effect/vitest", "vitest"].map(
      (name) => `${name}@${devDependencies[name]}`
    )
    const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    run("npm", "install", ...options, join(directory, "slipway-0.1.0.tgz"), ...packages)
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "es2024",
          module: "nodenext",
          strict: true,
          exactOptionalPropertyTypes: true,
          declaration: true,
          emitDeclarationOnly: true,
          outDir: "declarations",
          skipLibCheck: true,
          types: []
        },
        include: ["*.ts"]
      })
    )
    writeFileSync(join(project, "program.ts"), program)
    for (const [index, code] of examples.entries()) {
      writeFileSync(join(project, `example-${index}${code.includes("it.effect(") ? ".test" : ""}.ts`), code)
    }
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it("has one copy of effect", () => {
    assert.deepStrictEqual(run("npm", "ls", "effect", "--parseable", "--all", "--silent").trim().split("\n"), [
      join(project, "node_modules/effect")
    ])
  })

  it("type-checks, the documents' examples too", () => {
    assert.isAtLeast(examples.length, 2)
    assert.strictEqual(run("tsc", "-p", "."), "")
  })

  it("exports a name for each type that an exported one mentions", () => {
    const dist = join(project, "node_modules/slipway/dist")
    mkdirSync(join(project, "types"))
    writeFileSync(join(project, "types/every.ts"), everyType(dist))
    const config = { extends: "../tsconfig.json", compilerOptions: { outDir: "out" }, include: ["every.ts"] }
    writeFileSync(join(project, "types/tsconfig.json"), JSON.stringify(config))
    const { stdout } = spawnSync(join(bin, "tsc"), ["-p", "types", "--pretty", "false"], {
      cwd: project,
      encoding: "utf8"
    })
    // Types that effect itself does not export are of no concern, and texts and numbers have no members to unfold.
    const unnamed = [
      ...stdout.matchAll(/reference to '(\w+)' from '[^']*\/slipway\/dist/g),
      ...stdout.matchAll(/using name '(\w+)' from external module "[^"]*\/slipway\/dist/g)
    ].map(([, name]) => name)
    assert.deepStrictEqual([...new Set(unnamed)].toSorted(), [])
    assert.notMatch(stdout, /error TS(?!2883|4023|2698)/)
  })

  it("runs with one service replaced, and the same seed gives the same report", () => {
    const [first, second, other] = JSON.parse(run("node", "program.ts")) as ReadonlyArray<{
      report: { _tag: string; containers: ReadonlyArray<{ name: string }> }
      calls: ReadonlyArray<{ name: string }>
    }>
    assert.strictEqual(first?.report._tag, "Running")
    assert.match(first?.report.containers[0]?.name ?? "", /^klt-shop-[a-z]{4}$/)
    assert.deepStrictEqual(first, second)
    assert.notDeepEqual(first, other)
    assert.isFalse(first?.calls.some(({ name }) => name === "metadata declaration"))
  })

  it("runs the documents' tests, and their examples that need no VM to be loaded", () => {
    const isTest = (code: string) => code.includes("it.effect(")
    assert.match(run("npx", "vitest", "run"), new RegExp(`Tests +${examples.filter(isTest).length} passed`))
    const files = examples.flatMap((code, index) => (isTest(code) ? [] : [`import "./example-${index}.ts"`]))
    writeFileSync(join(project, "all.ts"), files.join("\n"))
    const output = run("node", "all.ts")
    assert.include(output, "create")
    assert.include(output, "compose.yaml")
  })

  it("has the JSON Schema of declarations, where an editor finds it", () => {
    const file = run("node", "--print", 'require.resolve("slipway/declaration.schema.json")').trim()
    assert.deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), declarationJsonSchema())
  })

  it("has the executable", () => {
    assert.match(run("npx", "slipway", "rehearse"), /was started: running/)
  })
})
