import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { rooms } from "../oxlint.config.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

/** A file that imports something and uses it. */
const importing = (...specifiers: ReadonlyArray<string>) =>
  [
    ...specifiers.map((specifier, index) => `import * as M${index} from "${specifier}"`),
    `export const used = [${specifiers.map((_, index) => `M${index}`).join(", ")}]`,
    ""
  ].join("\n")

type Room = keyof typeof rooms
const names = Object.keys(rooms) as ReadonlyArray<Room>
const importsOf = (room: Room): ReadonlyArray<string> => rooms[room].imports
const packagesOf = (room: Room): ReadonlyArray<string> => rooms[room].packages

/** Each arrow between two rooms that the table does not have, from the room itself and from a folder in it. */
const forbiddenArrows = names.flatMap((room) =>
  names.flatMap((other) =>
    other === room || importsOf(room).includes(other)
      ? []
      : [
          [`src/${room}/To_${other}.ts`, importing(`../${other}/Thing.ts`)] as const,
          [`src/${room}/inner/To_${other}.ts`, importing(`../../${other}/inner/Thing.ts`)] as const
        ]
  )
)
const allowedArrows = names.map(
  (room) =>
    [
      `src/${room}/inner/Uses.ts`,
      importing("effect/Effect", "../Own.ts", ...importsOf(room).map((other) => `../../${other}/Thing.ts`))
    ] as const
)

const forbiddenPackages = names.flatMap((room) => [
  [`src/${room}/SpeaksToTheEngine.ts`, importing("dockerode")] as const,
  [`src/${room}/WholeEffect.ts`, importing("effect")] as const,
  [`src/${room}/ImportsTheExecutable.ts`, importing("../bin.ts")] as const,
  ...(packagesOf(room).includes("platform")
    ? []
    : [[`src/${room}/BuildsThePlatform.ts`, importing("@effect/platform-node/NodeServices")] as const]),
  ...(packagesOf(room).includes("yaml") ? [] : [[`src/${room}/ReadsYaml.ts`, importing("yaml")] as const]),
  ...(packagesOf(room).includes("node") ? [] : [[`src/${room}/RealWorld.ts`, importing("node:child_process")] as const])
])

const forbidden: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...forbiddenArrows, ...forbiddenPackages]),
  "src/testing.ts": importing("./bin.ts"),
  "src/index.ts": importing("./executable/layerHttp.ts"),
  "src/startup/BuildsLayers.ts":
    'import { Mounts } from "../vm/Mounts.ts"\n\nexport const services = { mounts: Mounts.layer }\n',
  "src/startup/WallClock.ts": 'import * as Clock from "effect/Clock"\n\nexport const began = Clock.currentTimeMillis\n',
  "src/startup/WallClockSchedule.ts":
    'import * as Schedule from "effect/Schedule"\n\nexport const budget = Schedule.upTo({ duration: "5 minutes" })\n',
  "src/cli/WallClock.ts": "export const began = () => Date.now()\n",
  "src/startup/TooNew.ts": "export const grouped = Map.groupBy([1, 2], (number) => number % 2)\n",
  "src/cli/TooNew.ts": "export const grouped = Object.groupBy([1, 2], String)\n",
  // A circle, though of types alone.
  "src/workload/Egg.ts": 'import type { Hen } from "./Hen.ts"\n\nexport interface Egg {\n  readonly of: Hen\n}\n',
  "src/workload/Hen.ts": 'import type { Egg } from "./Egg.ts"\n\nexport interface Hen {\n  readonly from: Egg\n}\n'
}

const allowed: Readonly<Record<string, string>> = {
  ...Object.fromEntries(allowedArrows),
  "src/bin.ts": importing("./cli/up.ts", "./vm/Mounts.ts", "@effect/platform-node/NodeServices"),
  "src/executable/Client.ts": importing("@effect/platform-node/NodeHttpClient", "../cli/up.ts"),
  "src/declaration/Reads.ts": importing("effect/Effect", "yaml", "./Other.ts"),
  "src/vm/engine/EngineConnection.ts": importing("effect/Effect", "dockerode", "../../workload/Workload.ts")
}

describe("lint", () => {
  let directory = ""
  let refused: ReadonlyMap<string, ReadonlyArray<string>> = new Map()

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-lint-"))
    cpSync(join(root, "oxlint.config.ts"), join(directory, "oxlint.config.ts"))
    for (const [file, text] of Object.entries({ ...forbidden, ...allowed })) {
      mkdirSync(dirname(join(directory, file)), { recursive: true })
      writeFileSync(join(directory, file), text)
    }
    const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "json"], {
      cwd: directory,
      encoding: "utf8"
    })
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: ReadonlyArray<{ filename: string; code: string }>
    }
    refused = new Map(
      Object.keys({ ...forbidden, ...allowed }).map((file) => [
        file,
        diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code)
      ])
    )
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  for (const file of Object.keys(forbidden)) {
    it(`refuses ${file}`, () => {
      assert.lengthOf(refused.get(file) ?? [], 1)
      assert.match(refused.get(file)?.[0] ?? "", /no-restricted-(imports|properties)|no-cycle/)
    })
  }
  for (const file of Object.keys(allowed)) {
    it(`allows ${file}`, () => assert.deepStrictEqual(refused.get(file), []))
  }

  it("has each room of the sources in its table", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    assert.sameMembers(
      folders.map(({ name }) => name),
      [...names]
    )
  })

  it("has a table in which a room imports only what stands before it", () => {
    for (const [index, room] of names.entries()) {
      assert.deepStrictEqual(
        importsOf(room).filter((other) => !names.slice(0, index).includes(other as Room)),
        [],
        room
      )
    }
  })

  it("finds nothing in the sources as they are", () => {
    const { status, stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--deny-warnings", "src"], {
      cwd: root,
      encoding: "utf8"
    })
    assert.strictEqual(status, 0, stdout)
  })
})
