import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { readHistory } from "../../src/record/History.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { Progress, type ProgressEvent } from "../../src/progress/Progress.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { startup } from "../../src/startup/startup.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { app, changes, dead, declare, other, running, slow, test } from "../startup/SimulatedBoot.ts"
import { imagesUp, living, resultsOf } from "./LivingAgent.ts"

/** What an operator does with the engine, past the agent. */
const byHand = <A, E>(does: (docker: DockerClient["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(DockerClient, does)

const onlyOne = Effect.map(SimulatedVm, ({ engine: { containers } }) => {
  assert.lengthOf(containers, 1)
  return containers[0]!
})

/** The container of an image, as soon as it runs. */
const untilRuns = Effect.fnUntraced(function* (image: string) {
  const { engine } = yield* SimulatedVm
  for (;;) {
    const found = engine.containers.find(({ isUp, spec }) => isUp && spec.image === image)
    if (found !== undefined) return found
    yield* Effect.sleep("50 millis")
  }
})

/** A job of an hour, and one of a moment. */
const long = {
  reference: "registry.example/long:1",
  behaviour: { _tag: "Exits", afterMillis: 3_600_000, exitCode: 0 }
} as const
const short = {
  reference: "registry.example/short:1",
  behaviour: { _tag: "Exits", afterMillis: 100, exitCode: 0 }
} as const
const jobs = (restartPolicy: string) => ({
  spec: {
    restartPolicy,
    containers: [long, short].map(({ reference }, index) => ({ name: `job-${index}`, image: reference }))
  }
})

/** How long it takes until something runs. */
const untilUp = Effect.gen(function* () {
  const since = yield* Clock.currentTimeMillis
  while ((yield* running).length === 0) yield* Effect.sleep("50 millis")
  return (yield* Clock.currentTimeMillis) - since
})

const crashing = {
  reference: "registry.example/crashing:1",
  behaviour: { _tag: "Exits", afterMillis: 20_000, exitCode: 1 }
} as const
/** It fails before it is confirmed. */
const failing = {
  reference: "registry.example/failing:1",
  behaviour: { _tag: "Exits", afterMillis: 2_000, exitCode: 7 }
} as const
const unwell = {
  reference: "registry.example/unwell:1",
  behaviour: { _tag: "Runs", health: { afterMillis: 600_000, status: "unhealthy" } }
} as const

describe("what happens to a container", () => {
  test("one that was removed by hand is back within seconds", {}, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.removeContainer(id))
      assert.isAtMost(yield* untilUp, 2_500)
      yield* Effect.sleep("1 minute")
      assert.notStrictEqual((yield* onlyOne).id, id)
      // What it did itself caused no other look.
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged Running"])
    })
  )

  test("one that was removed as the declaration changed is replaced once, by what its tag stands for now", {}, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      const digest = `sha256:${"9".repeat(64)}`
      vm.publish({ ...app, digest })
      const before = vm.engine.containersEver.length
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.removeContainer(id))
      yield* Effect.sleep("200 millis")
      vm.setDeclaration(declare())
      yield* Effect.sleep("1 minute")
      assert.strictEqual(vm.engine.containersEver.length - before, 1)
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      assert.strictEqual((yield* onlyOne).image.digest, digest)
    })
  )

  test("one that was removed by hand while metadata is silent is back as soon", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "hang" : undefined))
      const remove = Effect.flatMap(onlyOne, ({ id }) => byHand((docker) => docker.removeContainer(id)))
      yield* remove
      assert.isAtMost(yield* untilUp, 2_500)
      // A look that was waiting for metadata gives up waiting.
      while (vm.transcript.at(-1)?.name !== "metadata declaration") yield* Effect.sleep("1 second")
      yield* remove
      assert.isAtMost(yield* untilUp, 2_500)
      yield* Effect.sleep("10 seconds")
      assert.include(resultsOf(looks), "EngineChanged Running")
      assert.include(resultsOf(looks), "TimePassed Running")
    })
  )

  test("a repair that failed is retried, metadata or not", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "hang" : name === "docker create" ? "fail" : undefined))
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.removeContainer(id))
      while (!resultsOf(looks).includes("EngineChanged DockerError")) yield* Effect.sleep("1 second")
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "hang" : undefined))
      // The back-off, and one answer's time.
      assert.isAtMost(yield* untilUp, 12_000 + 5_000 + 1_000)
    })
  )

  test("one that was stopped by hand is not as declared: another takes its place", {}, () =>
    Effect.gen(function* () {
      yield* living(declare())
      yield* Effect.sleep("1 minute")
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.stopContainer(id, Duration.seconds(10)))
      assert.isAtMost(yield* untilUp, 2_500)
      yield* Effect.sleep("1 minute")
      assert.notStrictEqual((yield* onlyOne).id, id)
    })
  )

  test("one whose restart policy was changed by hand has its own again within seconds", {}, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.updateRestartPolicy(id, { name: "no", maximumRetryCount: 0 }))
      yield* Effect.sleep("3 seconds")
      const { id: still, restartPolicy, ends } = yield* onlyOne
      assert.deepStrictEqual([still, restartPolicy.name, ends], [id, "always", []])
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged Running"])
    })
  )

  test("one that was renamed by hand has its name again within seconds", {}, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const { id, name } = yield* onlyOne
      yield* byHand((docker) => docker.renameContainer(id, "mine"))
      yield* Effect.sleep("3 seconds")
      const { id: still, name: now, ends } = yield* onlyOne
      assert.deepStrictEqual([still, now, ends], [id, name, []])
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged Running"])
    })
  )

  test("one that was paused by hand goes on within seconds, and loses nothing", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const { id } = yield* onlyOne
      yield* vm.engine.pause(id)
      assert.strictEqual((yield* onlyOne).status, "paused")
      yield* Effect.sleep("3 seconds")
      const { id: still, status, starts, ends } = yield* onlyOne
      assert.deepStrictEqual([still, status, starts.length, ends], [id, "running", 1, []])
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged Running"])
    })
  )

  const disturbances = {
    renamed: ({ id }: { readonly id: string }) => byHand((docker) => docker.renameContainer(id, "mine")),
    paused: ({ id }: { readonly id: string }) => Effect.flatMap(SimulatedVm, ({ engine }) => engine.pause(id))
  } as const
  for (const disturbance of ["renamed", "paused"] as const) {
    test(`a new one that is ${disturbance} by hand while it is watched has come up, and is put right`, {}, () =>
      Effect.gen(function* () {
        const { looks, vm } = yield* living(declare())
        yield* Effect.sleep("1 minute")
        const { name } = yield* onlyOne
        vm.setDeclaration(declare({ image: other.reference }))
        const { id } = yield* untilRuns(other.reference)
        yield* disturbances[disturbance]({ id })
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        const { id: still, name: now, status, starts } = yield* onlyOne
        assert.deepStrictEqual([still, now, status, starts.length], [id, name, "running", 1])
        assert.deepStrictEqual(resultsOf(looks), [
          "Began Running",
          "DeclarationChanged Running",
          "EngineChanged Running"
        ])
      })
    )
  }

  test(
    "a new one that is removed by hand while it is watched is said to have been, and takes its place later",
    {},
    () =>
      Effect.gen(function* () {
        const { looks, vm } = yield* living(declare())
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(declare({ image: other.reference }))
        const { id } = yield* untilRuns(other.reference)
        yield* byHand((docker) => docker.removeContainer(id))
        yield* Effect.sleep("1 minute")
        const failure = Option.getOrThrow(Result.getFailure(looks[1]!.result))
        assert.match(failure.message, /^the container klt-web-\w+ was removed while it was starting$/)
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
      })
  )

  test("one that was set aside is removed by hand while the new one fails: nothing holds the next try back", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      vm.publish(failing)
      yield* Effect.sleep("1 minute")
      const { id } = yield* onlyOne
      vm.setDeclaration(declare({ image: failing.reference }))
      yield* untilRuns(failing.reference)
      yield* byHand((docker) => docker.removeContainer(id))
      while (looks.length < 3) yield* Effect.sleep("10 millis")
      const [, failed, next] = looks
      const aftermath = Option.getOrThrow(failed!.aftermath)
      assert.deepStrictEqual([aftermath.running, aftermath.nextTry], [[], undefined])
      // It is said that it is looked at at once, and so it is.
      assert.deepStrictEqual(failed!.next, {
        after: Duration.zero,
        occasion: { _tag: "EngineChanged", isRemoval: true }
      })
      assert.strictEqual(next!.occasion._tag, "EngineChanged")
    })
  )

  test("one that was paused, and could not be let go on, is retried; who lets it go on by hand ends that", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name }) => (name === "docker unpause" ? { says: "cannot thaw" } : undefined))
      const { id } = yield* onlyOne
      yield* vm.engine.pause(id)
      yield* Effect.sleep("5 minutes")
      assert.include(resultsOf(looks), "EngineChanged DockerError")
      assert.include(resultsOf(looks), "Retried DockerError")
      assert.strictEqual((yield* statusNow).verdict, "not as declared")
      vm.setFaults(undefined)
      const before = looks.length
      yield* byHand((docker) => docker.unpauseContainer(id))
      yield* Effect.sleep("3 seconds")
      assert.deepStrictEqual(resultsOf(looks.slice(before)), ["EngineChanged Running"])
      assert.strictEqual((yield* onlyOne).id, id)
      assert.strictEqual((yield* statusNow).verdict, "as declared")
    })
  )

  test("one that is stopped right after the agent has started it is back as soon", {}, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare())
      while (looks.length === 0) yield* Effect.sleep("10 millis")
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.stopContainer(id, Duration.seconds(10)))
      assert.isAtMost(yield* untilUp, 2_500)
    })
  )

  test("one that was restarted by hand, or by its restart policy, is left alone", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const { id } = yield* onlyOne
      yield* byHand((docker) =>
        Effect.andThen(docker.stopContainer(id, Duration.seconds(10)), docker.startContainer(id))
      )
      const since = vm.transcript.length
      yield* Effect.sleep("2 minutes")
      assert.strictEqual((yield* onlyOne).id, id)
      assert.deepStrictEqual(yield* changes(since), [])
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged Running"])
    })
  )

  test("several events at once are one look", {}, () =>
    Effect.gen(function* () {
      const containers = ["one", "two", "three"].map((name) => ({ name, image: app.reference }))
      const { looks, vm } = yield* living(JSON.stringify({ spec: { containers } }))
      yield* Effect.sleep("1 minute")
      for (const { id } of vm.engine.containers) yield* byHand((docker) => docker.removeContainer(id))
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 3)
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged Running"])
    })
  )

  test("what others do with containers of theirs is no news", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const { spec } = yield* onlyOne
      const foreign = { ...spec, name: "theirs", labels: { "com.docker.compose.project": "shop" } }
      yield* byHand((docker) =>
        Effect.flatMap(docker.createContainer(foreign), (id) =>
          Effect.andThen(docker.startContainer(id), docker.removeContainer(id))
        )
      )
      yield* Effect.sleep("1 minute")
      assert.lengthOf(vm.engine.containers, 1)
      assert.deepStrictEqual(resultsOf(looks), ["Began Running"])
    })
  )

  test("a change of the agent's own causes no other look, whether it succeeds or is rolled back", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare({ image: slow.reference }))
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged Running"])
    })
  )

  test("a crash loop is the engine's: it costs a look every five minutes", { images: [crashing] }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare({ image: crashing.reference }))
      yield* Effect.sleep("1 minute")
      const { id } = yield* onlyOne
      yield* Effect.sleep("6 hours")
      const { id: still, restartCount } = yield* onlyOne
      assert.strictEqual(still, id)
      assert.isAbove(restartCount, 250)
      const ofEngine = looks.filter(({ occasion }) => occasion._tag === "EngineChanged")
      assert.isAtLeast(ofEngine.length, 5)
      assert.isAtMost(ofEngine.length, 6 + (6 * 60) / 5)
    })
  )

  test("one that does not come up is retried as often as without events", { images: [dead] }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare({ image: dead.reference }))
      yield* Effect.sleep("6 hours")
      assert.lengthOf(
        looks.filter(({ occasion }) => occasion._tag === "EngineChanged"),
        0
      )
      assert.isAtMost(looks.length, 6 + (6 * 60) / 5)
    })
  )

  test("what cannot work is not looked at for what happens to containers", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setDeclaration("spec: {}")
      yield* Effect.sleep("1 minute")
      yield* vm.restartEngine
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.removeContainer(id))
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged DeclarationInvalid"])
      vm.setDeclaration(declare())
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 1)
    })
  )

  test("an unhealthy one is shown, and left alone", { images: [unwell] }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare({ image: unwell.reference }), {})
      yield* Effect.sleep("9 minutes")
      const { id } = yield* onlyOne
      const before = looks.length
      yield* Effect.sleep("3 minutes")
      assert.strictEqual((yield* onlyOne).id, id)
      const first = looks.slice(before).find(({ occasion }) => occasion._tag === "EngineChanged")
      assert.isTrue(first !== undefined && Result.isFailure(first.result))
    })
  )

  test("one that is removed while another is pulled for it", {}, () =>
    Effect.gen(function* () {
      const large = { reference: "registry.example/large:1", sizeBytes: 2_000_000_000 }
      const { vm } = yield* living(declare())
      vm.publish(large)
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: large.reference }))
      yield* Effect.sleep("10 seconds")
      yield* byHand((docker) =>
        Effect.flatMap(onlyOne, ({ id }) => docker.removeContainer(id)).pipe(Effect.provideService(SimulatedVm, vm))
      )
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* imagesUp, [large.reference])
    })
  )
})

