import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { agent } from "../../src/agent/agent.ts"
import type { AgentOptions } from "../../src/agent/AgentOptions.ts"
import type { Looked } from "../../src/agent/Looked.ts"
import { renderRun } from "../../src/cli/output/renderRun.ts"
import { renderStatusNow } from "../../src/cli/output/renderStatusNow.ts"
import { Progress, type ProgressEvent } from "../../src/progress/Progress.ts"
import { readHistory } from "../../src/record/History.ts"
import { metrics } from "../../src/record/metrics.ts"
import { readStatus } from "../../src/record/readStatus.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { Caller, type Process } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { askToGiveWay } from "../../src/startup/downWaiting.ts"
import { oneAtATime } from "../../src/startup/oneAtATime.ts"
import { startup } from "../../src/startup/startup.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { app, boot, changes, dead, declare, other, secret, test } from "../startup/SimulatedBoot.ts"

const server = {
  reference: "registry.example/server:1",
  listensOn: [{ port: 8080, serves: { http: { "/healthz": 200, "/ready": 200 } } }],
  commands: {
    [`/check --token ${secret}`]: { _tag: "Exits", afterMillis: 10, exitCode: 0, log: [`checked ${secret}`] },
    "/bye": { _tag: "Exits", afterMillis: 10, exitCode: 0 },
    "/hello": { _tag: "Exits", afterMillis: 10, exitCode: 0 }
  }
} as const
const slowServer = {
  ...server,
  reference: "registry.example/slow-server:1",
  behaviour: { _tag: "Runs", stopsAfterMillis: 60_000 }
} as const
const images = [app, other, server]
const slowImages = [other, slowServer]

const livenessProbe = { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 5 }
const readinessProbe = { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 2, failureThreshold: 1 }
const web = (rest: Record<string, unknown> = {}, pod = {}) =>
  declare({ image: server.reference, livenessProbe, ...rest }, pod)

const living = Effect.fnUntraced(function* (declaration: string, options: AgentOptions = {}) {
  const vm = yield* SimulatedVm
  const said: Array<string> = []
  const before = yield* Progress
  vm.setDeclaration(declaration)
  const note = (event: ProgressEvent) => {
    if (event._tag === "StepStarted") said.push(`${event.step.text}, because ${event.step.cause}`)
    if (event._tag === "Warning" || event._tag === "Notice") said.push(event.text)
    return before(event)
  }
  const looks: Array<Looked> = []
  const onLooked = (looked: Looked) => Effect.sync(() => void looks.push(looked))
  const living = agent(defaultSettings, { onLooked, ...options })
  const fiber = yield* Effect.forkChild(Effect.provideService(living, Progress, note))
  yield* Effect.sleep("30 seconds")
  said.length = 0
  return { vm, fiber, said, looks, container: container(vm) }
})

const container = (vm: SimulatedVm["Service"]) => {
  const found = vm.engine.containers.find(({ name }) => name.startsWith("klt-web-"))
  return found ?? assert.fail("there is no container")
}

/** Waits until it has been stopped for it, and started again if that is not to wait. */
const fallIll = Effect.fnUntraced(function* (one: ReturnType<typeof container>) {
  const ends = () => one.happened.filter(({ event }) => event._tag === "Died").length
  const before = ends()
  one.isUnwell = true
  while (ends() === before) yield* Effect.sleep("200 millis")
  yield* Effect.sleep("2 seconds")
})

const named = (texts: ReadonlyArray<string>) => texts.map((text) => text.replace(/klt-web-[a-z]{4}/g, "web"))

/** What was done to the VM, besides asking. */
const done = (since: number) => Effect.map(changes(since), (names) => names.filter((name) => !name.startsWith("probe")))

const recorded = Effect.map(readStatus, (status) =>
  Option.getOrThrow(status).running!.find(({ name }) => name.startsWith("klt-web-"))!
)

