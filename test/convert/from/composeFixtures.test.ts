import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { fromCompose } from "../../../src/convert/from/fromCompose.ts"
import { compose } from "../Programs.ts"
import { declaring, secret } from "./Declaring.ts"

const folder = new URL("../../fixtures/convert/compose/", import.meta.url)
const fixtures = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }))

const variables = `DB_PASSWORD=${secret}\nADMIN_PASSWORD='${secret}'\nTOKEN=${secret}-2 # of the jobs\n`
const appVariables = 'MULTI="one\ntwo"\nexport FROM_ENV=${DB_PASSWORD}\n'

const of = (text: string) =>
  declaring(
    fromCompose({
      file: "compose.yaml",
      text,
      folder: "shop",
      variableFiles: [{ file: ".env", text: variables }],
      files: new Map([["app.env", appVariables]])
    })
  )

const containersOf = ({ spec }: ReturnType<typeof of>) =>
  [...spec.initContainers, ...spec.containers].toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** What a declaration would expand is written with two dollars. */
const plain = (text: string) => text.replaceAll("$$", "$")

/** A service as `docker compose config` prints it. */
interface Service {
  readonly image: string
  readonly entrypoint?: ReadonlyArray<string> | null
  readonly command?: ReadonlyArray<string> | null
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: ReadonlyArray<{ readonly target: number; readonly published?: string }>
}

describe("Compose files as people write them", () => {
  it.each(fixtures)("$name: values of variables are in the declaration alone", ({ text }) => {
    const declared = of(text)
    assert.include(declared.text, secret)
    assert.notInclude(JSON.stringify(declared.losses), secret)
  })

  it("what is not carried over of them is what no Pod has", () => {
    const lost = (name: string) =>
      of(fixtures.find((fixture) => fixture.name === name)!.text).notCarried.map(({ path }) => path)
    assert.deepEqual(lost("shop.yaml"), [])
    assert.sameMembers(lost("metrics.yaml"), [
      "networks.inside.internal",
      "services.node.pid",
      "services.prometheus.volumes[0]"
    ])
  })

  it.skipIf(compose === undefined).each(fixtures)(
    "$name: what Compose would run is what is declared: images, words, variables, ports",
    ({ text }) => {
      const here = mkdtempSync(join(tmpdir(), "slipway-compose-"))
      try {
        for (const [name, content] of Object.entries({
          "compose.yaml": text,
          ".env": variables,
          "app.env": appVariables
        })) {
          writeFileSync(join(here, name), content)
        }
        const [program = "", ...words] = compose ?? []
        const { status, stdout, stderr } = spawnSync(
          program,
          [...words, "-f", join(here, "compose.yaml"), "config", "--format", "json"],
          { encoding: "utf8", env: { PATH: process.env["PATH"] } }
        )
        assert.strictEqual(status, 0, stderr)
        const { services } = JSON.parse(stdout) as { services: Readonly<Record<string, Service>> }
        const expected = Object.entries(services)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, { image, entrypoint, command, environment = {}, ports = [] }]) => ({
            name,
            image,
            command: (entrypoint ?? []).map(plain),
            args: (command ?? []).map(plain),
            env: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, plain(value)])),
            ports: ports.map(({ target, published }) => [target, Number(published)])
          }))
        const declared = containersOf(of(text)).map(({ name, image, command, args, env, ports }) => ({
          name,
          image,
          command: (command ?? []).map(plain),
          args: (args ?? []).map(plain),
          env: Object.fromEntries(env.map(({ name, value }) => [name, plain(value)])),
          ports: ports.flatMap(({ containerPort, hostPort }) =>
            hostPort ? [[Number(containerPort), Number(hostPort)]] : []
          )
        }))
        assert.deepEqual(declared, expected)
      } finally {
        rmSync(here, { recursive: true })
      }
    }
  )
})
