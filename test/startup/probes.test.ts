import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { renderError } from "../../src/cli/output/renderError.ts"
import { Progress, type ProgressEvent } from "../../src/progress/Progress.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import {
  app,
  boot,
  changes,
  declare,
  other,
  refused,
  running,
  secret,
  started,
  startedPod,
  test
} from "./SimulatedBoot.ts"

/** Listens after two seconds, and is ready after four. */
const server = {
  reference: "registry.example/server:1",
  listensOn: [
    {
      port: 8080,
      afterMillis: 2_000,
      serves: { http: { "/healthz": 200 }, readyAfterMillis: 4_000 }
    },
    { port: 9000, serves: { grpc: { db: "SERVING" }, readyAfterMillis: 4_000 } }
  ],
  commands: {
    [`/check --token ${secret}`]: { _tag: "Exits", afterMillis: 10, exitCode: 0 },
    [`/check --fails ${secret}`]: {
      _tag: "Exits",
      afterMillis: 10,
      exitCode: 2,
      log: ["no reply", `for ${secret}`]
    },
    "/check --slow": { _tag: "Exits", afterMillis: 5_000, exitCode: 0 }
  }
} as const
/** The same, but it ends by itself after three seconds. */
const fleeting = {
  ...server,
  reference: "registry.example/fleeting:1",
  behaviour: { _tag: "Exits", afterMillis: 3_000, exitCode: 7, log: ["gave up"] }
} as const
const images = [app, other, server, fleeting]

const every = (seconds: number, rest: Record<string, unknown> = {}) => ({ periodSeconds: seconds, ...rest })
const healthz = {
  httpGet: { path: `/healthz?token=${secret}`, port: 8080, httpHeaders: [{ name: "X", value: secret }] }
}
const web = (rest: Record<string, unknown> = {}) => ({ image: server.reference, ...rest })

const probes = Effect.map(SimulatedVm, (vm) => vm.transcript.filter(({ name }) => name.startsWith("probe")))
const secondsOf = (duration: Duration.Duration) => Duration.toSeconds(duration)
const stepsOf = ({ steps }: { readonly steps: ReadonlyArray<{ readonly step: { readonly id: string } }> }) =>
  steps.map(({ step }) => step.id)

/** What a run says that it waits for. */
const waiting = <A, E, R>(run: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const before = yield* Progress
    const note = (event: ProgressEvent) => {
      if (event._tag === "Waiting") said.push(event.text)
      return before(event)
    }
    yield* Effect.provideService(run, Progress, note)
    return said
  })