describe("a container that fails its liveness probe", () => {
  test("is stopped with its hook and grace, and the same one is started again", { images }, () =>
    Effect.gen(function* () {
      const { vm, said, looks, container } = yield* living(
        web({
          lifecycle: { preStop: { exec: { command: ["/bye"] } }, postStart: { exec: { command: ["/hello"] } } },
          livenessProbe: { ...livenessProbe, terminationGracePeriodSeconds: 7 }
        })
      )
      const since = vm.transcript.length
      const { length } = looks
      container.isUnwell = true
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* done(since), [
        "docker exec",
        "docker stop",
        "docker update",
        "docker start",
        "docker exec"
      ])
      assert.strictEqual(container.starts.length, 2)
      assert.isTrue(container.isUp)
      assert.deepStrictEqual(named(said), [
        "stop web, with a grace period of 7s, because its livenessProbe (HTTP GET :8080/healthz) failed 3 times in a row, at last: HTTP 503",
        // It hangs, so commands in it fail, too.
        "the preStop hook of web (exec) failed: exit code 1",
        "start web again, because a container that fails a probe is restarted",
        "run the postStart hook of web: exec, because it is not up before its postStart hook has succeeded"
      ])
      // Nothing else is done about it, what the agent did is no occasion for a look, and the next finds all as declared.
      const after = vm.transcript.length
      yield* Effect.sleep("30 seconds")
      assert.lengthOf(looks, length)
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* done(after), [])
      assert.strictEqual(vm.engine.containers.length, 1)
    })
  )

  const overWith = {
    "the Pod's time is over": web({}, { activeDeadlineSeconds: 1_800 }),
    "that of the Pod is over which came up last": "spec: {}"
  }
  for (const [what, declared] of Object.entries(overWith)) {
    test(`is not started again where ${what} while it is stopped for its back-off`, { images }, () =>
      Effect.gen(function* () {
        const { vm, container, looks } = yield* living(web({}, { activeDeadlineSeconds: 1_800 }))
        vm.setDeclaration(declared)
        yield* Effect.forkChild(
          Effect.forever(
            Effect.delay(
              Effect.sync(() => void (container.isUnwell = true)),
              "1 second"
            )
          )
        )
        yield* Effect.sleep("29 minutes")
        while (container.isUp) yield* Effect.sleep("1 second")
        const { length } = looks
        while (looks.length === length) yield* Effect.sleep("1 second")
        assert.isFalse(container.isUp)
        const starts = container.starts.length
        yield* Effect.sleep("2 hours")
        assert.strictEqual(container.starts.length, starts)
      })
    )
  }

  test("is looked after again as soon as an `up` by hand has started what `down` had stopped", { images }, () =>
    Effect.gen(function* () {
      const { container } = yield* living(web())
      yield* down(defaultDownSettings)
      yield* Effect.sleep("20 seconds")
      yield* startup(defaultSettings)
      yield* Effect.sleep("20 seconds")
      const starts = container.starts.length
      container.isUnwell = true
      yield* Effect.sleep("20 seconds")
      assert.strictEqual(container.starts.length, starts + 1)
      assert.isFalse(container.isUnwell)
    })
  )

  test("is told in the status and in the history", { images }, () =>
    Effect.gen(function* () {
      const { container } = yield* living(web())
      const restarts = Metric.value(Metric.withAttributes(metrics.restarts, { container: "web" }))
      const before = (yield* restarts).count
      container.isUnwell = true
      yield* Effect.sleep("20 seconds")
      assert.strictEqual((yield* restarts).count, BigInt(before) + 1n)
      const { probeRestarts, since } = yield* recorded
      if (probeRestarts === undefined) return assert.fail("no restart is told")
      assert.strictEqual(probeRestarts.count, 1)
      assert.match(probeRestarts.reason, /^its livenessProbe .* at last: HTTP 503$/)
      assert.isNull(probeRestarts.nextStart)
      assert.strictEqual(since?.epochMilliseconds, container.startedAt)
      const status = yield* statusNow
      assert.strictEqual(status.verdict, "as declared")
      assert.match(renderStatusNow(status), /stopped once for its probes, the last time at .*: its livenessProbe/)
      const run = (yield* readHistory).at(-1)!
      const text = renderRun(run, { last: run, status: Option.none() }).replace(/klt-web-[a-z]{4}/g, "web")
      assert.match(text, /^Run 2 of \S+ restarted web after /)
      assert.match(text, /Found:\n {2}web: its livenessProbe \(HTTP GET :8080\/healthz\) failed 3 times in a row/)
      assert.match(text, /done +\S+ s +stop web, with a grace period of 10s/)
      // It stays so with later runs, which do not repeat it.
      yield* Effect.sleep("10 minutes")
      assert.notInclude(renderRun(run, { last: run, status: yield* readStatus }), "in the same way")
      assert.strictEqual((yield* recorded).probeRestarts?.count, 1)
    })
  )

  test(
    "is told as what is under way while it stops, and as dead if the agent dies meanwhile",
    { images: [slowServer] },
    () =>
      Effect.gen(function* () {
        const self: Process = { isDead: false }
        const { container, fiber } = yield* Effect.provideService(
          living(web({ image: slowServer.reference }, { terminationGracePeriodSeconds: 40 })),
          Caller,
          self
        )
        container.isUnwell = true
        while (!container.isStopping) yield* Effect.sleep("200 millis")
        yield* Effect.sleep("5 seconds")
        const reason = "its livenessProbe (HTTP GET :8080/healthz) failed 3 times in a row, at last: HTTP 503"
        const now = yield* statusNow
        assert.deepStrictEqual([now.run, now.verdict], ["under way", "not as declared"])
        const { doing = [], restart, declared } = now.status!.underWay!
        assert.deepStrictEqual(restart, { name: container.name, what: "restarted", reason })
        assert.strictEqual(declared?.sha256, now.status?.declared?.sha256)
        assert.deepStrictEqual(named(doing.map(({ text }) => text)), ["stop web, with a grace period of 40s"])
        assert.include(named([renderStatusNow(now)]).join(), `web is being restarted: ${reason}`)
        // A look that waits for it meanwhile does not say otherwise.
        const waiting = yield* Effect.forkChild(startup(defaultSettings))
        yield* Effect.sleep("10 seconds")
        assert.deepStrictEqual((yield* statusNow).status!.underWay!.restart, restart)
        assert.isNotNull((yield* statusNow).status!.underWay)
        yield* Fiber.join(waiting)
        yield* Effect.sleep("20 seconds")
        assert.strictEqual(container.starts.length, 2)
        const after = yield* statusNow
        assert.deepStrictEqual([after.run, after.verdict], [null, "as declared"])

        container.isUnwell = true
        while (!container.isStopping) yield* Effect.sleep("200 millis")
        yield* Effect.sleep("5 seconds")
        self.isDead = true
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* statusNow).run, "dead")
      })
  )

  test("shows no secret, however its command words it", { images }, () =>
    Effect.gen(function* () {
      const { container, said } = yield* living(
        web({
          livenessProbe: { exec: { command: ["/check", "--token", secret] }, periodSeconds: 5, failureThreshold: 1 }
        })
      )
      container.isUnwell = true
      yield* Effect.sleep("10 seconds")
      assert.strictEqual(container.starts.length, 2)
      assert.match(said.join("\n"), /at last: exit code 1, checked \[value of /)
      assert.notInclude(JSON.stringify([yield* readHistory, yield* recorded]), secret)
    })
  )

  test(
    "again and again: at once, then after 10 s, doubled to 5 min, and is no outage that somebody else ends",
    { images },
    () =>
      Effect.gen(function* () {
        const { vm, container } = yield* living(web())
        const keepUnwell = Effect.forkChild(
          Effect.gen(function* () {
            for (;;) {
              if (container.isUp) container.isUnwell = true
              yield* Effect.sleep("1 second")
            }
          })
        )
        const since = container.starts.length
        const fiber = yield* keepUnwell
        yield* Effect.sleep("40 minutes")
        const ends = container.happened.filter(({ event }) => event._tag === "Died").map(({ at }) => at)
        const pauses = container.starts.slice(since).map((start, index) => Math.round((start - ends[index]!) / 1000))
        assert.deepStrictEqual(pauses.slice(0, 8), [0, 10, 20, 40, 80, 160, 300, 300])
        assert.strictEqual(vm.engine.containers.length, 1)
        const inBetween = yield* statusNow
        if (!container.isUp) assert.match(inBetween.reasons.join(), /is stopped until \S+Z: its livenessProbe/)
        // The last restart alone is kept.
        assert.deepStrictEqual(
          (yield* readHistory).map(({ restart }) => restart?.what ?? "run").filter((what) => what !== "run").length,
          1
        )
        // After ten minutes of health the next restart comes at once.
        yield* Fiber.interrupt(fiber)
        yield* Effect.sleep("20 minutes")
        assert.isTrue(container.isUp)
        container.isUnwell = true
        const before = container.starts.length
        yield* Effect.sleep("20 seconds")
        assert.strictEqual(container.starts.length, before + 1)
      })
  )

  test("stays stopped under restartPolicy Never", { images }, () =>
    Effect.gen(function* () {
      const { vm, container } = yield* living(web({}, { restartPolicy: "Never" }))
      container.isUnwell = true
      yield* Effect.sleep("1 minute")
      assert.isFalse(container.isUp)
      yield* Effect.sleep("1 hour")
      assert.isFalse(container.isUp)
      assert.strictEqual(container.starts.length, 1)
      assert.strictEqual(vm.engine.containers.length, 1)
      assert.match((yield* statusNow).reasons.join(), /stays stopped: its livenessProbe/)
    })
  )

  test("is restarted under OnFailure, however well it ends", { images }, () =>
    Effect.gen(function* () {
      const { container } = yield* living(web({}, { restartPolicy: "OnFailure" }))
      container.isUnwell = true
      yield* Effect.sleep("1 minute")
      assert.isTrue(container.isUp)
      assert.strictEqual(container.starts.length, 2)
    })
  )

  const sickly = {
    ...server,
    reference: "registry.example/sickly:1",
    listensOn: [{ port: 8080, serves: { http: { "/healthz": 503 } } }],
    behaviour: { _tag: "Runs", health: { afterMillis: 8_000, status: "unhealthy" } }
  } as const
  test("does not end the back-off of looks that fail by being stopped for a while", { images: [sickly] }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(
        web({ image: sickly.reference, livenessProbe: { ...livenessProbe, failureThreshold: 12 } })
      )
      yield* Effect.sleep("1 hour")
      const retried = () => looks.filter(({ occasion }) => occasion._tag === "Retried")
      const { length } = retried()
      yield* Effect.sleep("1 hour")
      assert.isAtMost(retried().length - length, 12)
      assert.isTrue(
        retried()
          .slice(length)
          .some(({ result }) => Result.isFailure(result))
      )
    })
  )

  test("is not stopped for fewer failures than its threshold, and not before its delay", { images }, () =>
    Effect.gen(function* () {
      const probe = { ...livenessProbe, initialDelaySeconds: 120, failureThreshold: 4 }
      const { container } = yield* living(web({ livenessProbe: probe }))
      container.isUnwell = true
      yield* Effect.sleep("85 seconds")
      assert.strictEqual(container.starts.length, 1)
      yield* Effect.sleep("13 seconds")
      container.isUnwell = false
      yield* Effect.sleep("2 minutes")
      assert.strictEqual(container.starts.length, 1)
      container.isUnwell = true
      const since = yield* Clock.currentTimeMillis
      while (container.starts.length === 1) yield* Effect.sleep("500 millis")
      assert.isAtLeast((yield* Clock.currentTimeMillis) - since, 15_000)
    })
  )

  test("has its startup probe asked again after a restart, which holds the liveness probe back", { images }, () =>
    Effect.gen(function* () {
      const startupProbe = { ...livenessProbe, periodSeconds: 10, failureThreshold: 30 }
      const { container } = yield* living(web({ startupProbe }))
      container.isUnwell = true
      while (container.starts.length === 1) yield* Effect.sleep("5 millis")
      // It takes four minutes to come up this time, for which the startup probe has patience.
      container.isUnwell = true
      yield* Effect.sleep("4 minutes")
      container.isUnwell = false
      yield* Effect.sleep("1 hour")
      assert.strictEqual(container.starts.length, 2)
      assert.isTrue(container.isUp)
    })
  )

  test("is not touched while the engine is away: the prober's failure is none of the container", { images }, () =>
    Effect.gen(function* () {
      const { vm, container } = yield* living(
        web({ livenessProbe: { exec: { command: ["/hello"] }, periodSeconds: 1 } })
      )
      vm.setFaults(({ name }) => (name === "docker exec" ? "fail" : undefined))
      yield* Effect.sleep("1 minute")
      vm.setFaults(undefined)
      yield* Effect.sleep("1 minute")
      assert.strictEqual(container.starts.length, 1)
    })
  )
})

