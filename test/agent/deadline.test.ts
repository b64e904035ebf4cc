import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { renderStatusNow } from "../../src/cli/output/renderStatusNow.ts"
import { Progress } from "../../src/progress/Progress.ts"
import { readHistory } from "../../src/record/History.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { preview } from "../../src/startup/startup.ts"
import { boot, changes, refused, running, test } from "../startup/SimulatedBoot.ts"
import { imagesUp, living, resultsOf } from "./LivingAgent.ts"

const app = { reference: "registry.example/app:1" }
const other = { reference: "registry.example/app:2" }
const endless = { reference: "registry.example/endless:1" }
/** A job that comes to its end within a minute. */
const job = {
  reference: "registry.example/job:1",
  behaviour: { _tag: "Exits", afterMillis: 60_000, exitCode: 0 }
} as const
const images = [app, other, endless, job]
const broken = {
  reference: "registry.example/broken:1",
  behaviour: { _tag: "Exits", afterMillis: 300, exitCode: 3 }
} as const

const pod = (seconds: number, image = app.reference, spec: Record<string, unknown> = {}): string =>
  JSON.stringify({
    spec: { activeDeadlineSeconds: seconds, containers: ["web", "worker"].map((name) => ({ name, image })), ...spec }
  })

describe("a Pod with activeDeadlineSeconds", () => {
  test("is stopped for good once they are over", { images }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(pod(600))
      yield* Effect.sleep("9 minutes")
      assert.lengthOf(yield* running, 2)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      const since = vm.transcript.length
      yield* vm.restartEngine
      yield* Effect.sleep("24 hours")
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(yield* changes(since), [])
      assert.deepStrictEqual(resultsOf(looks).slice(-2), [
        "DeadlineOver DeadlineExceeded",
        "EngineReturned DeadlineExceeded"
      ])
      assert.strictEqual(looks.at(-1)?.next, "when something changes")
      const { verdict, status } = yield* statusNow
      assert.deepStrictEqual([verdict, status?.nextTry], ["not as declared", "next boot"])
      assert.match(renderStatusNow(yield* statusNow), /Next try: +in the next boot, or when the declaration changes$/m)
    })
  )

  test("is stopped while metadata is away: what is declared by then runs once it is back", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(pod(600))
      yield* Effect.sleep("9 minutes")
      vm.setDeclaration(pod(6000, other.reference))
      yield* Effect.sleep("100 millis")
      vm.setFaults(({ name }) => (name.startsWith("metadata declaration") ? "fail" : undefined))
      yield* Effect.sleep("30 minutes")
      assert.deepStrictEqual(yield* running, [])
      vm.setFaults(undefined)
      yield* Effect.sleep("11 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference, other.reference])
    })
  )

  for (const call of ["docker list", "docker inspect image", "run cat"]) {
    test(`is stopped for good once no ${call} fails any more, though what is declared cannot be used`, { images }, () =>
      Effect.gen(function* () {
        const { vm } = yield* living(pod(600))
        yield* Effect.sleep("9 minutes")
        vm.setDeclaration("spec: {}")
        yield* Effect.sleep("30 seconds")
        vm.setFaults(({ name }) => (name === call ? "fail" : undefined))
        yield* Effect.sleep("5 minutes")
        assert.lengthOf(yield* running, 2)
        vm.setFaults(undefined)
        yield* Effect.sleep("3 minutes")
        assert.deepStrictEqual(yield* running, [])
      })
    )
  }

  const unusable = {
    "cannot be used": "spec: {}",
    "has an image that is missing": pod(6000, "registry.example/missing:1"),
    "does not come up": JSON.stringify({ spec: { containers: [{ name: "web", image: broken.reference }] } }),
    "does not come up, and has a time of its own": pod(6000, broken.reference)
  }
  for (const [what, bad] of Object.entries(unusable)) {
    test(`keeps its time while what is declared now ${what}`, { images: [...images, broken] }, () =>
      Effect.gen(function* () {
        const { vm, fiber } = yield* living(pod(600))
        yield* Effect.sleep("2 minutes")
        vm.setDeclaration(bad)
        yield* Effect.sleep("7 minutes")
        assert.deepStrictEqual(yield* imagesUp, [app.reference, app.reference])
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(yield* running, [])
        const told = (yield* readHistory).flatMap(({ warnings }) => warnings)
        assert.match(told.join("\n"), /^the Pod that came up last was active for longer than .*\(600\)/m)
        const since = vm.transcript.length
        yield* Effect.sleep("1 hour")
        assert.deepStrictEqual(yield* running, [])
        if (bad === "spec: {}") assert.deepStrictEqual(yield* changes(since), [])
        // What was stopped for good is another Pod when it is declared after another one.
        vm.setDeclaration(pod(600))
        yield* Effect.sleep("1 minute")
        if (bad === "spec: {}") {
          assert.deepStrictEqual(yield* running, [])
        } else {
          assert.deepStrictEqual(yield* imagesUp, [app.reference, app.reference])
          yield* Effect.sleep("8 minutes")
          assert.lengthOf(yield* running, 2)
          yield* Effect.sleep("2 minutes")
          assert.deepStrictEqual(yield* running, [])
        }
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* refused(pod(600)))._tag, "DeadlineExceeded")
      })
    )

    test(
      `that was stopped for good is another one when it is declared after one that ${what}`,
      { images: [...images, broken] },
      () =>
        Effect.gen(function* () {
          const { vm, fiber } = yield* living(pod(60))
          yield* Effect.sleep("2 minutes")
          assert.deepStrictEqual(yield* running, [])
          vm.setDeclaration(bad)
          yield* Effect.sleep("2 minutes")
          vm.setDeclaration(pod(60))
          yield* Effect.sleep("30 seconds")
          assert.deepStrictEqual(yield* imagesUp, bad === "spec: {}" ? [] : [app.reference, app.reference])
          yield* Effect.sleep("1 minute")
          assert.deepStrictEqual(yield* running, [])
          yield* Fiber.interrupt(fiber)
          assert.strictEqual((yield* refused(pod(60)))._tag, "DeadlineExceeded")
        })
    )
  }

  const texts = {
    "with a comment": (text: string) => `# again\n\n${text} # and again\n`,
    "in another order": (text: string) => {
      const { activeDeadlineSeconds, containers, ...spec } = JSON.parse(text).spec
      const turned = containers.map(({ name, image }: Record<string, unknown>) => ({ image, name }))
      return JSON.stringify({ spec: { ...spec, containers: turned, activeDeadlineSeconds } })
    },
    "in YAML's own form, with what is the default": () =>
      [
        "apiVersion: v1",
        "kind: Pod",
        "spec:",
        "  restartPolicy: Always",
        "  containers:",
        ...["web", "worker"].flatMap((name) => [`  - name: ${name}`, `    image: '${app.reference}'`]),
        "  activeDeadlineSeconds: 60"
      ].join("\n")
  }
  for (const [what, rewritten] of Object.entries(texts)) {
    test(`stays stopped where the same is declared ${what}`, { images }, () =>
      Effect.gen(function* () {
        const { vm, looks } = yield* living(pod(60))
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(yield* running, [])
        vm.setDeclaration(rewritten(pod(60)))
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(yield* running, [])
        assert.strictEqual(resultsOf(looks).at(-1), "DeclarationChanged DeadlineExceeded")
      })
    )
  }

  test(
    "that is stopped for good is not declared again where metadata is away and the last good one stands in",
    { images },
    () =>
      Effect.gen(function* () {
        const first = yield* living(pod(60))
        const { vm } = first
        yield* Effect.sleep("30 seconds")
        vm.setDeclaration(pod(6000, "registry.example/missing:1"))
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(yield* running, [])
        yield* Fiber.interrupt(first.fiber)
        vm.setFaults(({ name }) => (name.startsWith("metadata") ? "fail" : undefined))
        const { looks } = yield* living(pod(6000, "registry.example/missing:1"))
        yield* Effect.sleep("10 minutes")
        assert.include(resultsOf(looks), "Began DeadlineExceeded")
        assert.deepStrictEqual(yield* running, [])
      })
  )

  for (const [what, spec, image] of [
    ["whose image is missing", {}, "registry.example/missing:1"],
    ["that does not stay up", {}, broken.reference],
    ["whose init container hangs", { initContainers: [{ name: "migrate", image: endless.reference }] }, app.reference]
  ] as const) {
    test(`${what} does not take with it what runs in its place`, { images: [...images, broken] }, () =>
      Effect.gen(function* () {
        const before = JSON.stringify({ spec: { containers: [{ name: "web", image: other.reference }] } })
        const { looks, vm, fiber } = yield* living(before)
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(pod(120, image, spec))
        yield* Effect.sleep("10 minutes")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        const last = looks.at(-1)!
        assert.isTrue(Result.isFailure(last.result) && last.result.failure._tag === "DeadlineExceeded")
        assert.strictEqual(last.next, "when something changes")
        const since = vm.transcript.length
        yield* Effect.sleep("1 hour")
        assert.deepStrictEqual(yield* changes(since), [])
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* refused(pod(120, image, spec)))._tag, "DeadlineExceeded")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
      })
    )
  }

  test("keeps its time where no agent was at work: the next run finds that it is over", { images }, () =>
    Effect.gen(function* () {
      yield* boot(pod(600))
      yield* Effect.sleep("11 minutes")
      assert.strictEqual((yield* refused("spec: {}"))._tag, "DeclarationInvalid")
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("of a file keeps its time as well, and what others have started is left alone", { images }, () =>
    Effect.gen(function* () {
      const declaration = (text: string) => Option.some({ file: "pod.yaml", text })
      yield* boot(undefined, { declaration: declaration(pod(600)) })
      // Metadata has never had a Pod.
      assert.strictEqual((yield* refused("spec: {}"))._tag, "DeclarationInvalid")
      yield* Effect.sleep("11 minutes")
      assert.lengthOf(yield* running, 2)
      yield* refused("spec: {}")
      assert.lengthOf(yield* running, 2)
      yield* refused(undefined, { declaration: declaration("spec: {}") })
      assert.deepStrictEqual(yield* running, [])
      yield* boot(undefined, { declaration: declaration(pod(600, other.reference)) })
      yield* boot(undefined, {
        declaration: declaration(`{"spec": {"containers": [{"name": "x", "image": "${app.reference}"}]}}`)
      })
      yield* Effect.sleep("11 minutes")
      yield* refused(undefined, { declaration: declaration("spec: {}") })
      assert.lengthOf(yield* running, 1)
    })
  )

  test("runs again with another declaration, when it is retried, and after the next boot", { images }, () =>
    Effect.gen(function* () {
      const { vm, fiber } = yield* living(pod(60))
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      vm.setDeclaration(pod(600, other.reference))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [other.reference, other.reference])
      // With other seconds it is the same Pod, whose time has begun before.
      vm.setDeclaration(pod(120, other.reference))
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      // Once it was stopped for good it is another with other seconds, or other probes.
      vm.setDeclaration(pod(180, other.reference))
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 2)
      vm.setDeclaration(pod(120, other.reference))
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      yield* Fiber.interrupt(fiber)
      const failure = yield* refused(pod(120, other.reference))
      assert.strictEqual(failure._tag, "DeadlineExceeded")
      assert.deepStrictEqual(yield* running, [])
      yield* boot(pod(120, other.reference), { retry: true })
      assert.lengthOf(yield* running, 2)
      yield* Effect.sleep("1 hour")
      // No agent is at work: the next run finds that they are over.
      assert.lengthOf(yield* running, 2)
      assert.strictEqual((yield* refused(pod(120, other.reference)))._tag, "DeadlineExceeded")
      assert.deepStrictEqual(yield* running, [])
      const planned = Option.getOrThrow(yield* preview(defaultSettings))
      assert.match(planned.warnings.join("\n"), /this would not be done now: the Pod was active for longer/)
      yield* vm.reboot
      yield* boot(pod(120, other.reference))
      assert.lengthOf(yield* running, 2)
    })
  )

  const plain = JSON.stringify({ spec: { containers: [{ name: "web", image: other.reference }] } })

  test("that is declared again after another Pod has its time anew", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(pod(600))
      yield* Effect.sleep("9 minutes")
      vm.setDeclaration(plain)
      yield* Effect.sleep("9 minutes")
      vm.setDeclaration(pod(600))
      yield* Effect.sleep("9 minutes")
      assert.deepStrictEqual(yield* imagesUp, [app.reference, app.reference])
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      // So has one that was stopped for good before.
      vm.setDeclaration(plain)
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(pod(600))
      yield* Effect.sleep("9 minutes")
      assert.lengthOf(yield* running, 2)
    })
  )

  test("that has run on without a deadline for a while has its time from its beginning", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(pod(600))
      yield* Effect.sleep("5 minutes")
      const { activeDeadlineSeconds: _, ...spec } = JSON.parse(pod(600)).spec
      vm.setDeclaration(JSON.stringify({ spec }))
      yield* Effect.sleep("2 minutes")
      vm.setDeclaration(pod(600))
      yield* Effect.sleep("2 minutes")
      assert.lengthOf(yield* running, 2)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("is stopped where its sandbox has ended, and what is declared by then cannot be used", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(pod(600, app.reference, { hostNetwork: false }))
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 3)
      vm.setDeclaration("spec: {}")
      yield* Effect.sleep("1 minute")
      const sandbox = vm.engine.containers.find(({ name }) => name.includes("sandbox"))!
      yield* vm.engine.client.stopContainer(sandbox.id, Duration.seconds(1))
      yield* Effect.sleep("7 minutes")
      assert.lengthOf(yield* running, 2)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("keeps its time where nothing is declared any more, and what ran before goes on", { images }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(pod(600))
      yield* Effect.sleep("5 minutes")
      vm.setDeclaration(undefined)
      yield* Effect.sleep("4 minutes")
      assert.lengthOf(yield* running, 2)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      assert.strictEqual(resultsOf(looks).at(-1), "DeadlineOver NothingDeclared")
      const since = vm.transcript.length
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* changes(since), [])
      vm.setDeclaration(plain)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )

  test("keeps its time with nothing declared, also under an agent that begins then", { images }, () =>
    Effect.gen(function* () {
      const first = yield* living(pod(600))
      yield* Effect.sleep("5 minutes")
      yield* Fiber.interrupt(first.fiber)
      yield* living(undefined)
      yield* Effect.sleep("4 minutes")
      assert.lengthOf(yield* running, 2)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("that was retried by hand is stopped once its new time is over", { images }, () =>
    Effect.gen(function* () {
      yield* living(pod(60))
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      yield* boot(pod(60), { retry: true })
      yield* Effect.sleep("50 seconds")
      assert.lengthOf(yield* running, 2)
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("does not stop anew, nor start what has ended, when somebody asks", { images }, () =>
    Effect.gen(function* () {
      const asked = yield* Queue.unbounded<void>()
      const { looks, vm } = yield* living(pod(60), { asked: Stream.fromQueue(asked) })
      yield* Effect.sleep("2 minutes")
      const since = vm.transcript.length
      yield* Queue.offer(asked, undefined)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* changes(since), [])
      assert.strictEqual(resultsOf(looks).at(-1), "Asked DeadlineExceeded")
    })
  )

  test("is stopped while its init container hangs", { images }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(
        pod(120, app.reference, { initContainers: [{ name: "migrate", image: endless.reference }] })
      )
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [endless.reference])
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(resultsOf(looks), ["DeadlineOver DeadlineExceeded"])
    })
  )

  test("is stopped while its init container hangs, after another Pod was stopped", { images }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(pod(60))
      yield* Effect.sleep("2 minutes")
      vm.setDeclaration(pod(60, app.reference, { initContainers: [{ name: "migrate", image: endless.reference }] }))
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual(yield* imagesUp, [endless.reference])
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* running, [])
      assert.strictEqual(resultsOf(looks).at(-1), "DeadlineOver DeadlineExceeded")
    })
  )

  test("that was stopped while the disk was full is not started again by the next agent", { images }, () =>
    Effect.gen(function* () {
      const { fiber, vm } = yield* living(pod(600))
      yield* Effect.sleep("9 minutes")
      vm.setFaults(({ name, subject }) =>
        /^run (tee|install)$/.test(name) && !subject.startsWith("/run/") ? "fail" : undefined
      )
      yield* Effect.sleep("2 minutes")
      vm.setFaults(undefined)
      assert.deepStrictEqual(yield* running, [])
      yield* Fiber.interrupt(fiber)
      const { looks } = yield* living(pod(600))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* running, [])
      assert.deepStrictEqual(resultsOf(looks), ["Began DeadlineExceeded"])
    })
  )

  test("that has ended before stays as it has ended", { images }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(pod(600, job.reference, { restartPolicy: "Never" }))
      yield* Effect.sleep("5 minutes")
      const since = vm.transcript.length
      yield* Effect.sleep("24 hours")
      assert.deepStrictEqual(yield* changes(since), [])
      assert.notInclude(resultsOf(looks), "DeadlineOver DeadlineExceeded")
    })
  )

  test("says that `up` alone does not keep it", { images }, () =>
    Effect.gen(function* () {
      const said: Array<string> = []
      yield* boot(pod(600)).pipe(
        Effect.provideService(Progress, (event) =>
          Effect.sync(() => void (event._tag === "Notice" ? said.push(event.text) : undefined))
        )
      )
      assert.match(said.join("\n"), /activeDeadlineSeconds are for `slipway agent`/)
      yield* SimulatedVm
    })
  )
})
