import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Progress, type ProgressEvent } from "../../src/progress/Progress.ts"
import { readHistory } from "../../src/record/History.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { askToGiveWay } from "../../src/startup/downWaiting.ts"
import { StateFolder } from "../../src/vm/host/StateFolder.ts"
import { imagesUp, living, resultsOf } from "../agent/LivingAgent.ts"
import { app, boot, declare, other, running, slow, started, test } from "./SimulatedBoot.ts"

const endless = { reference: "registry.example/endless:1", behaviour: { _tag: "Runs" } } as const

/** It takes its grace to stop. */
const stubborn = {
  reference: "registry.example/stubborn:1",
  behaviour: { _tag: "Runs", stopsAfterMillis: 60_000 }
} as const

/** Its hook takes an hour, and nothing listens in it. */
const server = {
  reference: "registry.example/server:1",
  commands: { "/hook": { _tag: "Exits", afterMillis: 3_600_000, exitCode: 0 } }
} as const

const images = [app, other, slow, endless, stubborn, server]

/** Its init container does not end. */
const hangingOn = (image: string): string =>
  JSON.stringify({
    spec: {
      initContainers: [{ name: "hangs", image }],
      containers: [{ name: "web", image: other.reference }]
    }
  })
const hanging = hangingOn(endless.reference)

/** What a container that runs may be waited for, for half an hour and more. */
const unready = { httpGet: { path: "/", port: 8080 }, periodSeconds: 10, failureThreshold: 1000 }
const awaited = {
  "a postStart hook": { lifecycle: { postStart: { exec: { command: ["/hook"] } } } },
  "a readiness probe": { readinessProbe: unready },
  "a startup probe": { startupProbe: unready }
}

/** How long it took to stop everything. */
const stopped = Effect.gen(function* () {
  const before = yield* Clock.currentTimeMillis
  yield* down(defaultDownSettings)
  return Duration.millis((yield* Clock.currentTimeMillis) - before)
})

