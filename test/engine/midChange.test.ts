import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { inject } from "vitest"
import { bench, boot, layerVm, onClearVm, Vm } from "./Vm.ts"

const image = () => `${bench().registry}/app:1`
const script = (text: string) => ({ command: ["/bin/busybox", "sh", "-c", text] })
const forEver = "trap 'exit 0' TERM; while :; do sleep 0.1; done"
/** Ends once somebody has let it. */
const untilLet = "while ! test -e /tmp/go; do sleep 0.1; done"
const check = { command: ["/bin/busybox", "test", "-e", "/tmp/go"] }

describe.skipIf(inject("bench") === undefined)("a container that is renamed by hand on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    /** Its name, once it runs. */
    const running = Effect.fnUntraced(function* (prefix: string) {
      const vm = yield* Vm
      for (;;) {
        const names = yield* vm.docker("ps", "--format", "{{.Names}}")
        const name = names.split("\n").find((one) => one.startsWith(prefix))
        if (name !== undefined) return name
      }
    })
    const cases = {
      "while its readiness probe is awaited": {
        prefix: "klt-web-",
        spec: () => ({
          containers: [
            {
              name: "web",
              image: image(),
              ...script(forEver),
              readinessProbe: { exec: check, periodSeconds: 1, failureThreshold: 60 }
            }
          ]
        })
      },
      "while its postStart hook runs": {
        prefix: "klt-web-",
        spec: () => ({
          containers: [
            { name: "web", image: image(), ...script(forEver), lifecycle: { postStart: { exec: script(untilLet) } } }
          ]
        })
      },
      "while it runs to its end as an init container": {
        prefix: "klt-migrate-",
        spec: () => ({
          initContainers: [{ name: "migrate", image: image(), ...script(untilLet) }],
          containers: [{ name: "web", image: image(), ...script(forEver) }]
        })
      }
    } as const

    for (const [when, { prefix, spec }] of Object.entries(cases)) {
      test(`${when} is followed, and has its name again after the next run`, () =>
        Effect.gen(function* () {
          const vm = yield* Vm
          const declaration = JSON.stringify({ spec: spec() })
          const booting = yield* Effect.forkChild(boot(declaration))
          const name = yield* running(prefix)
          const { Id } = yield* vm.inspect(name)
          yield* vm.docker("rename", name, "mine")
          yield* vm.docker("exec", Id, "/bin/busybox", "touch", "/tmp/go")
          const report = yield* Fiber.join(booting)
          if (report._tag !== "Running") return assert.fail(`the run came to ${report._tag}`)
          const found = report.containers.find((one) => one.name === name)
          assert.deepStrictEqual(
            report.containers.map(({ status }) => status),
            report.containers.map(({ role }) => (role === "init" ? "exited" : "running"))
          )
          assert.include(yield* vm.containers, "mine")
          const next = yield* boot(declaration)
          if (next._tag !== "Running") return assert.fail(`the next run came to ${next._tag}`)
          assert.deepStrictEqual(
            next.steps.map(({ step }) => step.action._tag),
            [found?.role === "init" ? "Remove" : "Adjust"]
          )
          if (found?.role !== "init") assert.strictEqual((yield* vm.inspect(name)).Id, Id)
          const last = yield* boot(declaration)
          assert.deepStrictEqual(last._tag === "Running" ? last.steps : last._tag, [])
        }))
    }
  })
})
