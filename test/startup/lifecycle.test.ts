import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { renderError } from "../../src/cli/output/renderError.ts"
import { renderRun } from "../../src/cli/output/renderRun.ts"
import { readHistory } from "../../src/record/History.ts"
import { Progress, type ProgressEvent } from "../../src/progress/Progress.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, boot, changes, declare, other, refused, running, secret, slow, started, test } from "./SimulatedBoot.ts"

const server = {
  reference: "registry.example/server:1",
  listensOn: [{ port: 8080, serves: { http: { "/ready": 500 } } }],
  commands: {
    [`/warm-up ${secret}`]: { _tag: "Exits", afterMillis: 2_000, exitCode: 0 },
    [`/drain ${secret}`]: { _tag: "Exits", afterMillis: 3_000, exitCode: 0 },
    "/drain --fails": { _tag: "Exits", afterMillis: 10, exitCode: 1, log: [`no ${secret}`] },
    "/warm-up --at-length": {
      _tag: "Exits",
      afterMillis: 10,
      exitCode: 3,
      log: [...Array.from({ length: 30 }, (_, index) => `line ${index}`), `no cache for ${secret}`]
    },
    "/drain --long": { _tag: "Exits", afterMillis: 60_000, exitCode: 0 },
    [`/warm-up --fails ${secret}`]: { _tag: "Exits", afterMillis: 10, exitCode: 3, log: [`no cache for ${secret}`] }
  }
} as const
const images = [app, other, server, slow]
const web = (lifecycle: Record<string, unknown>, spec: { readonly terminationGracePeriodSeconds?: number } = {}) =>
  JSON.stringify({
    spec: { containers: [{ name: "web", image: server.reference, lifecycle }], ...spec }
  })
const exec = (...command: ReadonlyArray<string>) => ({ exec: { command } })

/** The calls to the engine that change something or run a command, with their times. */
const calls = Effect.map(SimulatedVm, (vm) =>
  vm.transcript.filter(({ name }) => /^docker (exec|start|stop|create|remove)|^probe/.test(name))
)
const took = (stepId: string, report: { readonly steps: ReadonlyArray<{ readonly step: { readonly id: string } }> }) =>
  report.steps.map(({ step }) => step.id).indexOf(stepId)

/** What a run warns of. */
const warnings = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const before = yield* Progress
    const note = (event: ProgressEvent) => {
      if (event._tag === "Warning") said.push(event.text)
      return before(event)
    }
    yield* Effect.provideService(run, Progress, note)
    return said
  })

