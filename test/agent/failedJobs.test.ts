import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { statusNow } from "../../src/record/StatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { test } from "../startup/SimulatedBoot.ts"
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
      assert.strictEqual((yield* statusNow).verdict, "not as declared")
      const [web] = yield* named("web")
      web!.isUnwell = true
      yield* Effect.sleep("1 minute")
      assert.lengthOf(web!.starts, 2)
    })
  )
})