describe("a readiness probe", () => {
  test("is awaited: HTTP that comes up after some seconds", { images }, () =>
    Effect.gen(function* () {
      const probe = { ...healthz, ...every(1, { failureThreshold: 10 }) }
      const report = yield* started(declare(web({ readinessProbe: probe })))
      const probed = report.steps.find(({ step }) => step.action._tag === "Probe")
      assert.isAtLeast(secondsOf(probed!.took), 3.9)
      assert.isBelow(secondsOf(probed!.took), 5)
      assert.lengthOf(yield* probes, 5)
      const vm = yield* SimulatedVm
      const before = vm.transcript.length
      const again = yield* started(declare(web({ readinessProbe: probe })))
      assert.deepStrictEqual(again.steps, [])
      assert.isTrue(again.kept)
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("whose program is not in the image says so, and what to write", { images }, () =>
    Effect.gen(function* () {
      const probe = { exec: { command: ["curl", `http://localhost/?token=${secret}`] }, ...every(1) }
      const failure = yield* refused(declare(web({ readinessProbe: probe })))
      if (failure._tag !== "ProbeFailed") return assert.fail(failure.message)
      assert.match(
        renderError(failure),
        /at last: there is no program "curl" in the container\nIt wrote nothing to its log\.\nName a program that its image has, or probe by httpGet/
      )
    })
  )

  test("that fails is not said to have a log that it does not have", { images }, () =>
    Effect.gen(function* () {
      const probe = { tcpSocket: { port: 8081 }, ...every(1, { failureThreshold: 1 }) }
      const failure = yield* refused(declare(web({ readinessProbe: probe })))
      assert.match(renderError(failure), /\nIt wrote nothing to its log\.\nIf it only needs longer, /)
    })
  )

  test("tells what it waits for", { images }, () =>
    Effect.gen(function* () {
      const probe = { ...healthz, ...every(1, { failureThreshold: 10, successThreshold: 2 }) }
      const said = yield* waiting(started(declare(web({ readinessProbe: probe }))))
      assert.deepStrictEqual(
        said.map((text) => text.replace(/klt-web-[a-z]{4}/, "web")),
        [
          "readiness of web: connection refused, failure 1 of 10",
          "readiness of web: connection refused, failure 2 of 10",
          "readiness of web: HTTP 503, failure 3 of 10",
          "readiness of web: HTTP 503, failure 4 of 10",
          "readiness of web: HTTP 200, success 1 of 2"
        ]
      )
    })
  )

  test("that fails brings back what ran before, and is not tried again at once", { images }, () =>
    Effect.gen(function* () {
      yield* started(declare({ image: app.reference }))
      const before = yield* running
      const declaration = declare(web({ readinessProbe: { ...healthz, ...every(1) } }))
      const failure = yield* refused(declaration)
      assert.strictEqual(failure._tag, "ProbeFailed")
      assert.match(
        failure.message,
        /^the container klt-web-[a-z]{4} is not ready: its readinessProbe \(HTTP GET :8080\/healthz\?…\) failed 3 times in a row, at last: HTTP 503$/
      )
      assert.deepStrictEqual(yield* running, before)
      assert.strictEqual((yield* refused(declaration))._tag, "StartHeldBack")
      // With another probe it is another start.
      yield* started(declare(web({ readinessProbe: { ...healthz, ...every(1, { failureThreshold: 9 }) } })))
    })
  )

  test("that fails where nothing ran before leaves the container, and the next run asks again", { images }, () =>
    Effect.gen(function* () {
      const declaration = declare(web({ readinessProbe: { ...healthz, ...every(1) } }))
      assert.strictEqual((yield* refused(declaration))._tag, "ProbeFailed")
      assert.lengthOf(yield* running, 1)
      const report = yield* started(declaration)
      assert.isTrue(report.kept)
      assert.deepStrictEqual(stepsOf(report).toSorted(), ["confirm web", "probe readiness of web"])
      assert.deepStrictEqual((yield* started(declaration)).steps, [])
    })
  )

  test("is awaited by the run after one that died meanwhile", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const declaration = declare(web({ readinessProbe: { ...healthz, ...every(1, { failureThreshold: 9 }) } }))
      vm.setFaults(({ name }) => (name === "probe http" ? "crash" : undefined))
      yield* Effect.exit(boot(declaration))
      vm.setFaults(undefined)
      vm.restartAgent()
      const report = yield* started(declaration)
      assert.include(stepsOf(report), "probe readiness of web")
      assert.deepStrictEqual((yield* started(declaration)).steps, [])
    })
  )

  test("of a container that ends meanwhile fails as its end", { images }, () =>
    Effect.gen(function* () {
      const probe = { ...healthz, ...every(10, { initialDelaySeconds: 30 }) }
      const failure = yield* refused(declare(web({ image: fleeting.reference, readinessProbe: probe })), {
        confirm: Duration.zero
      })
      assert.strictEqual(failure._tag, "ContainerFailed")
      assert.match(failure.message, /ended right after its start.*exit code 7/)
      assert.lengthOf(yield* probes, 0)
    })
  )

  test("waits for its initial delay, and is awaited without a confirmation too", { images }, () =>
    Effect.gen(function* () {
      const probe = { ...healthz, initialDelaySeconds: 6 }
      const report = yield* started(declare(web({ readinessProbe: probe })), { confirm: Duration.zero })
      assert.isFalse(stepsOf(report).includes("confirm web"))
      assert.lengthOf(yield* probes, 1)
      const probed = report.steps.find(({ step }) => step.action._tag === "Probe")
      assert.isAtLeast(secondsOf(probed!.began) + secondsOf(probed!.took), 6)
    })
  )

  test("by gRPC", { images }, () =>
    Effect.gen(function* () {
      const grpc = { port: 9000, service: "db" }
      yield* started(declare(web({ readinessProbe: { grpc, ...every(1, { failureThreshold: 5 }) } })))
      assert.lengthOf(yield* probes, 5)
      const failure = yield* refused(
        declare(web({ args: ["x"], readinessProbe: { grpc: { port: 9000 }, ...every(1) } }))
      )
      assert.match(failure.message, /\(gRPC :9000\) failed 3 times in a row, at last: gRPC NOT_FOUND/)
    })
  )

  test("by TCP, to a Pod's own network", { images }, () =>
    Effect.gen(function* () {
      const declared = (containers: ReadonlyArray<Record<string, unknown>>) =>
        JSON.stringify({ spec: { hostNetwork: false, containers } })
      const probe = { tcpSocket: { port: "web" }, ...every(1, { failureThreshold: 5 }) }
      const first = { name: "web", ...web({ ports: [{ name: "web", containerPort: 8080 }], readinessProbe: probe }) }
      yield* startedPod(declared([first]))
      const [alone] = yield* probes
      assert.match(alone?.subject ?? "", /^172\.18\.\d+\.\d+:8080$/)
      yield* startedPod(declared([first, { name: "worker", image: app.reference }]))
      const behind = (yield* probes).at(-1)
      assert.match(behind?.subject ?? "", /^172\.18\.\d+\.\d+:8080$/)
      assert.notStrictEqual(behind?.subject, alone?.subject)
    })
  )

  test("by a command: its exit code and its last words are told, its own words are not", { images }, () =>
    Effect.gen(function* () {
      const exec = (...words: ReadonlyArray<string>) => ({ exec: { command: ["/check", ...words] }, ...every(1) })
      yield* started(declare(web({ readinessProbe: exec("--token", secret) })))
      const failure = yield* refused(declare(web({ args: ["x"], readinessProbe: exec("--fails", secret) })))
      assert.match(
        failure.message,
        /\(exec\) failed 3 times in a row, at last: exit code 2, no reply for \[value of \w+/
      )
      const slow = yield* refused(declare(web({ args: ["y"], readinessProbe: exec("--slow") })))
      assert.match(slow.message, /at last: no answer within 1 s$/)
    })
  )

  test("that the engine cannot make is no failure of the container", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const exec = { exec: { command: ["/check", "--token", secret] }, ...every(1) }
      let execs = 0
      vm.setFaults(({ name }) => (name === "docker exec" && ++execs <= 2 ? "fail" : undefined))
      const said = yield* waiting(started(declare(web({ readinessProbe: exec }))))
      assert.lengthOf(said, 2)
      assert.match(said[0] ?? "", /it could not be probed: .*, try 1 of 3$/)
      vm.setFaults(({ name }) => (name === "docker exec" ? "fail" : undefined))
      const failure = yield* refused(declare(web({ args: ["x"], readinessProbe: exec })))
      assert.strictEqual(failure._tag, "DockerError")
    })
  )
})

