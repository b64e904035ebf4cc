import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { Progress, type ProgressEvent } from "../../src/progress/Progress.ts"
import type { SimulatedContainer } from "../../src/simulation/engine/SimulatedContainer.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, declare, other, refused, secret, slow, started, startedPod, test } from "./SimulatedBoot.ts"

/** It is ready after ten seconds. */
const server = {
  reference: "registry.example/server:1",
  listensOn: [{ port: 8080, serves: { http: { "/healthz": 200 }, readyAfterMillis: 10_000 } }],
  commands: { [`/warm-up ${secret}`]: { _tag: "Exits", afterMillis: 10_000, exitCode: 0 } }
} as const
/** An init container of ten seconds, and one that fails after them. */
const migrate = {
  reference: "registry.example/migrate:1",
  behaviour: { _tag: "Exits", afterMillis: 10_000, exitCode: 0 }
} as const
const failing = {
  reference: "registry.example/failing:1",
  behaviour: { _tag: "Exits", afterMillis: 2_000, exitCode: 7, log: ["gave up"] }
} as const
const images = [app, other, slow, server, migrate, failing]

const readinessProbe = { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 1, failureThreshold: 30 }
const ready = declare({ image: server.reference, readinessProbe })
const hooked = declare({
  image: server.reference,
  lifecycle: { postStart: { exec: { command: ["/warm-up", secret] } } }
})
const withInit = (image: string, restartPolicy = "Always") =>
  JSON.stringify({
    spec: {
      restartPolicy,
      initContainers: [{ name: "migrate", image }],
      containers: [{ name: "web", image: app.reference }]
    }
  })

const containerOf = Effect.fnUntraced(function* (image: string) {
  const { engine } = yield* SimulatedVm
  return engine.containers.find(({ spec }) => spec.image === image)
})

/** The container of an image, as soon as it is so. */
const until = Effect.fnUntraced(function* (image: string, is: (container: SimulatedContainer) => boolean) {
  for (;;) {
    const found = yield* containerOf(image)
    if (found !== undefined && is(found)) return found
    yield* Effect.sleep("10 millis")
  }
})
const created = () => true
const runs = ({ isUp }: SimulatedContainer) => isUp

const rename = ({ id }: { readonly id: string }, name: string) =>
  Effect.flatMap(SimulatedVm, ({ engine }) => engine.client.renameContainer(id, name))

/** Runs beside what somebody does meanwhile. */
const beside = Effect.fnUntraced(function* <A, E, R, B, E2, R2>(
  run: Effect.Effect<A, E, R>,
  does: Effect.Effect<B, E2, R2>
) {
  const doing = yield* Effect.forkChild(does)
  return yield* Effect.ensuring(run, Fiber.interrupt(doing))
})

/** What a run says of what fails, is rolled back, or is to be known. */
const told = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const before = yield* Progress
    const note = (event: ProgressEvent) => {
      if (event._tag === "StepFailed" || event._tag === "UndoFailed") lines.push(event.message)
      if (event._tag === "StepUndone") lines.push(event.step.undone)
      if (event._tag === "Warning") lines.push(event.text)
      if (event._tag === "Failed") {
        const { running, nextTry } = event.aftermath
        lines.push(JSON.stringify({ running: running.length, nextTry }))
      }
      return before(event)
    }
    return [yield* Effect.provideService(run, Progress, note), lines] as const
  })

const all = Effect.map(SimulatedVm, ({ engine }) =>
  engine.containers.map(({ id, name, spec, isUp }) => ({ id, name, image: spec.image, isUp }))
)

