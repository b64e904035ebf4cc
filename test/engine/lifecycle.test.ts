import { layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, layerVm, onClearVm, Vm } from "./Vm.ts"

const image = () => `${bench().registry}/app:1`
const shell = (text: string) => ["/bin/busybox", "sh", "-c", text]
const forEver = "while :; do sleep 0.1; done"
const exec = (text: string) => ({ exec: { command: shell(text) } })

/** A container whose /shared is a directory of the host. */
const declare = Effect.fnUntraced(function* (container: Record<string, unknown>, spec: Record<string, unknown> = {}) {
  const { filesRoot } = yield* HostFixture
  return JSON.stringify({
    spec: {
      containers: [
        { name: "web", image: image(), volumeMounts: [{ name: "shared", mountPath: "/shared" }], ...container }
      ],
      volumes: [{ name: "shared", hostPath: { path: `${filesRoot}/lifecycle` } }],
      ...spec
    }
  })
})

const started = Effect.fnUntraced(function* (...args: Parameters<typeof declare>) {
  const report = yield* boot(yield* declare(...args))
  if (report._tag !== "Running") return assert.fail(`the run came to ${report._tag}`)
  const took = (kind: string) =>
    Duration.toSeconds(report.steps.find(({ step }) => step.action._tag === kind)?.took ?? Duration.zero)
  return { report, took }
})

/** What the containers have noted down, in order, and the note begins anew. */
const notes = Effect.gen(function* () {
  const vm = yield* Vm
  const [name = ""] = yield* vm.containers
  const text = yield* vm.docker("exec", name, ...shell("cat /shared/notes; rm /shared/notes"))
  return text.trim().split("\n")
})

describe.skipIf(inject("bench") === undefined)("a container's beginning and end on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("hooks are run in the container: postStart after its start, preStop before its stop signal, which is its own", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        yield* started({
          command: shell(`trap 'echo quit >> /shared/notes; exit 0' QUIT; echo main >> /shared/notes; ${forEver}`),
          lifecycle: {
            postStart: exec("while ! test -e /shared/notes; do sleep 0.1; done; echo postStart >> /shared/notes"),
            preStop: exec("echo preStop >> /shared/notes"),
            stopSignal: "SIGQUIT"
          }
        })
        const [name = ""] = yield* vm.containers
        assert.strictEqual((yield* vm.docker("inspect", "--format", "{{.Config.StopSignal}}", name)).trim(), "SIGQUIT")
        // The declaration that replaces it has no hooks.
        yield* started({ command: shell(`echo next >> /shared/notes; ${forEver}`) })
        assert.deepStrictEqual(yield* notes, ["main", "postStart", "preStop", "quit", "next"])
      }))

    test("a postStart hook that fails brings back what ran before", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        yield* started({ command: shell(forEver) })
        const before = yield* vm.containers
        const hook = exec("echo no cache; exit 4")
        const failure = yield* Effect.flip(
          boot(yield* declare({ command: shell(`: x; ${forEver}`), lifecycle: { postStart: hook } }))
        )
        assert.match(failure.message, /did not get through its postStart hook \(exec\): exit code 4, no cache$/)
        assert.deepStrictEqual(yield* vm.containers, before)
        assert.strictEqual((yield* vm.inspect(before[0] ?? "")).State.Status, "running")
      }))

    test("a preStop hook and the stop signal reach a new container that is rolled back", () =>
      Effect.gen(function* () {
        yield* started({ command: shell(forEver) })
        const failure = yield* Effect.flip(
          boot(
            yield* declare({
              command: shell(`trap 'echo term >> /shared/notes; exit 0' TERM; echo main >> /shared/notes; ${forEver}`),
              lifecycle: { preStop: exec("echo preStop >> /shared/notes") },
              readinessProbe: { exec: { command: ["curl", "http://localhost"] }, failureThreshold: 1 }
            })
          )
        )
        assert.match(failure.message, /at last: there is no program "curl" in the container$/)
        assert.deepStrictEqual(yield* notes, ["main", "preStop", "term"])
      }))

    test("SIGKILL comes after the grace period that the container was made with", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const deaf = { command: shell(`trap '' TERM; ${forEver}`) }
        yield* started(deaf, { terminationGracePeriodSeconds: 4 })
        const [name = ""] = yield* vm.containers
        assert.strictEqual((yield* vm.docker("inspect", "--format", "{{.Config.StopTimeout}}", name)).trim(), "4")
        const long = yield* started({ command: shell(`: x; ${forEver}`) }, { terminationGracePeriodSeconds: 1 })
        assert.isAtLeast(long.took("Stop"), 4)
        assert.isBelow(long.took("Stop"), 9)
      }))

    test("a preStop hook takes its time from the grace period, and sleep needs no program", () =>
      Effect.gen(function* () {
        yield* started({
          command: shell(`trap 'exit 0' TERM; ${forEver}`),
          lifecycle: { preStop: { sleep: { seconds: 2 } } }
        })
        const { took } = yield* started({ command: shell(`: x; ${forEver}`) })
        assert.isAtLeast(took("Stop"), 2)
      }))
  })
})