describe("a startup probe", () => {
  test("holds back the readiness probe, whose delay counts from the start", { images }, () =>
    Effect.gen(function* () {
      const startupProbe = { tcpSocket: { port: 8080 }, ...every(1, { failureThreshold: 5 }) }
      const readinessProbe = { ...healthz, ...every(1, { initialDelaySeconds: 3, failureThreshold: 5 }) }
      const report = yield* started(declare(web({ startupProbe, readinessProbe })))
      const ids = stepsOf(report)
      assert.isBelow(ids.indexOf("probe startup of web"), ids.indexOf("probe readiness of web"))
      const all = yield* probes
      const tcp = all.filter(({ name }) => name === "probe tcp")
      const http = all.find(({ name }) => name === "probe http")
      assert.lengthOf(tcp, 3)
      assert.isAtLeast(http!.at - tcp[0]!.at, 2_700)
      assert.isBelow(http!.at - tcp[0]!.at, 3_500)
    })
  )

  test("of a sidecar holds back what follows it; its readiness probe does not", { images }, () =>
    Effect.gen(function* () {
      const sidecar = (probes: Record<string, unknown>) =>
        JSON.stringify({
          spec: {
            initContainers: [{ name: "proxy", restartPolicy: "Always", ...web(probes) }],
            containers: [{ name: "main", image: app.reference }]
          }
        })
      const probe = { ...healthz, ...every(1, { failureThreshold: 9 }) }
      const began = Effect.fnUntraced(function* (probes: Record<string, unknown>) {
        const { steps } = yield* startedPod(sidecar(probes))
        const at = (id: string) => secondsOf(steps.find(({ step }) => step.id === id)!.began)
        return at("start main") - at("start proxy")
      })
      assert.isAbove(yield* began({ startupProbe: probe }), 3.9)
      assert.isBelow(yield* began({ args: ["x"], readinessProbe: probe }), 1)
    })
  )

  test("that fails says so", { images }, () =>
    Effect.gen(function* () {
      const failure = yield* refused(
        declare(web({ startupProbe: { tcpSocket: { port: 8081 }, ...every(1, { failureThreshold: 1 }) } }))
      )
      assert.match(
        failure.message,
        /has not started: its startupProbe \(TCP :8081\) failed once, at last: connection refused$/
      )
    })
  )
})

describe("a run that dies while it waits for a probe", () => {
  const never = declare(web({ args: ["new"], readinessProbe: { ...healthz, ...every(1, { failureThreshold: 3 }) } }))
  const old = declare({ image: app.reference })

  /** Gives the name of the container that ran before. */
  const killed = Effect.gen(function* () {
    const vm = yield* SimulatedVm
    const { name } = yield* started(old)
    vm.setFaults((call) => (call.name === "probe http" ? "crash after" : undefined))
    assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(never))))
    vm.restartAgent()
    vm.setFaults(undefined)
    const { containers } = vm.engine
    const before = containers.find(({ spec }) => spec.image === app.reference)
    assert.isFalse(before?.isUp)
    assert.isTrue(containers.find(({ spec }) => spec.image === server.reference)?.isUp)
    return { name, id: before?.id }
  })

  const endings: ReadonlyArray<readonly [how: string, declaration: string]> = [
    ["the probe fails", never],
    ["the declaration is invalid", declare({ image: "UPPER" })],
    ["another container does not come up", declare({ image: "registry.example/missing:1" })]
  ]
  for (const [how, declaration] of endings) {
    test(`leaves it to the next to bring back what ran before, although ${how}`, { images }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { id } = yield* killed
        yield* refused(declaration)
        yield* Effect.sleep(Duration.minutes(1))
        assert.deepEqual(
          vm.engine.containers.filter(({ isUp }) => isUp).map((container) => container.id),
          [id]
        )
      })
    )
  }

  test("costs what ran before nothing where it is declared again", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name, id } = yield* killed
      const report = yield* started(old)
      assert.isTrue(report.kept)
      assert.deepEqual(
        vm.engine.containers.map((container) => [container.name, container.id]),
        [[name, id]]
      )
      assert.isTrue((yield* started(old)).kept)
    })
  )
})
