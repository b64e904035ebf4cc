import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { backOff } from "../../src/timing/backOff.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { preview, startup } from "../../src/startup/startup.ts"
import { app, boot, changes, dead, declare, other, refused, running, started, test } from "./SimulatedBoot.ts"

const image = (reference: string) => declare({ image: reference })
const greeting = "/etc/profile.d/gce-containers-welcome.sh"
const entry = "/var/lib/slipway/failed-start"

/** How often the container of this name was started. */
const startsOf = Effect.fnUntraced(function* (name: string) {
  const vm = yield* SimulatedVm
  return vm.container(name)?.starts.length ?? 0
})

describe("a start that failed and was rolled back", () => {
  it("is held back for 10 s, doubled to 5 min", () => {
    assert.deepStrictEqual(
      [1, 2, 3, 4, 5, 6, 7, 1000].map((tries) => Duration.toSeconds(backOff(tries))),
      [10, 20, 40, 80, 160, 300, 300, 300]
    )
  })

  test("leaves what runs alone until then, and says why in one sentence", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const failure = yield* refused(image(dead.reference))
      assert.strictEqual(failure._tag, "ContainerFailed")
      const starts = yield* startsOf(name)

      const before = vm.transcript.length
      const held = yield* refused(image(dead.reference))
      assert.strictEqual(held._tag, "StartHeldBack")
      assert.deepStrictEqual(yield* changes(before), [])
      assert.match(
        held.message,
        new RegExp(
          `^the declared container ${name}, from registry.example/broken:1, failed to start once, the last time at 2026-01-01T[^ ]*Z ` +
            `\\(the container ${name} ended .*, exit code 3\\); its predecessor ${name}, from registry.example/app:1, ` +
            "running since 2026-01-01T[^ ]*Z, is left in its place, and the next try is in (9|10)s$"
        )
      )
      assert.strictEqual(yield* startsOf(name), starts)
      assert.include(vm.host.files.read(greeting) ?? "", "is left in its place")

      yield* Effect.sleep("11 seconds")
      assert.strictEqual((yield* refused(image(dead.reference)))._tag, "ContainerFailed")
      yield* Effect.sleep("11 seconds")
      assert.strictEqual((yield* refused(image(dead.reference)))._tag, "StartHeldBack")
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  for (const followTags of [true, false]) {
    test(
      `is held back also where ${followTags ? "the registry is asked again" : "no registry is asked any more"}`,
      {},
      () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          yield* started(declare())
          yield* refused(image(dead.reference), { followTags: !followTags })
          yield* Effect.sleep("11 seconds")
          assert.strictEqual((yield* refused(image(dead.reference), { followTags }))._tag, "ContainerFailed")
          const before = vm.transcript.length
          yield* Effect.sleep("11 seconds")
          const held = yield* refused(image(dead.reference), { followTags: !followTags })
          assert.strictEqual(held._tag, "StartHeldBack")
          assert.deepStrictEqual(yield* changes(before), [])
        })
    )
  }

  for (const [what, declaration, settings] of [
    ["the declaration", declare({ image: dead.reference, tty: true }), {}],
    ["a flag", image(dead.reference), { retry: true }]
  ] as const) {
    test(`is tried at once where ${what} says so`, {}, () =>
      Effect.gen(function* () {
        yield* started(declare())
        yield* refused(image(dead.reference))
        assert.strictEqual((yield* refused(declaration, settings))._tag, "ContainerFailed")
      })
    )
  }

  test("is tried at once where the image behind the tag is another, and is forgotten once it is up", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      yield* refused(image(dead.reference))
      assert.isDefined(vm.host.files.read(entry))
      vm.publish({ reference: dead.reference, digest: `sha256:${"b".repeat(64)}` })
      const report = yield* started(image(dead.reference))
      assert.isFalse(report.kept)
      assert.deepStrictEqual(yield* running, [name])
      assert.isUndefined(vm.host.files.read(entry))
    })
  )

  test("is forgotten when what runs is declared again", {}, () =>
    Effect.gen(function* () {
      yield* started(declare())
      yield* refused(image(dead.reference))
      assert.isTrue((yield* started(declare())).kept)
      assert.strictEqual((yield* refused(image(dead.reference)))._tag, "ContainerFailed")
    })
  )

  test("is tried at once in the next boot", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* refused(image(dead.reference))
      yield* vm.reboot
      assert.strictEqual((yield* refused(image(dead.reference)))._tag, "ContainerFailed")
    })
  )

  test("is tried at once where nothing runs that it could cost", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      yield* refused(image(dead.reference))
      vm.container(name)!.stoppedByCall = true
      vm.container(name)!.end(yield* vm.now, 137)
      assert.strictEqual((yield* refused(image(dead.reference)))._tag, "ContainerFailed")
    })
  )

  test("costs what runs no more than its tries in a day of runs every minute", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const before = vm.transcript.length
      let held = 0
      const day = Duration.toMillis(Duration.hours(24)) + (yield* vm.now)
      while ((yield* vm.now) < day) {
        const failure = yield* refused(image(dead.reference))
        if (failure._tag === "StartHeldBack") held += 1
        yield* Effect.sleep("1 minute")
      }
      const stops = vm.transcript.slice(before).filter(({ name }) => name === "docker stop").length
      // One at once, then after 10, 20, 40, 80, 160 and 300 s and so on; runs every minute come to it a little late.
      assert.isAtMost(stops, 6 + (24 * 60) / 5)
      assert.isAbove(stops, 200)
      assert.isAbove(held, 1000)
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("is held back also where the registry does not say which image the tag stands for", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setFaults(({ name }) => (name === "docker resolve digest" ? "fail" : undefined))
      const asked = image(dead.reference)
      assert.strictEqual((yield* refused(asked))._tag, "ContainerFailed")
      // Another asks no registry, and finds what was pulled; and one asks again.
      assert.strictEqual((yield* refused(asked, { followTags: false }))._tag, "StartHeldBack")
      assert.strictEqual((yield* refused(asked))._tag, "StartHeldBack")
      yield* Effect.sleep("11 seconds")
      assert.strictEqual((yield* refused(asked, { followTags: false }))._tag, "ContainerFailed")
      yield* Effect.sleep("11 seconds")
      assert.strictEqual((yield* refused(asked))._tag, "StartHeldBack")
    })
  )

  test("is said of a plan, which is made all the same", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* refused(image(dead.reference))
      vm.setDeclaration(image(dead.reference))
      const plan = Option.getOrThrow(yield* preview(defaultSettings))
      assert.isAbove(plan.steps.length, 0)
      assert.include(plan.warnings.join(), "this would not be done now: ")
    })
  )

  test("says what runs now in the greeting", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      yield* refused(image(dead.reference))
      const greeted = vm.host.files.read(greeting) ?? ""
      assert.include(greeted, `Declared: ${name}, from registry.example/broken:1.`)
      assert.match(
        greeted,
        new RegExp(`Running in its place: the earlier ${name}, from registry.example/app:1, running since 2026-`)
      )
      assert.include(greeted, "not retried for 10s")
      assert.include(greeted, "| no database")
    })
  )
})

