import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { Caller, type Process } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { boot, changes, refused, startedPod, test } from "../startup/SimulatedBoot.ts"
import { imagesUp, living } from "./LivingAgent.ts"

const exits = (reference: string, afterMillis: number, exitCode: number) => ({
  reference: `registry.example/${reference}`,
  behaviour: { _tag: "Exits", afterMillis, exitCode } as const
})
/** Jobs that end well within a minute. */
const job = exits("job:1", 30_000, 0)
const nextJob = exits("job:2", 30_000, 0)
const setup = exits("setup:1", 1_000, 0)
const broken = exits("broken:1", 300, 3)
const app = { reference: "registry.example/app:1" }
const other = { reference: "registry.example/app:2" }
const endless = { reference: "registry.example/endless:1" }
const late = { ...exits("late:1", 300, 3), unpackMillis: 60_000 }
/** It is killed after its grace, which it takes whole. */
const slow = { reference: "registry.example/slow:1", behaviour: { _tag: "Runs", stopsAfterMillis: 60_000 } as const }
const images = [late, slow, job, nextJob, setup, broken, app, other, endless]

type Fields = Readonly<Record<string, unknown>>
const pod = (spec: Fields): string => JSON.stringify({ spec })
const container = (name: string, { reference: image }: { readonly reference: string }, fields: Fields = {}) => ({
  name,
  image,
  ...fields
})
const once = { restartPolicy: "Never" }

/** How often it was run: how often each container of this image was started. */
const runsOf = ({ reference }: { readonly reference: string }) =>
  Effect.map(SimulatedVm, ({ engine }) =>
    engine.containersEver.filter(({ spec }) => spec.image === reference).map(({ starts }) => starts.length)
  )

const alone = pod({ restartPolicy: "Never", containers: [container("job", job)] })
const beside = pod({ containers: [container("job", job, once), container("web", app)] })