describe("a run that `down` waits for", () => {
  test("gives way while it waits for an init container, and an agent leaves it at that", { images }, () =>
    Effect.gen(function* () {
      const { vm, looks } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(hanging)
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 1)
      assert.isBelow(Duration.toSeconds(yield* stopped), 10)
      assert.deepStrictEqual(yield* running, [])
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(
        [...new Set(resultsOf(looks).slice(1))],
        ["DeclarationChanged GaveWay", "EngineChanged LeftDown", "TimePassed LeftDown"]
      )
      const results = (yield* readHistory).map(({ result }) => result)
      assert.deepStrictEqual(results, ["done", "superseded", "down", "left down"])
    })
  )

  test("gives way on a new VM, too, and what it has begun is gone at once", { images: images }, () =>
    Effect.gen(function* () {
      const run = yield* Effect.forkChild(boot(hangingOn(stubborn.reference)))
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 1)
      assert.isBelow(Duration.toSeconds(yield* stopped), 5)
      assert.strictEqual((yield* Fiber.join(run))._tag, "GaveWay")
      assert.lengthOf((yield* SimulatedVm).engine.containers, 0)
    })
  )

  test("as one on a new VM does to a newer declaration", { images: images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(hangingOn(stubborn.reference))
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare())
      yield* Effect.sleep("5 seconds")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      assert.lengthOf(vm.engine.containers, 1)
    })
  )

  test("gives way while it pulls, and what ran before runs until it is stopped", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      vm.setFaults((call) => (call.name === "docker pull" ? "hang" : undefined))
      const run = yield* Effect.forkChild(boot(declare({ image: other.reference })))
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* running, [name])
      assert.isBelow(Duration.toSeconds(yield* stopped), 10)
      assert.strictEqual((yield* Fiber.join(run))._tag, "GaveWay")
      assert.deepStrictEqual(yield* running, [])
    })
  )

  for (const [what, of] of Object.entries(awaited)) {
    const declared = declare({ image: server.reference, ...of })

    test(`gives way while it waits for ${what} of what takes the place of another`, { images }, () =>
      Effect.gen(function* () {
        const { vm, looks } = yield* living(declare())
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(declared)
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* imagesUp, [server.reference])
        assert.isBelow(Duration.toSeconds(yield* stopped), 10)
        yield* Effect.sleep("1 hour")
        assert.deepStrictEqual(yield* running, [])
        assert.deepStrictEqual(resultsOf(looks).slice(1, 2), ["DeclarationChanged GaveWay"])
        assert.lengthOf(vm.engine.containers, 1)
      })
    )

    test(`gives way to a newer declaration while it waits for ${what}`, { images }, () =>
      Effect.gen(function* () {
        const { vm } = yield* living(declare())
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(declared)
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(declare({ image: other.reference }))
        yield* Effect.sleep("10 seconds")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        assert.lengthOf(vm.engine.containers, 1)
        const results = (yield* readHistory).map(({ result }) => result)
        assert.deepStrictEqual(results, ["done", "superseded", "done"])
      })
    )

    test(`gives way on a new VM while it waits for ${what}`, { images }, () =>
      Effect.gen(function* () {
        const { vm } = yield* living(declared)
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(declare({ image: "registry.example/none:1" }))
        yield* Effect.sleep("10 seconds")
        // It may become ready yet, which what is declared by now cannot. Without its hook it has not started.
        assert.deepStrictEqual(yield* imagesUp, what === "a postStart hook" ? [] : [server.reference])
        vm.setDeclaration(declare({ image: other.reference }))
        yield* Effect.sleep("10 seconds")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        assert.lengthOf(vm.engine.containers, 1)
        yield* stopped
        assert.deepStrictEqual(yield* running, [])
      })
    )
  }

  test("goes to its end while another of its containers is still being stopped or started", { images }, () =>
    Effect.gen(function* () {
      const pod = (first: string, second: string) =>
        JSON.stringify({
          spec: {
            containers: [
              { name: "web", image: first, readinessProbe: unready },
              { name: "side", image: second }
            ]
          }
        })
      const said: Array<string> = []
      const before = yield* Progress
      const note = (event: ProgressEvent) => {
        if (event._tag === "Notice" && event.text.startsWith("a newer")) said.push(event.text)
        return before(event)
      }
      const { vm } = yield* Effect.provideService(living(declare({ image: slow.reference })), Progress, note)
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(pod(server.reference, app.reference))
      yield* Effect.sleep("4 seconds")
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("4 seconds")
      assert.deepStrictEqual(yield* imagesUp, [slow.reference])
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.deepStrictEqual(said, [
        "a newer declaration is there: this run first goes to its end, or back",
        "a newer declaration is there: what was begun is taken back"
      ])
      assert.lengthOf(vm.engine.containers, 1)
    })
  )

  test("goes to its end once it stops what ran before", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare({ image: slow.reference }))
      const run = yield* Effect.forkChild(boot(declare({ image: other.reference })))
      yield* Effect.sleep("3 seconds")
      yield* stopped
      assert.strictEqual((yield* Fiber.join(run))._tag, "Running")
      assert.deepStrictEqual(yield* running, [])
      assert.isTrue(vm.transcript.some(({ name }) => name === "docker start"))
    })
  )

  test("takes no notice of one that has died since, while it could not give way", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const state = yield* StateFolder
      yield* started(declare({ image: slow.reference }))
      const run = yield* Effect.forkChild(boot(declare({ image: server.reference, readinessProbe: unready })))
      yield* Effect.sleep("3 seconds")
      yield* state.write("down-waits", DateTime.formatIso(yield* DateTime.now))
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(
        vm.engine.containers.filter(({ isUp }) => isUp).map(({ spec }) => spec.image),
        [server.reference]
      )
      yield* Fiber.interrupt(run)
    })
  )

  test("is tried again within seconds where the `down` that it gave way to has been given up", { images }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(hanging)
      yield* Effect.sleep("1 minute")
      const asked = yield* Effect.forkChild(askToGiveWay)
      while (looks.length === 0) yield* Effect.sleep("100 millis")
      yield* Fiber.interrupt(asked)
      assert.deepStrictEqual(resultsOf(looks), ["Began GaveWay"])
      assert.deepStrictEqual(yield* running, [])
      yield* Effect.sleep("15 seconds")
      assert.lengthOf(yield* running, 1)
    })
  )

  test("takes no notice of one that has died", { images }, () =>
    Effect.gen(function* () {
      const state = yield* StateFolder
      yield* state.write("down-waits", DateTime.formatIso(yield* DateTime.now))
      const run = yield* Effect.forkChild(boot(hanging))
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 1)
      yield* Fiber.interrupt(run)
    })
  )
})