describe("a run that fails without having stopped anything", () => {
  test("is not held back", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* refused(image("registry.example/missing:1"))
      yield* refused(image("registry.example/missing:1"))
      vm.publish({ reference: "registry.example/missing:1" })
      assert.isFalse((yield* started(image("registry.example/missing:1"))).kept)
    })
  )

  test("nor is a first container that does not come up: what is there is looked at, not replaced", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      assert.strictEqual((yield* refused(image(dead.reference)))._tag, "ContainerFailed")
      const before = vm.transcript.length
      const failure = yield* refused(image(dead.reference))
      assert.strictEqual(failure._tag, "ContainerFailed")
      assert.deepStrictEqual(yield* changes(before), [])
      assert.strictEqual(vm.engine.containers.length, 1)
    })
  )
})

describe("a container that is as declared but not well", () => {
  test(
    "in a crash loop is not taken for one that is up, whenever it is looked at",
    {
      images: [
        app,
        { reference: "registry.example/loop:1", behaviour: { _tag: "Exits", afterMillis: 4000, exitCode: 5 } }
      ]
    },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        // It is up for longer than it is confirmed.
        const { name } = yield* started(image("registry.example/loop:1"))
        const starts = yield* startsOf(name)
        assert.strictEqual(starts, 1)
        for (let round = 0; round < 10; round++) {
          yield* Effect.sleep("3 seconds")
          const before = vm.transcript.length
          const exit = yield* Effect.result(boot(image("registry.example/loop:1")))
          assert.deepStrictEqual(yield* changes(before), [])
          if (exit._tag === "Failure")
            assert.match(exit.failure.message, /exit code 5$|again and again: the engine has restarted it \d+ times$/)
          else if (round > 3) assert.fail("a crash loop was taken for a success")
        }
      })
  )

  test(
    "that has turned unhealthy is said to be",
    {
      images: [
        app,
        {
          reference: "registry.example/sick:1",
          behaviour: { _tag: "Runs", health: { afterMillis: 5000, status: "unhealthy" } }
        }
      ]
    },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(image("registry.example/sick:1"))
        yield* Effect.sleep("1 minute")
        const before = vm.transcript.length
        const failure = yield* refused(image("registry.example/sick:1"))
        assert.strictEqual(failure.message, `the container ${name} is unhealthy by its image's health check`)
        assert.deepStrictEqual(yield* changes(before), [])
        assert.deepStrictEqual(yield* running, [name])
        assert.include(vm.host.files.read(greeting) ?? "", "unhealthy")
      })
  )
})

