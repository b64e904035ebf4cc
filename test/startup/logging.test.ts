import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { planJson } from "../../src/plan/renderPlan.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { preview } from "../../src/startup/startup.ts"
import { logOptions } from "../../src/vm/engine/LogConfig.ts"
import { changes, dead, declare, refused, secret, started, test } from "./SimulatedBoot.ts"

const logging = (driver: string | undefined, options?: object, rest: Record<string, unknown> = {}) =>
  declare({ logging: { driver, options }, ...rest })
const created = Effect.map(SimulatedVm, ({ engine }) => engine.containers[0]?.spec.logConfig)

describe("logging", () => {
  test("is konlet's where nothing is said, and its options are replaced one by one", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const konlets = { "max-size": "500m", "max-file": "3" }
      assert.deepStrictEqual(yield* created, { type: "json-file", config: konlets })
      // The same in more words is no change.
      const before = vm.transcript.length
      yield* started(logging("json-file", konlets))
      assert.deepStrictEqual(yield* changes(before), [])
      yield* started(logging(undefined, { "max-size": "10m", compress: "true" }))
      assert.deepStrictEqual(yield* created, {
        type: "json-file",
        config: { "max-size": "10m", "max-file": "3", compress: "true" }
      })
      assert.strictEqual(vm.transcript.filter(({ name }) => name === "docker info").length, 0)
    })
  )

  test("default is left to the engine", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(logging("default"))
      assert.isUndefined(yield* created)
      const before = vm.transcript.length
      yield* started(logging("default"))
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("of another driver has its own options alone, of which no value is shown", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const declaration = logging("splunk", { "splunk-token": secret, "splunk-url": "https://s.example" })
      vm.setDeclaration(declaration)
      const planned = planJson(Option.getOrThrow(yield* preview(defaultSettings)))
      assert.include(planned, "splunk-token")
      assert.notInclude(planned, secret)
      assert.notInclude(planned, "s.example")
      yield* started(declaration)
      assert.deepStrictEqual(logOptions((yield* created)!), {
        "splunk-token": secret,
        "splunk-url": "https://s.example"
      })
      const before = vm.transcript.length
      yield* started(declaration)
      assert.deepStrictEqual(yield* changes(before), [])
      // Another value is another container.
      yield* started(logging("splunk", { "splunk-token": "other", "splunk-url": "https://s.example" }))
      assert.include(yield* changes(before), "docker create")
    })
  )

  test("by a driver that the engine does not have is refused before anything is stopped", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const before = vm.transcript.length
      const failure = yield* refused(logging("jurnald"))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.match(
        failure.message,
        /logs by the driver "jurnald", which the engine does not have\. Did you mean "journald"\?/
      )
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("that cannot be read back: a failure says so in the place of the last lines", {}, () =>
    Effect.gen(function* () {
      const failure = yield* refused(logging("none", undefined, { image: dead.reference }))
      assert.strictEqual(failure._tag, "ContainerFailed")
      if (failure._tag !== "ContainerFailed") return
      assert.lengthOf(failure.lastLogLines, 1)
      assert.match(
        failure.lastLogLines[0]!,
        /its log driver keeps nothing that can be read back: configured logging driver does not support reading/
      )
    })
  )
})