describe("runs beside a restart", () => {
  test("a look in the middle of a back-off leaves the container to it", { images }, () =>
    Effect.gen(function* () {
      const { vm, container } = yield* living(web())
      for (const _ of [1, 2, 3, 4, 5, 6]) {
        const before = container.starts.length
        container.isUnwell = true
        while (container.starts.length === before) {
          if (container.isUp) container.isUnwell = true
          yield* Effect.sleep("1 second")
        }
      }
      container.isUnwell = true
      while (container.isUp) yield* Effect.sleep("1 second")
      const starts = container.starts.length
      yield* Effect.sleep("290 seconds")
      assert.strictEqual(container.starts.length, starts)
      assert.strictEqual(vm.engine.containers.length, 1)
      yield* Effect.sleep("20 seconds")
      assert.isTrue(container.isUp)
    })
  )

  test("a new declaration replaces what waits", { images }, () =>
    Effect.gen(function* () {
      const { vm, container } = yield* living(web())
      for (const _ of [1, 2]) {
        yield* fallIll(container)
      }
      assert.isFalse(container.isUp)
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual(
        vm.engine.containers.map(({ isUp, spec }) => [isUp, spec.image]),
        [[true, other.reference]]
      )
      yield* Effect.sleep("1 hour")
      assert.lengthOf(vm.engine.containers, 1)
    })
  )

  test("what waits is started at once by an agent that begins, and stays down after `down`", { images }, () =>
    Effect.gen(function* () {
      const { fiber, container } = yield* living(web())
      for (const _ of [1, 2]) {
        yield* fallIll(container)
      }
      assert.isFalse(container.isUp)
      yield* Fiber.interrupt(fiber)
      const next = yield* living(web())
      assert.isTrue(container.isUp)
      assert.strictEqual(container.starts.length, 3)

      for (const _ of [1, 2]) {
        yield* fallIll(container)
      }
      yield* down(defaultDownSettings)
      yield* Effect.sleep("1 minute")
      assert.isFalse(container.isUp)
      yield* Fiber.interrupt(next.fiber)
      yield* boot(web())
      assert.isTrue(container.isUp)
    })
  )

  /** One that takes a minute to stop, which its probe grants, and is being stopped for it. */
  const beingStopped = Effect.fnUntraced(function* () {
    const lived = yield* living(
      web({ image: slowServer.reference, livenessProbe: { ...livenessProbe, terminationGracePeriodSeconds: 50 } })
    )
    lived.container.isUnwell = true
    while (!lived.vm.transcript.some(({ name }) => name === "docker stop")) yield* Effect.sleep("100 millis")
    yield* Effect.sleep("2 seconds")
    assert.isTrue(lived.container.isUp)
    return { ...lived, began: yield* Clock.currentTimeMillis }
  })

  test("`down` takes over a container that is being stopped, which is not started again", { images: slowImages }, () =>
    Effect.gen(function* () {
      const { container, began } = yield* beingStopped()
      yield* down(defaultDownSettings)
      assert.isFalse(container.isUp)
      assert.isAtMost((yield* Clock.currentTimeMillis) - began, 50_000)
      yield* Effect.sleep("10 minutes")
      assert.lengthOf(container.starts, 1)
    })
  )

  test("so does the run of another declaration", { images: slowImages }, () =>
    Effect.gen(function* () {
      const { vm, container, began } = yield* beingStopped()
      vm.setDeclaration(declare({ image: other.reference }))
      const isUp = () => vm.engine.containers.some(({ isUp, spec }) => isUp && spec.image === other.reference)
      while (!isUp()) yield* Effect.sleep("1 second")
      assert.lengthOf(container.starts, 1)
      assert.isAtMost((yield* Clock.currentTimeMillis) - began, 60_000)
    })
  )

  test("and one that leaves it as it is declared has it run again", { images: slowImages }, () =>
    Effect.gen(function* () {
      const { vm, container } = yield* beingStopped()
      vm.setDeclaration(
        web({
          image: slowServer.reference,
          livenessProbe: { ...livenessProbe, failureThreshold: 4, terminationGracePeriodSeconds: 50 }
        })
      )
      yield* Effect.sleep("2 minutes")
      assert.isTrue(container.isUp)
      assert.lengthOf(container.starts, 2)
    })
  )

  /** One that runs again, and whose postStart hook hangs. */
  const beingHooked = Effect.fnUntraced(function* () {
    const lived = yield* living(web({ lifecycle: { postStart: { exec: { command: ["/hello"] } } } }))
    lived.vm.setFaults(({ name }) => (name === "docker exec" ? "hang" : undefined))
    yield* fallIll(lived.container)
    lived.container.isUnwell = false
    yield* Effect.sleep("1 minute")
    assert.isTrue(lived.container.isUp)
    return lived
  })

  test("one that has waited for another run leaves its turn to a `down` that waits as well", { images }, () =>
    Effect.gen(function* () {
      const { vm, container } = yield* living(web())
      const other = yield* Effect.forkChild(Effect.scoped(Effect.andThen(oneAtATime("something else"), Effect.never)))
      yield* Effect.sleep("1 second")
      container.isUnwell = true
      yield* Effect.sleep("1 minute")
      const waiting = yield* Effect.forkChild(askToGiveWay)
      yield* Effect.sleep("2 seconds")
      yield* Fiber.interrupt(other)
      yield* Effect.sleep("10 seconds")
      assert.isFalse(vm.transcript.some(({ name }) => name === "docker stop"))
      yield* Fiber.interrupt(waiting)
      yield* Effect.sleep("1 minute")
      assert.isAbove(container.starts.length, 1)
    })
  )

  test("`down` stops one whose postStart hook hangs as it runs again", { images }, () =>
    Effect.gen(function* () {
      const { container } = yield* beingHooked()
      const began = yield* Clock.currentTimeMillis
      yield* down(defaultDownSettings)
      assert.isAtMost((yield* Clock.currentTimeMillis) - began, 10_000)
      yield* Effect.sleep("1 hour")
      assert.isFalse(container.isUp)
      assert.lengthOf(container.starts, 2)
    })
  )

  test("the run of another declaration replaces one whose postStart hook hangs", { images }, () =>
    Effect.gen(function* () {
      const { vm } = yield* beingHooked()
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("10 seconds")
      assert.deepStrictEqual(
        vm.engine.containers.map(({ isUp, spec }) => [isUp, spec.image]),
        [[true, other.reference]]
      )
    })
  )

  test(
    "an agent ends at once while a postStart hook hangs, and the next replaces what has not got through it",
    { images },
    () =>
      Effect.gen(function* () {
        const { vm, fiber, container } = yield* beingHooked()
        const began = yield* Clock.currentTimeMillis
        yield* Fiber.interrupt(fiber)
        assert.isAtMost((yield* Clock.currentTimeMillis) - began, 1000)
        assert.isTrue(container.isUp)
        vm.setFaults(() => undefined)
        const next = yield* living(web({ lifecycle: { postStart: { exec: { command: ["/hello"] } } } }))
        assert.notStrictEqual(next.container.id, container.id)
        assert.deepStrictEqual(
          vm.engine.containers.map(({ isUp }) => isUp),
          [true]
        )
      })
  )

  test("what waits is started at once where somebody asks, or its probe is another by now", { images }, () =>
    Effect.gen(function* () {
      const asked = yield* Queue.unbounded<void>()
      const { vm, container } = yield* living(web(), { asked: Stream.fromQueue(asked) })
      for (const _ of [1, 2]) yield* fallIll(container)
      assert.isFalse(container.isUp)
      yield* Queue.offer(asked, undefined)
      yield* Effect.sleep("2 seconds")
      assert.isTrue(container.isUp)

      yield* fallIll(container)
      assert.isFalse(container.isUp)
      vm.setDeclaration(web({ livenessProbe: { ...livenessProbe, failureThreshold: 100 } }))
      yield* Effect.sleep("4 seconds")
      assert.isTrue(container.isUp)
    })
  )

  for (const seconds of [4, 15, 180]) {
    test(
      `an engine that is away for ${seconds} s meanwhile is no failure of the container`,
      { images: slowImages },
      () =>
        Effect.gen(function* () {
          const { vm, container, said } = yield* beingStopped()
          yield* vm.engine.halt
          container.isUnwell = false
          yield* Effect.sleep(Duration.seconds(seconds))
          yield* vm.engine.resume
          yield* Effect.sleep("15 seconds")
          assert.isTrue(container.isUp)
          const starts = container.starts.length
          assert.isAtMost(starts, 2)
          said.length = 0
          yield* Effect.sleep("10 minutes")
          assert.lengthOf(container.starts, starts)
          assert.deepStrictEqual(
            said.filter((text) => text.startsWith("stop")),
            []
          )
        })
    )
  }

  test("stays in the status where another declaration fails meanwhile", { images: [...images, dead] }, () =>
    Effect.gen(function* () {
      const side = (image: string) =>
        JSON.stringify({
          spec: {
            containers: [
              { name: "web", image: server.reference, livenessProbe },
              { name: "side", image }
            ]
          }
        })
      const { vm, container } = yield* living(side(app.reference))
      for (const _ of [1, 2, 3, 4]) yield* fallIll(container).pipe(Effect.andThen(Effect.sleep("1 minute")))
      yield* fallIll(container)
      assert.isFalse(container.isUp)
      vm.setDeclaration(side(dead.reference))
      yield* Effect.sleep("20 seconds")
      assert.isFalse(container.isUp)
      const status = yield* Effect.map(readStatus, Option.getOrThrow)
      const shown = status.running?.find(({ id }) => id === container.id)
      assert.deepInclude(shown, { status: "exited" })
      assert.isNotNull(shown?.probeRestarts?.nextStart ?? null)
    })
  )

  test("an agent that ends in the middle of a restart leaves the container running", { images }, () =>
    Effect.gen(function* () {
      const { vm, fiber, container } = yield* living(web())
      container.isUnwell = true
      const isStopping = () => vm.transcript.some(({ name }) => name === "docker stop")
      while (!isStopping()) yield* Effect.sleep("10 millis")
      yield* Fiber.interrupt(fiber)
      assert.isTrue(container.isUp)
      assert.strictEqual(container.starts.length, 2)
    })
  )
})