describe("a run that died before it had confirmed its container", () => {
  const crashed = Effect.fnUntraced(function* (declaration: string) {
    const vm = yield* SimulatedVm
    const before = yield* started(declare())
    vm.setFaults(({ name }) => (name === "docker start" ? "crash after" : undefined))
    yield* Effect.exit(boot(declaration))
    vm.setFaults(undefined)
    vm.restartAgent()
    return before
  })

  test("is followed by one that confirms it, and only then removes the old one", {}, () =>
    Effect.gen(function* () {
      yield* crashed(image(other.reference))
      const report = yield* started(image(other.reference))
      assert.isTrue(report.kept)
      assert.deepStrictEqual(
        report.steps.map(({ step }) => step.action._tag),
        ["Confirm", "Remove"]
      )
    })
  )

  test("is followed by one that brings the old one back where it has not come up", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* crashed(image(dead.reference))
      yield* Effect.sleep("2 minutes")
      yield* refused(image(dead.reference))
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(vm.container(name)!.spec.image, app.reference)
    })
  )
})

describe("a job", () => {
  const job = (reference: string) => declare({ image: reference }, { restartPolicy: "Never" })

  test("that failed has failed: nothing is tried again in this boot", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      for (let round = 0; round < 3; round++) {
        const failure = yield* refused(job(dead.reference))
        assert.strictEqual(failure._tag, "JobFailed")
        assert.match(failure.message, /^the job klt-web-[a-z]{4} failed with exit code 3$/)
        assert.deepStrictEqual("lastLogLines" in failure && failure.lastLogLines, ["no database"])
        assert.match(
          ("advice" in failure && failure.advice) || "",
          /^Correct the declaration or the image\..* `slipway up --retry` runs it again/
        )
        yield* Effect.sleep("10 minutes")
      }
      assert.deepStrictEqual(
        vm.engine.containers.map(({ status, starts }) => [status, starts.length]),
        [["exited", 1]]
      )
      assert.match(vm.host.files.read(greeting) ?? "", /job failed:.*no database/s)
      const [failed] = vm.engine.containers
      assert.strictEqual((yield* refused(job(dead.reference), { retry: true }))._tag, "JobFailed")
      assert.notStrictEqual(vm.container(failed!.spec.name), failed)
      // What is left of the first goes with the next run, although the second has failed too.
      yield* refused(job(dead.reference))
      assert.strictEqual(vm.engine.containers.length, 1)
      yield* vm.reboot
      assert.strictEqual((yield* refused(job(dead.reference)))._tag, "JobFailed")
      assert.strictEqual(vm.engine.containers[0]!.starts.length, 1)
    })
  )

  test("that fails gives its place back to the healthy container, for the rest of this boot", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      assert.strictEqual((yield* refused(job(dead.reference)))._tag, "JobFailed")
      assert.deepStrictEqual(yield* running, [name])
      const starts = yield* startsOf(name)
      const before = vm.transcript.length
      for (let round = 0; round < 3; round++) {
        yield* Effect.sleep("10 minutes")
        const failure = yield* refused(job(dead.reference))
        assert.strictEqual(failure._tag, "JobFailed")
        assert.deepStrictEqual("lastLogLines" in failure && failure.lastLogLines, ["no database"])
      }
      assert.deepStrictEqual(yield* changes(before), [])
      assert.strictEqual(yield* startsOf(name), starts)
      assert.include(vm.host.files.read(greeting) ?? "", "no database")
    })
  )

  test(
    "that fails after it was confirmed is found by the next run",
    {
      images: [{ reference: "registry.example/late:1", behaviour: { _tag: "Exits", afterMillis: 60_000, exitCode: 4 } }]
    },
    () =>
      Effect.gen(function* () {
        yield* started(job("registry.example/late:1"))
        yield* Effect.sleep("2 minutes")
        assert.match((yield* refused(job("registry.example/late:1"))).message, /failed with exit code 4$/)
      })
  )

  test(
    "that has succeeded is left alone",
    {
      images: [{ reference: "registry.example/done:1", behaviour: { _tag: "Exits", afterMillis: 500, exitCode: 0 } }]
    },
    () =>
      Effect.gen(function* () {
        yield* started(job("registry.example/done:1"))
        const again = yield* started(job("registry.example/done:1"))
        assert.isTrue(again.kept)
        assert.deepStrictEqual(again.steps, [])
      })
  )
})