describe("a container that is renamed by hand", () => {
  const awaited = {
    "while its readiness probe is awaited": [ready, server.reference, runs],
    "while its postStart hook runs": [hooked, server.reference, runs],
    "while it is confirmed": [declare(), app.reference, runs],
    "before it is started": [declare(), app.reference, created],
    "before it is probed": [ready, server.reference, created]
  } as const
  for (const [when, [declaration, image, is]] of Object.entries(awaited)) {
    test(`${when} has come up, and has its name again after the next run`, { images }, () =>
      Effect.gen(function* () {
        const renamed = Effect.tap(until(image, is), (found) => rename(found, "mine"))
        const report = yield* beside(started(declaration), renamed)
        const { id } = yield* until(image, runs)
        assert.strictEqual(report.status, "running")
        assert.deepStrictEqual(yield* all, [{ id, name: "mine", image, isUp: true }])
        const next = yield* started(declaration)
        assert.deepStrictEqual(
          next.steps.map(({ step }) => step.action._tag),
          ["Adjust"]
        )
        assert.deepStrictEqual(yield* all, [{ id, name: report.name, image, isUp: true }])
        assert.lengthOf((yield* started(declaration)).steps, 0)
      })
    )
  }

  test("while it runs to its end as an init container has done so", { images }, () =>
    Effect.gen(function* () {
      const renamed = Effect.tap(until(migrate.reference, runs), (found) => rename(found, "mine"))
      const report = yield* beside(startedPod(withInit(migrate.reference)), renamed)
      assert.deepStrictEqual(
        report.containers.map(({ container, status }) => [container, status]),
        [
          ["migrate", "exited"],
          ["web", "running"]
        ]
      )
      // It has served, and is of no use under a name that nobody knows.
      const next = yield* startedPod(withInit(migrate.reference))
      assert.deepStrictEqual(
        next.steps.map(({ step }) => step.id),
        ["remove mine"]
      )
      assert.lengthOf((yield* startedPod(withInit(migrate.reference))).steps, 0)
    })
  )

  test("and fails, fails with its own words", { images }, () =>
    Effect.gen(function* () {
      const renamed = Effect.tap(until(failing.reference, runs), (found) => rename(found, "mine"))
      const failure = yield* beside(refused(declare({ image: failing.reference })), renamed)
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.match(failure.message, /^the container klt-web-[a-z]{4} ended right after its start.*, exit code 7$/)
      assert.deepStrictEqual(failure.lastLogLines, ["gave up"])
    })
  )

  test("and fails as an init container, fails with its own words", { images }, () =>
    Effect.gen(function* () {
      const renamed = Effect.tap(until(failing.reference, runs), (found) => rename(found, "mine"))
      const failure = yield* beside(refused(withInit(failing.reference, "Never")), renamed)
      if (failure._tag !== "JobFailed") return assert.fail(failure.message)
      assert.deepStrictEqual([failure.exitCode, failure.lastLogLines], [7, ["gave up"]])
    })
  )

  test("is taken back with the others of its Pod", { images }, () =>
    Effect.gen(function* () {
      const { id, name } = yield* Effect.andThen(
        started(declare()),
        Effect.map(all, ([one]) => one!)
      )
      const pod = JSON.stringify({
        spec: {
          containers: [
            { name: "web", image: other.reference },
            { name: "side", image: failing.reference }
          ]
        }
      })
      const renamed = Effect.tap(until(other.reference, runs), (found) => rename(found, "mine"))
      yield* beside(refused(pod, { confirm: Duration.seconds(5) }), renamed)
      assert.deepStrictEqual(yield* all, [{ id, name, image: app.reference, isUp: true }])
    })
  )
})

describe("a name that somebody else takes in mid-change", () => {
  /** Somebody whose label it has creates a container of this name, once it is free; gives its short id. */
  const taken = Effect.fnUntraced(function* (name: string) {
    const { engine } = yield* SimulatedVm
    while (engine.containers.some((one) => one.name === name)) yield* Effect.sleep("10 millis")
    const [{ spec } = assert.fail()] = engine.containers
    yield* engine.client.createContainer({ ...spec, name, labels: { "com.docker.compose.project": "shop" } })
  })
  /** What a failed run says that is declared. */
  const declaredBy = <A, E, R>(run: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const names: Array<string> = []
      const before = yield* Progress
      const note = (event: ProgressEvent) => {
        if (event._tag === "Failed") names.push(...event.aftermath.wanted.map(({ name }) => name))
        return before(event)
      }
      return [yield* Effect.provideService(run, Progress, note), names] as const
    })
  const theirs = Effect.fnUntraced(function* (name: string) {
    const { id, image } = (yield* all).find((one) => one.name === name)!
    return `the container ${id.slice(0, 12)}, from ${image}`
  })

  test("is left to them, and the new container has another", { images }, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare({ image: slow.reference }))
      const [{ name: next, warnings }, lines] = yield* told(beside(started(declare()), taken(name)))
      assert.notStrictEqual(next, name)
      const holder = yield* theirs(name)
      const short = holder.split(/[ ,]/)[2]!
      const warning =
        `${holder}, has taken the name ${name} meanwhile: ${next} is used in its place until the next boot. ` +
        `It is left alone; if it is of no use, \`docker rm --force ${short}\` removes it.`
      assert.deepStrictEqual(lines, [
        `the name ${name} is taken: ${holder}, has it`,
        `the container that ran before runs again: ${name}`,
        `what was ${name} comes back as ${next}: ${holder}, has that name`,
        `the earlier container is named ${next} now`,
        warning
      ])
      assert.deepStrictEqual(warnings, [warning])
      assert.lengthOf((yield* started(declare())).steps, 0)
    })
  )

  test("is not said to be that of a container which has failed under another", { images }, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare({ image: slow.reference }))
      const { name: next } = yield* beside(started(declare()), taken(name))
      const [failure, declared] = yield* declaredBy(refused(declare({ image: failing.reference })))
      assert.include(failure.message, next)
      assert.deepStrictEqual(declared, [next])
      // Nor of one that is not planned at all.
      const [missing, named] = yield* declaredBy(refused(declare({ image: "registry.example/missing:1" })))
      assert.strictEqual(missing._tag, "DockerError")
      assert.deepStrictEqual(named, [next])
    })
  )

  test("is left to them by what is brought back", { images }, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare({ image: slow.reference }))
      const renamed = Effect.andThen(
        Effect.tap(until(failing.reference, runs), (found) => rename(found, "mine")),
        taken(name)
      )
      const [failure, lines] = yield* told(beside(refused(declare({ image: failing.reference })), renamed))
      assert.strictEqual(failure._tag, "ContainerFailed")
      const holder = yield* theirs(name)
      const [next = ""] = (yield* all).flatMap((one) => (one.isUp ? [one.name] : []))
      assert.include(lines, `what was ${name} comes back as ${next}: ${holder}, has that name`)
      assert.include(lines, `the earlier container is named ${next} now`)
      assert.deepStrictEqual((yield* all).map((one) => one.name).toSorted(), [name, next].toSorted())
    })
  )
})

