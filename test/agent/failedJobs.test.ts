import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { readHistory } from "../../src/record/History.ts"
import { boot, refused, test } from "../startup/SimulatedBoot.ts"
import { imagesUp, living, resultsOf } from "./LivingAgent.ts"

const serving = { listensOn: [{ port: 8080, serves: { http: { "/healthz": 200 } } }] }
const app = { reference: "registry.example/app:1", ...serving }
const other = { reference: "registry.example/app:2", ...serving }
const worker = { reference: "registry.example/worker:1" }
/** A job that fails within a minute. */
const job = {
  reference: "registry.example/job:1",
  behaviour: { _tag: "Exits", afterMillis: 60_000, exitCode: 3 }
} as const
const images = [app, other, worker, job]

const pod = (image: string, ...others: ReadonlyArray<string>): string =>
  JSON.stringify({
    spec: {
      containers: [
        { name: "job", image: job.reference, restartPolicy: "Never" },
        { name: "web", image, livenessProbe: { httpGet: { path: "/healthz", port: 8080 } } },
        ...others.map((reference) => ({ name: "worker", image: reference }))
      ]
    }
  })

/** It has failed, and the others run. */
const failed = Effect.gen(function* () {
  const lived = yield* living(pod(app.reference, worker.reference))
  yield* Effect.sleep("2 minutes")
  assert.deepStrictEqual(resultsOf(lived.looks), ["Began Running", "EngineChanged JobFailed"])
  assert.deepStrictEqual((yield* imagesUp).toSorted(), [app.reference, worker.reference])
  return lived
})

const named = (name: string) =>
  Effect.map(SimulatedVm, ({ engine }) =>
    engine.containers.filter(({ spec }) => spec.labels["slipway.container"] === name)
  )

describe("a job that fails once it has come up", () => {
  test("is said to wait for the next boot, however often a look finds it so", { images }, () =>
    Effect.gen(function* () {
      const asked = yield* Queue.unbounded<void>()
      yield* living(pod(app.reference), { asked: Stream.fromQueue(asked) })
      yield* Effect.sleep("2 minutes")
      const lastRuns = yield* readHistory
      assert.deepStrictEqual([lastRuns.at(-1)?.error?.tag, lastRuns.at(-1)?.nextTry], ["JobFailed", "next boot"])
      for (let look = 0; look < 3; look++) {
        assert.strictEqual((yield* statusNow).status?.nextTry, "next boot")
        yield* Queue.offer(asked, undefined)
        yield* Effect.sleep("1 minute")
      }
    })
  )

  test("is said to wait for the next boot by `up` as well, which finds it so", { images }, () =>
    Effect.gen(function* () {
      yield* boot(pod(app.reference))
      yield* Effect.sleep("2 minutes")
      assert.strictEqual((yield* refused(pod(app.reference)))._tag, "JobFailed")
      assert.strictEqual((yield* statusNow).status?.nextTry, "next boot")
    })
  )
})

describe("beside a job that has failed", () => {
  test("what is removed by hand is back, and the job is not run again", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* failed
      const [web] = yield* named("web")
      yield* vm.engine.client.removeContainer(web!.id)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual((yield* imagesUp).toSorted(), [app.reference, worker.reference])
      const jobs = yield* named("job")
      assert.deepStrictEqual(
        jobs.map(({ starts }) => starts.length),
        [1]
      )
    })
  )

  test("what is declared anew of the others is carried out, and looked after", { images }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* failed
      vm.setDeclaration(pod(other.reference))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.lengthOf(vm.engine.containers, 2)
      assert.strictEqual(resultsOf(looks).at(-1), "DeclarationChanged JobFailed")
      const { verdict, status } = yield* statusNow
      assert.deepStrictEqual([verdict, status?.nextTry], ["not as declared", "next boot"])
      const [web] = yield* named("web")
      web!.isUnwell = true
      yield* Effect.sleep("1 minute")
      assert.lengthOf(web!.starts, 2)
    })
  )
})