describe("a run that waited for another one", () => {
  const slow = { reference: "registry.example/slow:1", sizeBytes: 5_000_000_000 }
  const images = [app, other, slow]

  test("applies what is declared then", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setDeclaration(image(slow.reference))
      const first = yield* Effect.forkChild(startup(defaultSettings))
      yield* Effect.sleep("1 second")
      vm.setDeclaration(image(app.reference))
      const second = yield* Effect.forkChild(startup(defaultSettings))
      yield* Effect.sleep("1 second")
      vm.setDeclaration(image(other.reference))
      yield* Fiber.join(first)
      const report = yield* Fiber.join(second)
      assert.strictEqual(report._tag === "Running" && report.containers[0].image, other.reference)
      assert.deepStrictEqual(
        vm.engine.containers.map(({ spec }) => spec.image),
        [other.reference]
      )
    })
  )

  test(
    "does nothing where nothing is declared any more, and fails before it touches anything where that is no good",
    {
      images
    },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        for (const [declaration, comesTo] of [
          [undefined, "NothingDeclared"],
          ["spec: {}", "DeclarationInvalid"]
        ] as const) {
          vm.publish({ ...slow, digest: `sha256:${(declaration === undefined ? "a" : "b").repeat(64)}` })
          vm.setDeclaration(image(slow.reference))
          const first = yield* Effect.forkChild(startup(defaultSettings))
          yield* Effect.sleep("1 second")
          const second = yield* Effect.forkChild(Effect.result(startup(defaultSettings)))
          yield* Effect.sleep("1 second")
          vm.setDeclaration(declaration)
          yield* Fiber.join(first)
          const result = yield* Fiber.join(second)
          assert.strictEqual(
            Result.match(result, { onSuccess: ({ _tag }) => _tag, onFailure: ({ _tag }) => _tag }),
            comesTo
          )
        }
      })
  )

  test("reads a file again, too", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const read = (reference: string) => ({ file: "web.yaml", text: image(reference) })
      const first = yield* Effect.forkChild(
        startup({ ...defaultSettings, declaration: Option.some(read(slow.reference)) })
      )
      yield* Effect.sleep("1 second")
      const second = yield* Effect.forkChild(
        startup({
          ...defaultSettings,
          declaration: Option.some(read(app.reference)),
          rereadDeclaration: Effect.succeed(read(other.reference))
        })
      )
      yield* Fiber.join(first)
      yield* Fiber.join(second)
      assert.deepStrictEqual(
        vm.engine.containers.map(({ spec }) => spec.image),
        [other.reference]
      )
    })
  )
})