describe("readiness", () => {
  test("is asked on and shown, and stops nothing", { images }, () =>
    Effect.gen(function* () {
      const { vm, container, said } = yield* living(web({ livenessProbe: undefined, readinessProbe }))
      assert.isTrue((yield* recorded).ready)
      container.isUnwell = true
      yield* Effect.sleep("5 seconds")
      assert.isFalse((yield* recorded).ready)
      assert.match((yield* statusNow).reasons.join(), /^klt-web-[a-z]{4} is not ready$/)
      const since = vm.transcript.length
      yield* Effect.sleep("20 seconds")
      // Nothing is written while it stays so.
      const written = vm.transcript.slice(since).filter(({ subject }) => subject.includes("status.json"))
      assert.deepStrictEqual(written, [])
      container.isUnwell = false
      yield* Effect.sleep("5 seconds")
      assert.isTrue((yield* recorded).ready)
      assert.deepStrictEqual(named(said), ["web is not ready", "web is ready"])
      assert.strictEqual(container.starts.length, 1)
    })
  )

  test("is not so while a container is started again", { images }, () =>
    Effect.gen(function* () {
      const { container } = yield* living(web({ readinessProbe }))
      container.isUnwell = true
      while (container.starts.length === 1) yield* Effect.sleep("5 millis")
      assert.isFalse((yield* recorded).ready)
      yield* Effect.sleep("5 seconds")
      assert.isTrue((yield* recorded).ready)
    })
  )
})