describe("an engine", () => {
  test("that restarts: what it did not start again is started", {}, () =>
    Effect.gen(function* () {
      const containers = ["one", "two"].map((name) => ({ name, image: app.reference }))
      const { looks, vm } = yield* living(JSON.stringify({ spec: { hostNetwork: false, containers } }))
      yield* Effect.sleep("1 minute")
      assert.lengthOf(yield* running, 3)
      yield* vm.restartEngine
      assert.isBelow((yield* running).length, 3)
      yield* Effect.sleep("15 seconds")
      assert.lengthOf(yield* running, 3)
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineReturned Running"])
    })
  )

  for (const away of ["1 second", "5 seconds", "1 minute"] as const) {
    test(
      `that goes away for ${away} in the middle of a change: what failed then is its fault, and is not held back`,
      {},
      () =>
        Effect.gen(function* () {
          const { looks, vm } = yield* living(declare())
          yield* Effect.sleep("1 minute")
          vm.setDeclaration(declare({ image: other.reference }))
          yield* untilRuns(other.reference)
          yield* vm.engine.halt
          yield* Effect.sleep(away)
          yield* vm.engine.resume
          yield* Effect.sleep("1 minute")
          assert.deepStrictEqual(yield* imagesUp, [other.reference])
          assert.lengthOf(vm.engine.containers, 1)
          const [, failed, ...later] = looks
          assert.strictEqual(failed?.occasion._tag, "DeclarationChanged")
          if (Result.isSuccess(failed!.result)) return assert.fail("it did not fail")
          assert.strictEqual(failed!.result.failure._tag, "EngineWentAway")
          assert.match(
            failed!.result.failure.message,
            /^the engine went away meanwhile: the container klt-web-\w+ ended/
          )
          assert.notInclude(resultsOf(later).join(), "StartHeldBack")
          // What was not undone is not said to be.
          const undone = (yield* readHistory)[1]!.plans.flatMap(({ steps }) =>
            steps.flatMap((step) => (step.undone ? [step.kind] : []))
          )
          if (away === "1 minute") assert.notInclude(undone, "SetAside")
        })
    )
  }

  for (const away of ["4 seconds", "6 seconds"] as const) {
    test(`that is killed, and back after ${away}, while a new container is watched: that is not held back`, {}, () =>
      Effect.gen(function* () {
        const { looks, vm } = yield* living(declare())
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(declare({ image: other.reference }))
        yield* untilRuns(other.reference)
        // As by SIGKILL, which lets it tell nothing of its containers.
        yield* vm.engine.cutEvents
        yield* vm.engine.halt
        yield* Effect.sleep(away)
        yield* vm.engine.resume
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        assert.lengthOf(vm.engine.containers, 1)
        assert.strictEqual(resultsOf(looks)[1], "DeclarationChanged EngineWentAway")
        assert.notInclude(resultsOf(looks).join(), "StartHeldBack")
      })
    )
  }

  for (const away of ["1 second", "1 minute"] as const) {
    for (const restartPolicy of ["Never", "OnFailure"] as const) {
      test(
        `that goes away for ${away} while a job starts (${restartPolicy}): it is run again, once`,
        { images: [long, short] },
        () =>
          Effect.gen(function* () {
            const { looks, vm } = yield* living(JSON.stringify(jobs(restartPolicy)))
            yield* untilRuns(long.reference)
            yield* Effect.sleep("500 millis")
            yield* vm.engine.halt
            yield* Effect.sleep(away)
            yield* vm.engine.resume
            yield* Effect.sleep("2 minutes")
            assert.deepStrictEqual(yield* imagesUp, [long.reference])
            assert.notInclude(resultsOf(looks).join(), "JobFailed")
            yield* Effect.sleep("2 hours")
            const ended = (image: string) =>
              vm.engine.containersEver
                .filter(({ spec }) => spec.image === image)
                .flatMap(({ ends }) => ends.map(({ by }) => by))
            assert.deepStrictEqual(ended(long.reference), ["engine", "itself"])
            // What had come to its end before is not run again.
            assert.deepStrictEqual(ended(short.reference), ["itself"])
            assert.strictEqual((yield* statusNow).verdict, "as declared")
          })
      )
    }
  }

  test("that goes down stops its containers first: a job that starts then is run again", { images: [long] }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare({ image: long.reference }, { restartPolicy: "Never" }))
      while (!vm.engine.containers.some(({ isUp }) => isUp)) yield* Effect.sleep("50 millis")
      const { id } = yield* onlyOne
      yield* vm.engine.close
      yield* byHand((docker) => docker.stopContainer(id, Duration.seconds(10)))
      yield* Effect.sleep("5 seconds")
      yield* vm.engine.halt
      yield* Effect.sleep("5 seconds")
      yield* vm.engine.resume
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [long.reference])
      assert.notInclude(resultsOf(looks).join(), "JobFailed")
    })
  )

  test("that stays: a job that somebody stops as it starts has failed", { images: [long] }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare({ image: long.reference }, { restartPolicy: "Never" }))
      while (!vm.engine.containers.some(({ isUp }) => isUp)) yield* Effect.sleep("50 millis")
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.stopContainer(id, Duration.seconds(10)))
      yield* Effect.sleep("1 second")
      assert.deepStrictEqual(resultsOf(looks), ["Began JobFailed"])
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* imagesUp, [])
      assert.deepStrictEqual(resultsOf(looks), ["Began JobFailed"])
    })
  )

  test("whose events break off: what happened meanwhile is seen once they are back", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name }) => (name === "docker events" ? "fail" : undefined))
      yield* vm.engine.cutEvents
      yield* Effect.sleep("20 seconds")
      const { id } = yield* onlyOne
      yield* byHand((docker) => docker.removeContainer(id))
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* running, [])
      vm.setFaults(undefined)
      assert.isAtMost(yield* untilUp, 40_000)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineReturned Running"])
      // It listens again.
      const { id: next } = yield* onlyOne
      yield* byHand((docker) => docker.removeContainer(next))
      assert.isAtMost(yield* untilUp, 2_500)
    })
  )

  test("that was away for minutes: what it did not start again is started within seconds", {}, () =>
    Effect.gen(function* () {
      const said: Array<string> = []
      const listen = (event: ProgressEvent) =>
        Effect.sync(() => void (event._tag === "Warning" && said.push(event.text)))
      const { vm } = yield* Effect.provideService(living(declare()), Progress, listen)
      yield* Effect.sleep("1 minute")
      yield* vm.engine.halt
      yield* Effect.sleep("130 seconds")
      const lines = said.filter((line) =>
        line.startsWith("the engine is away, and what runs is not known until it is back: ")
      )
      assert.lengthOf(lines, 1)
      yield* vm.engine.resume
      yield* Effect.sleep("15 seconds")
      assert.lengthOf(yield* running, 1)
    })
  )

  test("whose events break off all the time is asked for them ever more rarely", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const cutting = yield* Effect.forkChild(
        Effect.forever(Effect.andThen(Effect.sleep("1 second"), vm.engine.cutEvents))
      )
      yield* Effect.sleep("1 hour")
      yield* Fiber.interrupt(cutting)
      assert.isAtMost(looks.filter(({ occasion }) => occasion._tag === "EngineReturned").length, 85)
    })
  )
})

describe("an `up` by hand beside the agent", () => {
  test("is waited for, and looked at", {}, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declare({ image: slow.reference }))
      yield* Effect.sleep("1 minute")
      const declaration = Option.some({ file: "mine.yaml", text: declare({ image: other.reference }) })
      const report = yield* startup({ ...defaultSettings, declaration })
      assert.strictEqual(report._tag, "Running")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      // What the agent has declared is what runs in the end.
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [slow.reference])
      yield* Effect.sleep("3 minutes")
      const { length } = looks
      assert.isAtMost(length, 3)
      // Its own changes did not go on causing looks.
      yield* Effect.sleep("30 seconds")
      assert.lengthOf(looks, length)
    })
  )
})

describe("a run that a newer declaration has cut short", () => {
  test("is told as what it is", {}, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      vm.publish({ reference: "registry.example/large:1", sizeBytes: 20_000_000_000 })
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: "registry.example/large:1" }))
      yield* Effect.sleep("20 seconds")
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.deepStrictEqual(
        (yield* readHistory).map(({ result }) => result),
        ["done", "superseded", "done"]
      )
    })
  )
})
