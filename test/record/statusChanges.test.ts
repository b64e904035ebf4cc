import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { agent } from "../../src/agent/agent.ts"
import type { Status } from "../../src/record/Status.ts"
import { statusChanges } from "../../src/record/statusChanges.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { StatusFile } from "../../src/vm/host/StatusFile.ts"
import { app, boot, dead, declare, other, test } from "../startup/SimulatedBoot.ts"

/** Whoever listens from now on, and what that has heard. */
const listening = Effect.gen(function* () {
  const heard: Array<Status> = []
  yield* Effect.forkChild(Stream.runForEach(statusChanges, (status) => Effect.sync(() => void heard.push(status))))
  yield* Effect.yieldNow
  return heard
})

/** Each once, however often it is told what a run does. */
const told = (statuses: ReadonlyArray<Status>) =>
  statuses
    .map(({ underWay, lastRun, running }) =>
      [underWay === null ? lastRun?.result : "under way", ...(running ?? []).map(({ image }) => image)].join(" ")
    )
    .filter((text, index, all) => text !== all[index - 1])

describe("the changes of the status", () => {
  test("are first what is, then what it comes to", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const early = yield* listening
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(early, [])
      vm.setDeclaration(declare())
      yield* Effect.forkChild(agent(defaultSettings))
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      const late = yield* listening
      yield* Effect.sleep("1 second")
      assert.deepStrictEqual(told(late), [`done ${other.reference}`])
      vm.setDeclaration(declare({ image: dead.reference }))
      yield* Effect.sleep("15 seconds")
      const changes = [
        "under way",
        `done ${app.reference}`,
        `under way ${app.reference}`,
        `done ${other.reference}`,
        `under way ${other.reference}`,
        `failed ${other.reference}`
      ]
      assert.deepStrictEqual(told(early).slice(0, changes.length), changes)
      assert.deepStrictEqual(told(late).slice(0, 3), changes.slice(3))
    })
  )

  test(
    "begin with what the run of another process has written in this boot, and with nothing of another boot",
    {},
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* boot(declare())
        const text = vm.host.files.read("/run/slipway/status.json")
        const another = StatusFile.layer()
        const heard = Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(Stream.runHead(statusChanges))
          yield* Effect.sleep("1 minute")
          return fiber.pollUnsafe() === undefined ? 0 : Option.toArray(yield* Fiber.join(fiber)).length
        }).pipe(Effect.provide(another))
        assert.strictEqual(yield* heard, 1)
        yield* vm.reboot
        vm.host.files.write("/run/slipway/status.json", text ?? "")
        assert.strictEqual(yield* heard, 0)
      })
  )

  test("come also where the file cannot be written", { links: { "/run/slipway": "/dev/null" } }, () =>
    Effect.gen(function* () {
      const heard = yield* listening
      yield* boot(declare())
      assert.deepStrictEqual(told(heard), ["under way", `done ${app.reference}`])
    })
  )
})