describe("a job that has ended well", () => {
  for (const [what, before] of Object.entries({
    alone: alone,
    "retried until it succeeds": pod({ restartPolicy: "OnFailure", containers: [container("job", job)] }),
    "beside others": beside,
    "of several": pod({ ...once, containers: [container("job", job), container("batch", job)] }),
    "of several in a network of their own": pod({
      ...once,
      hostNetwork: false,
      containers: [container("job", job), container("batch", job)]
    }),
    "after an init container": pod({
      ...once,
      initContainers: [container("setup", setup)],
      containers: [container("job", job)]
    }),
    "with a disk": pod({
      ...once,
      containers: [container("job", job, { volumeMounts: [{ name: "data", mountPath: "/data" }] })],
      volumes: [{ name: "data", gcePersistentDisk: { pdName: "data", fsType: "ext4" } }]
    })
  })) {
    for (const [then, after] of Object.entries({
      "does not come up": pod({ containers: [container("web", broken)] }),
      "has another job that fails": pod({ ...once, containers: [container("job", broken)] }),
      "has another job beside what does not come up": pod({
        containers: [container("job", nextJob, once), container("web", broken)]
      }),
      "has an init container that fails": pod({
        initContainers: [container("setup", broken)],
        containers: [container("job", nextJob, once), container("web", other)]
      }),
      hangs: pod({ initContainers: [container("setup", endless)], containers: [container("web", other)] }),
      "has an image that is missing": pod({ containers: [container("web", { reference: "registry.example/none:1" })] })
    })) {
      test(
        `${what} is left so after another declaration that ${then}`,
        { images, disks: [{ deviceName: "data", content: { _tag: "Ext4", files: { kept: "data" } } }] },
        () =>
          Effect.gen(function* () {
            const asked = yield* Queue.unbounded<void>()
            const { vm } = yield* living(before, { asked: Stream.fromQueue(asked) })
            yield* Effect.sleep("2 minutes")
            vm.setDeclaration(after)
            yield* Effect.sleep("1 minute")
            yield* Queue.offer(asked, undefined)
            yield* Effect.sleep("1 minute")
            vm.setDeclaration(before)
            yield* Effect.sleep("2 minutes")
            assert.deepStrictEqual(yield* runsOf(job), what.startsWith("of several") ? [1, 1] : [1])
            const up = (yield* imagesUp).filter((image) => !/sandbox/.test(image))
            assert.deepStrictEqual(up, before === beside ? [app.reference] : [])
            assert.strictEqual((yield* statusNow).verdict, "as declared")
            assert.isFalse(vm.engine.containers.some(({ name }) => /aside/.test(name)))
            const since = vm.transcript.length
            yield* Effect.sleep("20 minutes")
            assert.deepStrictEqual(yield* changes(since), [])
          })
      )
    }
  }

  const bad = pod({ containers: [container("web", broken)] })

  for (const [what, before, after] of [
    ["while another declaration's image is pulled", beside, pod({ containers: [container("web", late)] })],
    [
      "while what was started after it is stopped for another declaration",
      pod({ containers: [container("job", job, once), container("web", slow)] }),
      bad
    ]
  ] as const) {
    test(`${what}, which does not come up, is not run again`, { images }, () =>
      Effect.gen(function* () {
        const { vm } = yield* living(alone)
        yield* Effect.sleep("10 seconds")
        // The job stays, and what is started after it is stopped before it.
        vm.setDeclaration(before)
        yield* Effect.sleep("10 seconds")
        vm.setDeclaration(after)
        yield* Effect.sleep("3 minutes")
        assert.deepStrictEqual(yield* runsOf(job), [1])
        assert.lengthOf(yield* imagesUp, 1)
        vm.setDeclaration(before)
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(yield* runsOf(job), [1])
        assert.strictEqual((yield* statusNow).verdict, "as declared")
      })
    )
  }

  test("is left so where the run that set it aside has died", { images }, () =>
    Effect.gen(function* () {
      const self: Process = { isDead: false }
      const { vm, fiber } = yield* Effect.provideService(living(beside), Caller, self)
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(pod({ containers: [container("job", nextJob, once), container("web", other)] }))
      while (!vm.engine.containers.some(({ spec }) => spec.image === nextJob.reference))
        yield* Effect.sleep("10 millis")
      self.isDead = true
      yield* Fiber.interrupt(fiber)
      yield* living(beside)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* runsOf(job), [1])
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      assert.strictEqual((yield* statusNow).verdict, "as declared")
    })
  )

  for (const [what, between] of [
    ["another Pod has come up meanwhile", Effect.sleep("1 minute")],
    ["the VM has booted meanwhile", Effect.flatMap(SimulatedVm, ({ reboot }) => reboot)]
  ] as const) {
    test(`is run again where ${what}`, { images }, () =>
      Effect.gen(function* () {
        const first = yield* living(alone)
        yield* Effect.sleep("1 minute")
        const { vm } = first
        vm.setDeclaration(what.startsWith("another") ? pod({ containers: [container("web", app)] }) : bad)
        yield* Effect.sleep("1 minute")
        yield* Fiber.interrupt(first.fiber)
        yield* between
        yield* living(alone)
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* runsOf(job), [1, 1])
      })
    )
  }

  test("is left so, too, where it does not get its name back", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* boot(alone)
      yield* Effect.sleep("1 minute")
      yield* refused(bad)
      vm.setFaults(({ name }) => (name === "docker rename" ? "fail" : undefined))
      const { warnings } = yield* startedPod(alone)
      assert.match(warnings.join(), /klt-aside-ended-\S+ is left as it is: rename /)
      vm.setFaults(undefined)
      yield* startedPod(alone)
      assert.deepStrictEqual(yield* runsOf(job), [1])
      assert.isFalse(vm.engine.containers.some(({ name }) => /aside/.test(name)))
    })
  )

  test("is told from one that `down` had stopped before", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(alone)
      yield* Effect.sleep("10 seconds")
      yield* down(defaultDownSettings)
      vm.setDeclaration(bad)
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(alone)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* runsOf(job), [1, 1])
    })
  )
})
