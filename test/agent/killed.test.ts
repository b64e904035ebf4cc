import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { Caller, type Process } from "../../src/simulation/Calls.ts"
import { app, declare, test } from "../startup/SimulatedBoot.ts"
import { imagesUp, living } from "./LivingAgent.ts"

const exitsAfter = (seconds: number) =>
  ({
    reference: `registry.example/exits-after-${seconds}s:1`,
    behaviour: { _tag: "Exits", afterMillis: seconds * 1000, exitCode: 3 }
  }) as const

describe("an agent that was killed while it saw whether a new container stays up", () => {
  for (const seconds of [1, 2]) {
    test(
      `which ends ${seconds} s after each start: the one before runs again`,
      { images: [app, exitsAfter(seconds)] },
      () =>
        Effect.gen(function* () {
          const self: Process = { isDead: false }
          const { vm, fiber } = yield* Effect.provideService(living(declare()), Caller, self)
          yield* Effect.sleep("30 seconds")
          const { id } = vm.engine.containers[0]!
          vm.setDeclaration(declare({ image: exitsAfter(seconds).reference }))
          while (!vm.engine.containers.some(({ isUp, spec }) => isUp && spec.image !== app.reference)) {
            yield* Effect.sleep("50 millis")
          }
          yield* Effect.sleep("300 millis")
          self.isDead = true
          yield* Fiber.interrupt(fiber)
          const next = yield* living(declare({ image: exitsAfter(seconds).reference }))
          while (next.looks.length === 0) yield* Effect.sleep("100 millis")
          const [first] = vm.engine.containers
          assert.deepStrictEqual([first?.id, first?.isUp, vm.engine.containers.length], [id, true, 1])
          // What has failed is held back from then on.
          assert.isNotNull((yield* statusNow).status?.nextTry)
          yield* Effect.sleep("5 seconds")
          assert.deepStrictEqual(yield* imagesUp, [app.reference])
          assert.lengthOf(next.looks, 1)
          yield* Effect.sleep("1 hour")
          assert.deepStrictEqual(yield* imagesUp, [app.reference])
        })
    )
  }
})
