import { assert, describe, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { inject } from "vitest"
import { slipway } from "./executable.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

const declare = (container: Record<string, unknown>): string =>
  JSON.stringify({
    spec: {
      containers: [
        {
          name: "web",
          image: `${bench().registry}/app:1`,
          command: ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"],
          ...container
        }
      ]
    }
  })

/** An agent, as a process of its own, that a test waits for by what it says. */
const living = Effect.fnUntraced(function* (env: Readonly<Record<string, string>> = {}) {
  let said = ""
  let send: (signal: NodeJS.Signals) => void = () => {}
  const waiting = new Set<() => void>()
  const agent = yield* Effect.forkChild(
    slipway(["agent"], { SLIPWAY_LOG_FORMAT: "plain", ...env }, (stderr, kill) => {
      said = stderr
      send = kill
      for (const look of waiting) look()
    })
  )
  let from = 0
  return {
    /** Waits until it has said this since the last that was waited for. */
    says: Effect.fnUntraced(function* (words: RegExp) {
      const found = yield* Deferred.make<void>()
      const look = () => {
        const match = words.exec(said.slice(from))
        if (match === null) return
        from += match.index + match[0].length
        waiting.delete(look)
        Deferred.doneUnsafe(found, Effect.void)
      }
      waiting.add(look)
      look()
      const early = Effect.flatMap(Fiber.join(agent), ({ stderr }) => Effect.die(new Error(`it has ended: ${stderr}`)))
      yield* Effect.raceFirst(Deferred.await(found), early)
    }),
    send: (signal: NodeJS.Signals) => Effect.sync(() => send(signal)),
    ended: Fiber.join(agent)
  }
})

describe.skipIf(inject("bench") === undefined)("an agent on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    const key = "slipway-declaration"
    const running = Effect.fnUntraced(function* () {
      const vm = yield* Vm
      const [name = "", ...others] = yield* vm.containers
      assert.deepStrictEqual(others, [])
      const { Config, State, Id } = yield* vm.inspect(name)
      return { name, id: Id, image: String(Config["Image"]), status: State.Status }
    })

    test("runs what is declared as long as it lives, and the container outlives it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declare({})
        const agent = yield* living()
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const first = yield* running()
        assert.match(first.image, /app:1$/)

        // Another image.
        vm.metadata.attributes[key] = declare({ image: `${bench().registry}/app:2` })
        yield* agent.says(/the declaration has changed[^]*klt-web-[a-z]{4} was started: running/)
        const second = yield* running()
        assert.match(second.image, /app:2$/)

        // A container that does not stay up: the one before runs again.
        vm.metadata.attributes[key] = declare({ command: ["/bin/sh", "-c", "echo no database; exit 3"] })
        yield* agent.says(/no database[^]*The next try is in/)
        assert.deepStrictEqual(yield* running(), second)

        // What cannot work at all.
        vm.metadata.attributes[key] = "spec: {}"
        yield* agent.says(/not tried again until the declaration changes/)
        assert.deepStrictEqual(yield* running(), second)

        // Two changes in a row: the last counts.
        vm.metadata.attributes[key] = declare({ args: ["one"] })
        vm.metadata.attributes[key] = declare({ image: `${bench().registry}/app:2`, args: ["two"] })
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const third = yield* running()
        assert.deepStrictEqual((yield* vm.inspect(third.name)).Config["Cmd"], ["two"])

        // Removed by hand, and asked for at once.
        yield* vm.docker("rm", "--force", third.name)
        yield* agent.send("SIGHUP")
        yield* agent.says(/as asked[^]*klt-web-[a-z]{4} was started: running/)
        const fourth = yield* running()
        assert.notStrictEqual(fourth.id, third.id)

        yield* agent.send("SIGTERM")
        const { exitCode, stderr } = yield* agent.ended
        assert.strictEqual(exitCode, 143, stderr)
        assert.deepStrictEqual(yield* running(), fourth)

        // Started again, it leaves alone what is as declared.
        const next = yield* living()
        yield* next.says(/klt-web-[a-z]{4} was as declared: running/)
        assert.deepStrictEqual(yield* running(), fourth)
        yield* next.send("SIGTERM")
        yield* next.ended
      }))

    test("SIGKILL in the middle of a change: the next one comes to the newest declaration", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declare({})
        const agent = yield* living()
        yield* agent.says(/was started: running/)
        vm.metadata.attributes[key] = declare({ image: `${bench().registry}/app:2` })
        yield* agent.says(/info stop klt-web/)
        yield* agent.send("SIGKILL")
        yield* agent.ended
        vm.metadata.attributes[key] = declare({ args: ["newest"] })
        const next = yield* living()
        yield* next.says(/was started: running/)
        const { name, image } = yield* running()
        assert.match(image, /app:1$/)
        assert.deepStrictEqual((yield* vm.inspect(name)).Config["Cmd"], ["newest"])
        yield* next.send("SIGTERM")
        yield* next.ended
      }))
  })
})
