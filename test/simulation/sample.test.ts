import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { slipway } from "../cli/CommandLine.ts"

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/declarations/${name}.yaml`, import.meta.url), "utf8")

const rehearsed = Effect.fnUntraced(function* (text: string) {
  const file = "pod.yaml"
  const run = yield* slipway(["rehearse", file], { files: { [file]: text } })
  assert.strictEqual(run.exitCode, 0, run.stderr)
  return run.stdout + run.stderr
})

describe("a VM that is made for a declaration", () => {
  it.effect.each([
    ["probes of every kind", "probes"],
    ["hooks", "lifecycle"],
    ["disks that nothing may write to", "disks-of-xfs-and-read-only"],
    ["what kubectl prints", "printed-by-kubernetes"]
  ])("starts one with %s", ([, name]) => rehearsed(fixture(name!)))

  it.effect("has the secrets that files are of, and nobody is told their values", () =>
    Effect.gen(function* () {
      const volume = {
        name: "db",
        secret: { secretName: "db-password", items: [{ key: "latest", path: "password" }] }
      }
      const mount = { name: "db", mountPath: "/etc/db" }
      const container = { name: "web", image: "nginx", volumeMounts: [mount] }
      const said = yield* rehearsed(JSON.stringify({ spec: { containers: [container], volumes: [volume] } }))
      assert.include(said, "write 1 file of the volume db, in memory")
      assert.notInclude(said, "simulated value")
    })
  )

  it.effect("starts two containers of one image, of which one has a probe that runs a command", () =>
    rehearsed(
      JSON.stringify({
        spec: {
          containers: [
            { name: "web", image: "nginx", readinessProbe: { exec: { command: ["/bin/ready", "--now"] } } },
            { name: "log", image: "nginx", args: ["--log"] }
          ]
        }
      })
    )
  )

  it.effect("starts one whose commands take values of variables", () => {
    const env = [{ name: "TARGET", value: "db" }]
    return rehearsed(
      JSON.stringify({
        spec: {
          initContainers: [{ name: "migrate", image: "nginx", command: ["migrate", "--to=$(TARGET)", "$$(x)"], env }],
          containers: [
            { name: "web", image: "nginx", env, readinessProbe: { exec: { command: ["ready", "$(TARGET)"] } } }
          ]
        }
      })
    )
  })
})
