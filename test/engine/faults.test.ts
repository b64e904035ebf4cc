import { assert, describe, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { inject } from "vitest"
import { Deadlines } from "../../src/timing/Deadlines.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { type Call, type Fault, type FaultProxy, type Rule, makeFaultProxy } from "./FaultProxy.ts"
import { patientDeadlines, withHastenedClock } from "./HastenedClock.ts"
import { bench, boot, clear, layerVm, onlyRunning, Vm } from "./Vm.ts"

/** The proxy in front of the VM's engine. */
class Proxy extends Context.Service<Proxy, FaultProxy>()("slipway/test/Proxy") {}
const proxy = Layer.effect(
  Proxy,
  Effect.flatMap(Vm, ({ engine }) => makeFaultProxy({ socketPath: engine.socketPath }))
)

const image = (version: string): string => `${bench().registry}/app:${version}`
const declare = (version: string): string =>
  JSON.stringify({ spec: { containers: [{ name: "web", image: image(version) }], restartPolicy: "Always" } })

/** Boots through the proxy, whose rule holds for this run only. */
const bootWith = Effect.fnUntraced(function* (version: string, rule: Rule) {
  const proxy = yield* Proxy
  proxy.follow(rule)
  const exit = yield* boot(declare(version), { confirm: Duration.seconds(2) }).pipe(
    Effect.provide(DockerClient.layer({ _tag: "Socket", path: proxy.socketPath })),
    Effect.provideService(Deadlines, patientDeadlines),
    withHastenedClock(proxy),
    Effect.exit
  )
  const { calls } = proxy
  proxy.follow()
  return { exit, calls }
})

/** The VM's one container and the version that it is of; whatever else is there fails the test. */
const running = Effect.gen(function* () {
  const found = yield* onlyRunning
  assert.match(found.Name, /^\/klt-web-[a-z]{4}$/)
  assert.strictEqual(found.HostConfig.RestartPolicy.Name, "always")
  return { version: String(found.Config["Image"]).split(":").at(-1)!, id: found.Id }
})

/** A VM with a container running, of either version; the other one is what to boot next. */
const another = Effect.gen(function* () {
  const vm = yield* Vm
  const names = yield* vm.containers
  if (names.length !== 1 || (yield* vm.inspect(names[0]!)).State.Status !== "running") {
    yield* clear
    yield* boot(declare("1"), { confirm: Duration.zero })
  }
  const { version, id } = yield* running
  return { before: version, id, next: version === "1" ? "2" : "1" }
})

/** The calls of a replacement, by what is asked; `old` is the id of what is replaced. */
const kinds: ReadonlyArray<readonly [name: string, is: (call: Call, old: string) => boolean, changes: boolean]> = [
  ["ping", ({ path }) => path === "/_ping", false],
  ["list", ({ path }) => path === "/containers/json", false],
  ["inspect image", ({ path }) => /^\/images\/.+\/json$/.test(path), false],
  ["distribution", ({ path }) => path.startsWith("/distribution/"), false],
  ["inspect", ({ path }) => /^\/containers\/[^/]+\/json$/.test(path), false],
  ["events", ({ path }) => path === "/events", false],
  ["rename", ({ path }) => path.endsWith("/rename"), true],
  ["update", ({ path }) => path.endsWith("/update"), true],
  ["stop", ({ path }) => path.endsWith("/stop"), true],
  ["create", ({ path }) => path === "/containers/create", true],
  // Of the new one: the old one is to run again.
  ["start", ({ path }, old) => path.endsWith("/start") && !path.includes(old), true],
  ["remove", ({ method, path }) => method === "DELETE" && path.startsWith("/containers/"), true]
]

const readFaults: ReadonlyArray<Fault> = [
  { _tag: "Status", code: 500 },
  { _tag: "Reset" },
  { _tag: "Hang" },
  { _tag: "Truncated", bytes: 10 },
  { _tag: "Stalled", bytes: 10 }
]
const changeFaults: ReadonlyArray<Fault> = [
  { _tag: "Status", code: 500 },
  { _tag: "Reset" },
  { _tag: "Lost" },
  { _tag: "Hang" },
  { _tag: "Silent" },
  { _tag: "Late" }
]

/** Strikes the first call of a kind. */
const once = (is: (call: Call) => boolean, fault: Fault): Rule => {
  let struck = false
  return (call) => {
    if (struck || !is(call)) return undefined
    struck = true
    return fault
  }
}

describe.skipIf(inject("bench") === undefined)("faults between the agent and a real engine", () => {
  layer(Layer.provideMerge(proxy, layerVm), { excludeTestServices: true })((it) => {
    for (const [name, isOf, changes] of kinds) {
      for (const fault of changes ? changeFaults : readFaults) {
        it.effect(`${name}: ${fault._tag}, once: the new container takes the old one's place`, () =>
          Effect.gen(function* () {
            const { id, next } = yield* another
            const is = (call: Call) => isOf(call, id)
            const { exit, calls } = yield* bootWith(next, once(is, fault))
            assert.isTrue(calls.some(is), "the call was not made")
            assert.isTrue(Exit.isSuccess(exit), JSON.stringify(exit))
            assert.strictEqual((yield* running).version, next)
          })
        )
      }
      if (!changes || name === "remove") continue
      it.effect(`${name}: 500 each time: the old container runs on, or again with the next run`, () =>
        Effect.gen(function* () {
          const { before, id, next } = yield* another
          const { exit } = yield* bootWith(next, (call) => (isOf(call, id) ? { _tag: "Status", code: 500 } : undefined))
          assert.isTrue(Exit.isFailure(exit))
          const vm = yield* Vm
          assert.strictEqual((yield* vm.inspect(id)).State.Status, "running")
          // What could not be taken back while the engine failed is taken back by a run that it answers.
          const after = yield* bootWith(before, () => undefined)
          assert.isTrue(Exit.isSuccess(after.exit), JSON.stringify(after.exit))
          assert.deepStrictEqual(yield* running, { version: before, id })
        })
      )
    }
  })
})