describe("an agent that is started while what is declared does not come up", () => {
  const bad = {
    "cannot be used": declare({ image: "UPPER" }),
    "fails, and is held back": declare({ image: "registry.example/missing:1" })
  }
  for (const [what, declaration] of Object.entries(bad)) {
    test(`${what}: what runs of the last good one is looked after`, { images }, () =>
      Effect.gen(function* () {
        const first = yield* living(web({ readinessProbe }))
        yield* Fiber.interrupt(first.fiber)
        const { vm, container, said } = yield* living(declaration)
        assert.strictEqual((yield* statusNow).verdict, "not as declared")
        yield* fallIll(container)
        container.isUnwell = false
        yield* Effect.sleep("30 seconds")
        assert.isTrue(container.isUp)
        assert.include(said.join("\n"), "its livenessProbe (HTTP GET :8080/healthz) failed 3 times in a row")
        assert.deepStrictEqual(
          vm.engine.containers.map(({ id, isUp }) => [id, isUp]),
          [[container.id, true]]
        )
        assert.strictEqual((yield* recorded).probeRestarts?.count, 1)
        // Once something is declared that comes up, that is looked after.
        vm.setDeclaration(declare({ image: other.reference }))
        yield* Effect.sleep("1 minute")
        assert.strictEqual((yield* statusNow).verdict, "as declared")
      })
    )
  }

  test("declared in a file: what runs of its last good text is looked after", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const settings = (text: string) => ({ ...defaultSettings, declaration: Option.some({ file: "pod.yaml", text }) })
      yield* startup(settings(web()))
      yield* Effect.forkChild(agent(settings(declare({ image: "UPPER" }))))
      yield* Effect.sleep("30 seconds")
      const one = container(vm)
      yield* fallIll(one)
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual([one.starts.length, one.isUp, vm.engine.containers.length], [2, true, 1])
    })
  )

  test("says nothing twice, and asks no registry for it", { images }, () =>
    Effect.gen(function* () {
      const first = yield* living(web())
      yield* Fiber.interrupt(first.fiber)
      const vm = yield* SimulatedVm
      const since = vm.transcript.length
      const { said } = yield* living(bad["cannot be used"])
      assert.isEmpty(vm.transcript.slice(since).filter(({ name }) => name === "docker resolve digest"))
      assert.deepStrictEqual(said, [])
    })
  )
})
