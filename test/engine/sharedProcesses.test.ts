import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { assert, describe, inject } from "vitest"
import { found, inside, started } from "./Named.ts"
import { bench, boot, isPodman, layerVm, onClearVm } from "./Vm.ts"

const image = (name: string): string => `${bench().registry}/${name}`
const script = (text: string) => ({ command: ["/bin/busybox", "sh", "-c", text] })
const forEver = "trap 'exit 0' TERM; while :; do sleep 0.1; done"

/** The words of all processes' commands and their states, a line each, as one container sees them. */
const seenFrom = (name: string) =>
  inside(
    name,
    `cd /proc; for p in [0-9]*; do
      echo "$p $(busybox sed -n 's/^State:[^A-Z]*\\(.\\).*/\\1/p' $p/status) $(busybox tr '\\0' ' ' < $p/cmdline)"
    done 2>/dev/null`
  )

describe.skipIf(inject("bench") === undefined || isPodman)(
  "containers that share their processes on a real engine",
  () => {
    layer(layerVm, { excludeTestServices: true })((it) => {
      const test = onClearVm(it)
      const web = { name: "web", image: image("app:1"), ...script(`: the web; ${forEver}`) }
      const debug = { name: "debug", image: image("app:1"), ...script(`: the debugger; ${forEver}`) }

      for (const [title, network] of [
        ["on the host's network", {}],
        ["on a network of their own", { hostNetwork: false }]
      ] as const) {
        test(`${title} they see and signal each other, and a change of one leaves the others alone`, () =>
          Effect.gen(function* () {
            const proxy = {
              name: "proxy",
              image: image("app:1"),
              restartPolicy: "Always",
              ...script(`: proxy; ${forEver}`)
            }
            const spec = { shareProcessNamespace: true, containers: [web, debug], initContainers: [proxy], ...network }
            yield* started(spec)
            const first = yield* found
            assert.sameMembers(Object.keys(first), ["pod.sandbox", "proxy", "web", "debug"])
            const seen = yield* seenFrom("debug")
            for (const words of ["/pause", ": the web;", ": the debugger;", ": proxy;"]) assert.include(seen, words)
            assert.match(seen, /^1 \w \/pause $/m)
            assert.deepStrictEqual((yield* started(spec)).steps, [])

            yield* started({ ...spec, containers: [web, { ...debug, tty: true }] })
            const second = yield* found
            for (const name of ["pod.sandbox", "proxy", "web"]) {
              assert.strictEqual(second[name]!.State.StartedAt, first[name]!.State.StartedAt)
            }
            assert.include(yield* seenFrom("debug"), ": the web;")

            // No container can end the first process of the namespace, so that the others run on.
            yield* inside("debug", "kill -TERM 1; kill -KILL 1; :")
            assert.strictEqual((yield* found)["pod.sandbox"]!.State.Status, "running")
          }))
      }

      test("a process whose parent has ended leaves no zombie", () =>
        Effect.gen(function* () {
          // Its parent ends at once; it ends when the file is there. Two dollars are one in a declaration.
          const waits = "echo $$$$ > /tmp/pid; while [ ! -e /tmp/end ]; do busybox sleep 0.05; done; exit 7"
          const spec = {
            shareProcessNamespace: true,
            containers: [{ ...web, ...script(`(busybox sh -c '${waits}' &); ${forEver}`) }, debug]
          }
          yield* started(spec)
          const pid = Number(yield* inside("web", "cat /tmp/pid"))
          const parent = yield* inside("debug", `busybox sed -n 's/^PPid:[^0-9]*//p' /proc/${pid}/status`)
          assert.strictEqual(parent.trim(), "1")
          yield* inside("web", "echo > /tmp/end")
          // A zombie stays listed for as long as nobody waits for it.
          const left = yield* Effect.repeat(inside("debug", `[ ! -e /proc/${pid} ] || cat /proc/${pid}/status`), {
            while: (status) => status !== "",
            schedule: Schedule.spaced("50 millis"),
            times: 200
          })
          assert.strictEqual(left, "")
          assert.notMatch(yield* seenFrom("debug"), /^\d+ Z /m)
        }))

      test("a container that does not come up: those that shared their processes do so again", () =>
        Effect.gen(function* () {
          const spec = { shareProcessNamespace: true, containers: [web, debug] }
          yield* started(spec)
          const first = yield* found
          const failing = { name: "debug", image: image("job:fails") }
          yield* Effect.flip(
            boot(JSON.stringify({ spec: { ...spec, hostNetwork: false, containers: [web, failing] } }))
          )
          const second = yield* found
          for (const name of ["pod.sandbox", "web", "debug"]) assert.strictEqual(second[name]!.Id, first[name]!.Id)
          assert.include(yield* seenFrom("debug"), ": the web;")
          assert.deepStrictEqual((yield* started(spec)).steps, [])
        }))
    })
  }
)