describe("a postStart hook", () => {
  test("is run right after the start, and what it waits for comes before the confirmation", { images }, () =>
    Effect.gen(function* () {
      const report = yield* started(web({ postStart: exec("/warm-up", secret) }))
      assert.isBelow(took("hook web", report), took("confirm web", report))
      assert.isAbove(took("hook web", report), took("start web", report))
      const vm = yield* SimulatedVm
      const before = vm.transcript.length
      assert.deepStrictEqual((yield* started(web({ postStart: exec("/warm-up", secret) }))).steps, [])
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("that fails brings back what ran before, and says why without its words", { images }, () =>
    Effect.gen(function* () {
      yield* started(declare({ image: app.reference }))
      const before = yield* running
      const failure = yield* refused(web({ postStart: exec("/warm-up", "--fails", secret) }))
      assert.match(
        failure.message,
        /^the container klt-web-[a-z]{4} did not get through its postStart hook \(exec\): exit code 3, no cache for \[value of/
      )
      assert.deepStrictEqual(yield* running, before)
    })
  )

  test("that fails with many words has the last of them in its failure, line by line", { images }, () =>
    Effect.gen(function* () {
      const container = { image: server.reference, lifecycle: { postStart: exec("/warm-up", "--at-length") } }
      const failure = yield* refused(declare(container))
      if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
      assert.match(failure.message, /postStart hook \(exec\): exit code 3$/)
      assert.lengthOf(failure.hookLines ?? [], 20)
      assert.match(
        renderError(failure),
        /\nThe last lines of its postStart hook:\n {2}line 11\n(.*\n)* {2}no cache for \[value of PASSWORD\]\nIt wrote nothing/
      )
      const run = (yield* readHistory).at(-1)!
      assert.deepStrictEqual(run.hookLines, failure.hookLines)
      assert.match(
        renderRun(run, { last: run, status: Option.none() }),
        /\nThe last lines of its postStart hook:\n {2}line 11\n(.*\n)* {2}no cache for \[value of PASSWORD\]\nAt its end:/
      )
    })
  )

  test("that fails where nothing ran before leaves no container that looks well", { images }, () =>
    Effect.gen(function* () {
      yield* refused(web({ postStart: exec("/warm-up", "--fails", secret) }))
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("of a run that died meanwhile: the container is made anew", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "docker exec" ? "crash" : undefined))
      yield* Effect.exit(boot(web({ postStart: exec("/warm-up", secret) })))
      vm.setFaults(undefined)
      vm.restartAgent()
      const report = yield* started(web({ postStart: exec("/warm-up", secret) }))
      assert.isFalse(report.kept)
      assert.include(
        report.steps.map(({ step }) => step.cause),
        "no run has seen its postStart hook succeed"
      )
      assert.deepStrictEqual((yield* started(web({ postStart: exec("/warm-up", secret) }))).steps, [])
    })
  )

  test("of HTTP succeeds with any answer, as in Kubernetes", { images }, () =>
    Effect.gen(function* () {
      yield* started(web({ postStart: { httpGet: { path: "/ready", port: 8080 } } }))
      const failure = yield* refused(web({ postStart: { httpGet: { path: "/ready", port: 8081 } } }))
      assert.match(failure.message, /postStart hook \(HTTP GET :8081\/ready\): connection refused$/)
    })
  )
})

describe("a container's end", () => {
  test("its preStop hook is run by the run that replaces it, whose declaration has none", { images }, () =>
    Effect.gen(function* () {
      yield* started(web({ preStop: exec("/drain", secret) }))
      yield* started(declare({ image: app.reference }))
      const all = yield* calls
      const hook = all.find(({ name }) => name === "docker exec")
      const stop = all.find(({ name }) => name === "docker stop")
      assert.isAtLeast(stop!.at - hook!.at, 2_000)
      assert.isBelow(stop!.at - hook!.at, 4_000)
    })
  )

  const unready = { readinessProbe: { tcpSocket: { port: 1 }, periodSeconds: 1, failureThreshold: 2 } }

  test("its preStop hook is run where it is rolled back, before what ran before runs again", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare({ image: app.reference }))
      const before = yield* running
      const since = (yield* calls).length
      const lifecycle = { preStop: exec("/drain", secret) }
      yield* refused(declare({ image: server.reference, lifecycle, ...unready }))
      const all = (yield* calls).slice(since)
      const hooked = all.findIndex(({ name }) => name === "docker exec")
      assert.deepStrictEqual(
        all.slice(hooked).map(({ name }) => name),
        ["docker exec", "docker stop", "docker remove", "docker start"]
      )
      assert.isAtLeast(all[hooked + 1]!.at - all[hooked]!.at, 2_000)
      assert.deepStrictEqual(yield* running, before)
      // A container that was created and never started has nothing to prepare.
      vm.setFaults(({ name }) => (name === "docker start" ? { says: "no", statusCode: 400 } : undefined))
      const later = (yield* calls).length
      yield* Effect.exit(boot(declare({ image: server.reference, lifecycle, ...unready }), { retry: true }))
      assert.notInclude(
        (yield* calls).slice(later).map(({ name }) => name),
        "docker exec"
      )
    })
  )

  test(
    "its preStop hook is run where a dead run had started it, and the next brings back what ran before",
    { images },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(declare({ image: app.reference }))
        const before = yield* running
        vm.setFaults(({ name }) => (name.startsWith("probe") ? "crash" : undefined))
        yield* Effect.exit(
          boot(declare({ image: server.reference, lifecycle: { preStop: exec("/drain", secret) }, ...unready }))
        )
        vm.setFaults(undefined)
        vm.restartAgent()
        const since = (yield* calls).length
        yield* started(declare({ image: app.reference }))
        const all = (yield* calls).slice(since).map(({ name }) => name)
        assert.deepStrictEqual(all.slice(0, 4), ["docker exec", "docker stop", "docker remove", "docker start"])
        assert.deepStrictEqual(yield* running, before)
      })
  )

  test("a preStop hook that fails or does not end keeps nothing from being stopped", { images }, () =>
    Effect.gen(function* () {
      yield* started(declare({ image: server.reference, lifecycle: { preStop: exec("/drain", "--fails") } }))
      const said = yield* warnings(
        started(web({ preStop: exec("/drain", "--long") }, { terminationGracePeriodSeconds: 4 }))
      )
      assert.match(
        said.join(),
        /^the preStop hook of klt-web-\w+ \(exec\) failed: exit code 1, no \[value of PASSWORD\]$/
      )
      const before = (yield* calls).length
      yield* started(declare({ image: app.reference }))
      const all = (yield* calls).slice(before)
      const hook = all.find(({ name }) => name === "docker exec")
      const stop = all.find(({ name }) => name === "docker stop")
      assert.isAtLeast(stop!.at - hook!.at, 3_900)
      assert.isBelow(stop!.at - hook!.at, 4_500)
      assert.lengthOf(yield* running, 1)
    })
  )

  test("an old container is killed after its own grace period", { images }, () =>
    Effect.gen(function* () {
      const declared = (seconds: number, image: string) =>
        JSON.stringify({
          spec: { terminationGracePeriodSeconds: seconds, containers: [{ name: "web", image }] }
        })
      yield* started(declared(25, slow.reference))
      const report = yield* started(declared(1, app.reference))
      const stop = report.steps.find(({ step }) => step.action._tag === "Stop")
      assert.match(JSON.stringify(stop!.step.action), /"millis":25000/)
      const vm = yield* SimulatedVm
      const times = vm.transcript.filter(({ name }) => name === "docker stop" || name === "docker start")
      assert.isAtLeast(times.at(-1)!.at - times.at(-2)!.at, 25_000)
    })
  )
})