describe("what holds a Pod's network", () => {
  test("is joined though it is renamed by hand before", { images }, () =>
    Effect.gen(function* () {
      const pod = JSON.stringify({
        spec: { hostNetwork: false, containers: ["one", "two"].map((name) => ({ name, image: app.reference })) }
      })
      const vm = yield* SimulatedVm
      const sandbox = Effect.gen(function* () {
        for (;;) {
          const found = vm.engine.containers.find(({ spec }) => spec.labels["slipway.role"] === "sandbox")
          if (found !== undefined) return yield* rename(found, "mine")
          yield* Effect.sleep("1 millis")
        }
      })
      const report = yield* beside(startedPod(pod), sandbox)
      assert.deepStrictEqual(
        report.containers.map(({ status }) => status),
        report.containers.map(() => "running")
      )
    })
  )
})

describe("what holds a Pod's network, and is kept", () => {
  test("is joined though it is renamed by hand before", { images }, () =>
    Effect.gen(function* () {
      const pod = (image: string) =>
        JSON.stringify({
          spec: {
            hostNetwork: false,
            containers: ["one", "two"].map((name, index) => ({ name, image: index === 0 ? app.reference : image }))
          }
        })
      const vm = yield* SimulatedVm
      yield* startedPod(pod(slow.reference))
      const sandbox = vm.engine.containers.find(({ spec }) => spec.labels["slipway.role"] === "sandbox")!
      // While the one that is replaced stops.
      const renamed = Effect.gen(function* () {
        while (vm.transcript.at(-1)?.name !== "docker stop") yield* Effect.sleep("10 millis")
        yield* rename(sandbox, "mine")
      })
      const report = yield* beside(startedPod(pod(other.reference)), renamed)
      assert.deepStrictEqual(
        report.containers.map(({ status, found }) => [status, Option.getOrThrow(found).id === sandbox.id]),
        [
          ["running", true],
          ["running", false],
          ["running", false]
        ]
      )
      assert.strictEqual(sandbox.name, "mine")
      yield* startedPod(pod(other.reference))
      assert.notStrictEqual(sandbox.name, "mine")
    })
  )
})

describe("a container that is removed by hand", () => {
  test("while it is set aside is not said to come back, nor to be in the way of the next try", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const { id } = yield* until(app.reference, runs)
      const removed = Effect.andThen(until(failing.reference, runs), vm.engine.client.removeContainer(id))
      const [, lines] = yield* told(beside(refused(declare({ image: failing.reference })), removed))
      assert.deepStrictEqual(lines.slice(1), [
        `the new container is removed again: ${name}`,
        `the container ${name} was removed while it was stopped for its successor`,
        JSON.stringify({ running: 0 })
      ])
      // The next run is not held back.
      const again = yield* refused(declare({ image: failing.reference }))
      assert.strictEqual(again._tag, "ContainerFailed")
    })
  )

  test("between two tries to wait for its end as an init container is not waited for", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "docker wait" ? "fail" : undefined))
      const removed = Effect.gen(function* () {
        const { id } = yield* until(migrate.reference, runs)
        while (vm.transcript.at(-1)?.name !== "docker wait") yield* Effect.sleep("10 millis")
        yield* vm.engine.client.removeContainer(id)
        vm.setFaults(undefined)
      })
      const failure = yield* beside(refused(withInit(migrate.reference)), removed)
      assert.match(failure.message, /^the container klt-migrate-[a-z]{4} was removed while it was starting$/)
      assert.isBelow(yield* vm.now, 60_000)
    })
  )

  test("while it runs to its end as an init container is said to have been", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const removed = Effect.flatMap(until(migrate.reference, runs), ({ id }) => vm.engine.client.removeContainer(id))
      const failure = yield* beside(refused(withInit(migrate.reference)), removed)
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.isTrue(failure.isRemoved)
      assert.match(failure.message, /^the container klt-migrate-[a-z]{4} was removed while it was starting$/)
      assert.match(failure.advice, /^Somebody has removed it/)
    })
  )
})
