import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { agent } from "../../src/agent/agent.ts"
import type { Looked } from "../../src/agent/Looked.ts"
import { Progress } from "../../src/progress/Progress.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { app, dead, declare, other, secret, test, token } from "../startup/SimulatedBoot.ts"

/** An agent that lives on, and the notices of it. */
const living = Effect.fnUntraced(function* (declaration: string) {
  const vm = yield* SimulatedVm
  vm.setDeclaration(declaration)
  const notices: Array<string> = []
  const looks: Array<Looked> = []
  const fiber = yield* agent(defaultSettings, {
    onLooked: (looked) => Effect.sync(() => void looks.push(looked))
  }).pipe(
    Effect.provideService(Progress, (event) =>
      Effect.sync(() => void (event._tag === "Notice" && notices.push(event.text)))
    ),
    Effect.forkChild
  )
  return { fiber, looks, notices, vm }
})

const written = Effect.map(SimulatedVm, ({ guestAttributes }) => {
  const text = guestAttributes.get("status") ?? assert.fail("nothing is written")
  assert.notInclude(text, secret)
  assert.notInclude(text, token)
  return JSON.parse(text)
})

/** When it was written, in milliseconds. */
const writes = Effect.map(SimulatedVm, ({ transcript }) =>
  transcript.filter(({ name }) => name === "metadata guest attribute").map(({ at }) => at)
)

describe("guest attributes", () => {
  const enabled = { guestAttributes: true }

  test("say what runs, what was wanted and why it is not there", enabled, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const first = yield* written
      assert.strictEqual(first.verdict, "as declared")
      assert.deepStrictEqual(first.why, [])
      assert.strictEqual(first.running[0].image, app.reference)

      vm.setDeclaration(declare({ image: dead.reference }))
      yield* Effect.sleep("30 seconds")
      const second = yield* written
      assert.strictEqual(second.verdict, "not as declared")
      assert.match(second.why[0], /ended right after its start/)
      assert.strictEqual(second.declared.containers[0].image, dead.reference)
      assert.strictEqual(second.running[0].image, app.reference)
      assert.isString(second.nextTry)

      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      const third = yield* written
      assert.deepStrictEqual([third.verdict, third.running[0].image], ["as declared", other.reference])
    })
  )

  test("say within a minute that the engine is away, and that it is back", enabled, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      yield* vm.engine.halt
      yield* Effect.sleep("1 minute")
      const away = yield* written
      assert.strictEqual(away.verdict, "unknown")
      assert.match(
        away.sentence,
        /^the engine has been away since \S+, and what runs is not known; before: as declared: /
      )
      yield* vm.engine.resume
      yield* Effect.sleep("1 minute")
      const back = yield* written
      assert.deepStrictEqual([back.verdict, back.why], ["as declared", []])
    })
  )

  test("say nothing of an engine that only restarts", enabled, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      yield* vm.engine.halt
      yield* Effect.forkChild(Effect.delay(vm.engine.resume, "5 seconds"))
      for (let second = 0; second < 120; second++) {
        yield* Effect.sleep("1 second")
        assert.notInclude((yield* written).sentence, "away")
      }
    })
  )

  test("are not written again while nothing changes", enabled, () =>
    Effect.gen(function* () {
      yield* living(declare())
      yield* Effect.sleep("1 minute")
      const before = (yield* writes).length
      yield* Effect.sleep("24 hours")
      assert.strictEqual((yield* writes).length, before)
    })
  )

  test("are written once in ten seconds at most, and the newest always is", enabled, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      for (const count of Array.from({ length: 20 }, (_, index) => index)) {
        vm.setDeclaration(declare({ image: count % 2 === 0 ? other.reference : app.reference, args: [`${count}`] }))
        yield* Effect.sleep("7 seconds")
      }
      yield* Effect.sleep("1 minute")
      assert.strictEqual((yield* written).running[0].image, app.reference)
      assert.isNull((yield* written).underWay)
      const times = yield* writes
      assert.isAbove(times.length, 5)
      for (const [index, at] of times.entries()) {
        if (index > 0) assert.isAtLeast(at - times[index - 1]!, 10_000)
      }
    })
  )

  test("that the VM does not have are asked for once, and that is said", {}, () =>
    Effect.gen(function* () {
      const { notices, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("1 hour")
      assert.lengthOf(yield* writes, 1)
      assert.lengthOf(
        notices.filter((text) => text.includes("guest attributes")),
        1
      )
    })
  )

  test("that cannot be written delay no run, fail none, and are written once they can be", enabled, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      for (const fault of ["hang", "fail"] as const) {
        vm.setFaults(({ name }) => (name === "metadata guest attribute" ? fault : undefined))
        const { fiber, looks } = yield* living(declare({ image: fault === "hang" ? app.reference : other.reference }))
        yield* Effect.sleep("20 seconds")
        assert.deepStrictEqual(
          looks.map(({ result }) => Result.isSuccess(result)),
          [true]
        )
        const tries = (yield* writes).length
        yield* Effect.sleep("1 hour")
        // Ten seconds, doubled to five minutes.
        assert.isAtMost((yield* writes).length - tries, 15)
        vm.setFaults(undefined)
        yield* Effect.sleep("6 minutes")
        assert.strictEqual((yield* written).verdict, "as declared")
        yield* Fiber.interrupt(fiber)
      }
    })
  )

  test("have the last word of an agent that ends", enabled, () =>
    Effect.gen(function* () {
      const { fiber, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: other.reference, args: ["other"] }))
      while ((yield* writes).length < 2) yield* Effect.sleep("100 millis")
      while ((vm.engine.containers.find(({ isUp }) => isUp)?.spec.image ?? "") !== other.reference) {
        yield* Effect.sleep("100 millis")
      }
      yield* Fiber.interrupt(fiber)
      const last = yield* written
      assert.isNull(last.underWay)
    })
  )

  const ill = {
    reference: "registry.example/ill:1",
    listensOn: [{ port: 8080, serves: { http: { "/": 503 } } }]
  } as const
  const httpGet = { path: "/", port: 8080 }

  test("agree with `slipway status` while a container is stopped for its back-off", { ...enabled, images: [ill] }, () =>
    Effect.gen(function* () {
      const probe = { httpGet, periodSeconds: 2, failureThreshold: 1 }
      yield* living(declare({ image: ill.reference, livenessProbe: probe }))
      yield* Effect.sleep("11 minutes")
      const { verdict, sentence, why } = yield* written
      const now = yield* statusNow
      assert.deepStrictEqual([verdict, why], [now.verdict, now.reasons])
      assert.strictEqual(verdict, "not as declared")
      assert.match(why[0], /is stopped until .*: its livenessProbe/)
      assert.match(sentence, /^klt-web-[a-z]{4} is exited: klt-web-[a-z]{4} is stopped until /)
    })
  )

  test("agree with `slipway status` in the middle of a switch", { ...enabled, images: [app, ill] }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const readinessProbe = { httpGet, failureThreshold: 1000 }
      vm.setDeclaration(declare({ image: ill.reference, readinessProbe }))
      yield* Effect.sleep("25 seconds")
      const { verdict, sentence, underWay } = yield* written
      assert.isNotNull(underWay)
      assert.deepStrictEqual([verdict, (yield* statusNow).verdict], ["not as declared", "not as declared"])
      assert.match(sentence, /^before the run that is under way: klt-web-[a-z]{4} runs, from \S+: another declaration/)
    })
  )
})
