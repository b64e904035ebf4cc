import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { renderError } from "../../src/cli/output/renderError.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, boot, declare, refused, running, test } from "./SimulatedBoot.ts"

const mib = 2 ** 20
/** It wants more memory than it may have in these tests, and more than any VM has with `/glutton`. */
const greedy = {
  reference: "registry.example/greedy:1",
  behaviour: { _tag: "Runs", memory: { afterMillis: 200, bytes: 100 * mib } },
  commands: {
    "/glutton": { _tag: "Runs", memory: { afterMillis: 200, bytes: 100_000 * mib } },
    "/slowly": { _tag: "Runs", memory: { afterMillis: 8_000, bytes: 100 * mib } }
  }
} as const
const images = [app, greedy]
const limited = (memory: string, keys: object = {}) => ({
  image: greedy.reference,
  resources: { limits: { memory } },
  ...keys
})

const failureOf = (declaration: string) =>
  Effect.map(refused(declaration), (failure) =>
    failure._tag === "JobFailed" || failure._tag === "ContainerFailed" ? failure : assert.fail(failure.message)
  )

describe("a container that runs out of memory", () => {
  test("is said to have, with its limit and what to do; what ran before comes back", { images }, () =>
    Effect.gen(function* () {
      yield* boot(declare())
      const before = yield* running
      const failure = yield* failureOf(declare(limited("64Mi")))
      assert.deepStrictEqual(failure.outOfMemory, { limitBytes: 64 * mib })
      assert.match(
        renderError(failure),
        /^the container klt-web-\w+ ended right after its start, .*, exit code 137: it ran out of memory, of which it may use 64 MiB\n/
      )
      assert.match(
        renderError(failure),
        /\nThe kernel kills what goes beyond the limit\. Raise `resources\.limits\.memory`/
      )
      assert.deepStrictEqual(yield* running, before)
    })
  )

  test("under a limit that is enough it runs", { images }, () => boot(declare(limited("100Mi"))).pipe(Effect.asVoid))

  test("as a job, whose failure is told again after its start is held back", { images }, () =>
    Effect.gen(function* () {
      yield* boot(declare())
      const job = declare(limited("64Mi"), { restartPolicy: "Never" })
      for (const _ of ["at first", "again"]) {
        const failure = yield* failureOf(job)
        assert.match(
          failure.message,
          /^the job klt-web-\w+ failed with exit code 137: it ran out of memory, of which it may use 64 MiB$/
        )
      }
    })
  )

  test("without a limit it was the VM's", { images }, () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(declare({ image: greedy.reference, command: ["/glutton"] }))
      assert.deepStrictEqual(failure.outOfMemory, {})
      assert.match(
        failure.message,
        /exit code 137: it ran out of memory: it has no limit of its own, and the VM's was used up$/
      )
      assert.match(failure.advice, /larger VM/)
    })
  )

  test("as an init container", { images }, () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(
        JSON.stringify({
          spec: {
            restartPolicy: "Never",
            initContainers: [{ name: "first", ...limited("64Mi") }],
            containers: [{ name: "web", image: app.reference }]
          }
        })
      )
      assert.match(failure.message, /^the job klt-first-\w+ failed with exit code 137: it ran out of memory/)
    })
  )

  test("is known by the event where the engine has started it again by the time it is looked at", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* boot(declare())
      vm.setFaults(({ name }) => (name === "docker logs" ? "late" : undefined))
      const failure = yield* Effect.flip(
        boot(declare({ ...limited("64Mi"), command: ["/slowly"] }), { confirm: Duration.seconds(10) })
      )
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.deepStrictEqual(failure.outOfMemory, { limitBytes: 64 * mib })
    })
  )
})
