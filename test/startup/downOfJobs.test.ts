import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { guestStatusOf } from "../../src/record/GuestStatus.ts"
import { readHistory } from "../../src/record/History.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { living } from "../agent/LivingAgent.ts"
import { app, boot, test } from "./SimulatedBoot.ts"

const exits = (name: string, exitCode: number) =>
  ({ reference: `registry.example/${name}:1`, behaviour: { _tag: "Exits", afterMillis: 30_000, exitCode } }) as const
const job = exits("job", 0)
const failing = exits("failing", 3)
const setup = {
  reference: "registry.example/setup:1",
  behaviour: { _tag: "Exits", afterMillis: 100, exitCode: 0 }
} as const
const images = [app, job, failing, setup]

const pod = (containers: Readonly<Record<string, { readonly reference: string }>>, spec: object = {}): string =>
  JSON.stringify({
    spec: {
      restartPolicy: "Never",
      containers: Object.entries(containers).map(([name, { reference }]) => ({
        name,
        image: reference,
        ...(reference === app.reference ? { restartPolicy: "Always" } : {})
      })),
      ...spec
    }
  })

const verdicts = Effect.gen(function* () {
  const { verdict, status } = yield* statusNow
  return [verdict, JSON.parse(guestStatusOf(status!)).verdict]
})

describe("after `down`", () => {
  for (const [what, text, verdict] of [
    ["a job that had ended well", pod({ job }), "as declared"],
    ["several, in a network of their own", pod({ job, other: job }, { hostNetwork: false }), "as declared"],
    [
      "one after an init container",
      pod({ job }, { initContainers: [{ name: "setup", image: setup.reference }] }),
      "as declared"
    ],
    ["a job that had failed", pod({ job: failing }), "not as declared"],
    ["what ran beside a job", pod({ job, web: app }), "not as declared"]
  ] as const) {
    test(`${what} is said to be ${verdict}`, { images }, () =>
      Effect.gen(function* () {
        const { vm } = yield* living(text)
        yield* Effect.sleep("2 minutes")
        for (let time = 0; time < 2; time++) {
          yield* down(defaultDownSettings)
          assert.deepStrictEqual(yield* verdicts, [verdict, verdict])
          // An agent's look leaves it so.
          yield* Effect.sleep("10 minutes")
          assert.deepStrictEqual(yield* verdicts, [verdict, verdict])
        }
        const found = vm.engine.containers.find(({ spec }) => spec.labels["slipway.container"] === "job")
        yield* vm.engine.client.removeContainer(found!.id)
        yield* Effect.sleep("10 minutes")
        assert.strictEqual((yield* statusNow).verdict, "not as declared")
      })
    )
  }

  test("a job that it has stopped is said not to be as declared, however it has ended", { images }, () =>
    Effect.gen(function* () {
      yield* boot(pod({ job }))
      for (let time = 0; time < 2; time++) {
        yield* down(defaultDownSettings)
        assert.deepStrictEqual(yield* verdicts, ["not as declared", "not as declared"])
      }
    })
  )

  test("one that a dead run had started beside the one before is started again, and takes its place", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* boot(pod({ job }))
      yield* Effect.sleep("1 minute")
      // It dies before it has removed what it had set aside.
      vm.setFaults(({ name }) => (name === "docker remove" ? "crash" : undefined))
      yield* Effect.exit(boot(pod({ job: failing })))
      vm.restartAgent()
      vm.setFaults(undefined)
      assert.lengthOf(vm.engine.containers, 2)
      yield* down(defaultDownSettings)
      yield* boot(pod({ job: failing }))
      assert.deepStrictEqual(
        vm.engine.containers.map(({ isUp, spec }) => [isUp, spec.image]),
        [[true, failing.reference]]
      )
    })
  )

  test("what was removed is said not to be as declared", { images }, () =>
    Effect.gen(function* () {
      yield* boot(pod({ job }))
      yield* Effect.sleep("1 minute")
      yield* down({ ...defaultDownSettings, remove: true })
      assert.deepStrictEqual(yield* verdicts, ["not as declared", "not as declared"])
      assert.isUndefined((yield* readHistory).at(-1)?.stoppedNothing)
      yield* SimulatedVm
    })
  )
})
