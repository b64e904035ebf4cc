import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { locate } from "../scripts/docs.ts"
import { differenceKinds } from "../src/migration/Migration.ts"
import { runInVirtualTime } from "../src/simulation/host/VirtualTime.ts"
import { declaration, images } from "./cli/declared.ts"
import { slipway } from "./cli/CommandLine.ts"
import { konletMachine } from "./migration/KonletMachine.ts"
import { commandsOf } from "./ShellBlocks.ts"

const read = (document: string) => readFileSync(locate(document), "utf8")

const pages = [
  "README.md",
  "SECURITY.md",
  "terraform/README.md",
  ...readdirSync(locate("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
]

const documented = pages.flatMap((page) => commandsOf(read(page)).map((command) => ({ ...command, page })))
const ours = documented.filter(({ program }) => program === "slipway")

describe("the commands in the documents", () => {
  it("are found", () => {
    assert.isAbove(ours.length, 10)
    assert.include(
      ours.map(({ line }) => line),
      "slipway migrate"
    )
  })

  // One flag too many: all else that it does not know is named with it, and nothing is run.
  it.effect.each(ours)("$page: $line", ({ args: [command = "", ...args] }) =>
    Effect.gen(function* () {
      const { stderr } = yield* slipway([command, "--one-flag-too-many", ...args])
      const [said, ...others] = stderr.split("\n").filter((line) => line.startsWith("slipway: "))
      assert.match(said!, /Unrecognized flag: --one-flag-too-many in command slipway [a-z]/)
      assert.deepStrictEqual(others, [])
    })
  )
})

describe("Migrating", () => {
  it.effect("is what works: its commands, in its order, on a VM of konlet's", () => {
    /** What has a virtual time of its own. */
    const rehearsals: Array<{ readonly line: string; readonly run: ReturnType<typeof slipway> }> = []
    return Effect.gen(function* () {
      const text = declaration("registry.example/web:1")
      const machine = yield* konletMachine({
        declaration: text,
        declarationKey: "gce-container-declaration",
        images: images.map((image) => ({ ...image, local: true })),
        containers: [{ name: "klt-web-zzzz", image: "registry.example/web:1", running: true, restartPolicy: "always" }],
        unitIn: "/usr/lib/systemd/system",
        opened: 1
      })
      const files: Record<string, string> = {}
      const run: Array<string> = []
      for (const { line, program, args, into } of commandsOf(read("docs/migrating.md"))) {
        if (program === "gcloud" || program === "terraform" || line.includes("http://metadata.google.internal/")) {
          // Google's and HashiCorp's, as the page says.
          if (into !== undefined) files[into] = text
          continue
        }
        if (program === "systemctl") yield* machine.systemctl(args)
        else if (args[0] === "rehearse") rehearsals.push({ line, run: slipway(args, { files: { ...files } }) })
        else {
          assert.strictEqual(program, "slipway", line)
          const done = yield* slipway(args, { layerVm: () => machine.layerVm, layerHost: machine.layerVm, files })
          assert.strictEqual(done.exitCode, 0, `${line}\n${done.stdout}${done.stderr}`)
          if (into !== undefined) files[into] = done.stdout
        }
        run.push(line)
      }
      assert.includeMembers(run, ["slipway migrate", "slipway migrate --no-dry-run", "slipway uninstall"])
      // It was taken over, and given back.
      assert.includeMembers(machine.done, [
        "systemctl mask konlet-startup.service",
        "systemctl unmask konlet-startup.service",
        "systemctl start konlet-startup"
      ])
      assert.match(files["user-data.yaml"]!, /^#cloud-config\n/)
    }).pipe(
      Effect.scoped,
      runInVirtualTime,
      Effect.andThen(() =>
        Effect.forEach(rehearsals, ({ line, run }) =>
          Effect.map(run, ({ exitCode, stderr }) => assert.strictEqual(exitCode, 0, `${line}\n${stderr}`))
        )
      ),
      Effect.map((rehearsed) => assert.isNotEmpty(rehearsed))
    )
  })

  it.effect("has each key of the JSON, and each kind of difference", () =>
    Effect.gen(function* () {
      const page = read("docs/migrating.md")
      const machine = yield* konletMachine({ unitIn: "/usr/lib/systemd/system" })
      const { stdout } = yield* machine.run("migrate", "--format", "json")
      const json = JSON.parse(stdout) as Readonly<Record<string, unknown>>
      for (const [key, value] of Object.entries(json)) {
        assert.include(page, `| \`${key}${Array.isArray(value) ? "[]" : ""}\` |`)
      }
      for (const key of Object.keys(Object(json["konlet"]))) assert.match(page, new RegExp(`\`${key}(\\[\\])?\``))
      for (const kind of Object.keys(differenceKinds)) assert.include(page, `\`${kind}\``)
    }).pipe(Effect.scoped, runInVirtualTime)
  )
})
