import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { backOff } from "../../src/timing/backOff.ts"
import { app, boot, changes, dead, other, refused, running, secret, startedPod, test } from "./SimulatedBoot.ts"

const setup = {
  reference: "registry.example/setup:1",
  behaviour: { _tag: "Exits", afterMillis: 2_000, exitCode: 0 }
} as const
const third = { reference: "registry.example/app:3" }
const long = {
  reference: "registry.example/long:1",
  behaviour: { _tag: "Exits", afterMillis: 600_000, exitCode: 0 }
} as const
const failing = {
  reference: "registry.example/failing:1",
  behaviour: { _tag: "Exits", afterMillis: 10_000, exitCode: 3 }
} as const
const images = [failing, app, other, third, dead, setup, long]

interface Declared {
  readonly web?: string
  readonly worker?: string
  readonly proxy?: string
  /** Published by the sandbox, which is another for another port. */
  readonly hostPort?: number
}

/** An init container, a sidecar and two containers, on a network of their own. */
const pod = ({
  web = app.reference,
  worker = app.reference,
  proxy = app.reference,
  hostPort = 8080
}: Declared = {}): string =>
  JSON.stringify({
    spec: {
      hostNetwork: false,
      initContainers: [
        { name: "proxy", image: proxy, restartPolicy: "Always" },
        { name: "migrate", image: setup.reference }
      ],
      containers: [
        {
          name: "web",
          image: web,
          env: [{ name: "PASSWORD", value: secret }],
          ports: [{ containerPort: 80, hostPort }]
        },
        { name: "worker", image: worker }
      ]
    }
  })

const idsOf = Effect.map(SimulatedVm, ({ engine }) =>
  Object.fromEntries(engine.containers.map(({ id, spec }) => [spec.labels["slipway.container"] ?? "", id]))
)

/** The calls of a kind since then, by the containers' names in the declaration. */
const calls = Effect.fnUntraced(function* (name: "docker start" | "docker stop", since: number) {
  const { engine, transcript } = yield* SimulatedVm
  return transcript
    .slice(since)
    .filter((call) => call.name === name)
    .map(({ subject }) => {
      const found = engine.containers.find((one) => one.id === subject || one.name === subject)
      return found?.spec.labels["slipway.container"] ?? subject
    })
})

/** Another version of all is declared, and its run dies at a call of a container. Gives the ids of what ran before. */
const died = Effect.fnUntraced(function* (at: string, of: string) {
  const vm = yield* SimulatedVm
  yield* startedPod(pod())
  const before = yield* idsOf
  const isIts = (subject: string) =>
    subject.includes(of) || vm.engine.containers.some(({ id, name }) => name.includes(of) && id === subject)
  vm.setFaults(({ name, subject }) => (name === at && isIts(subject) ? "crash" : undefined))
  const exit = yield* Effect.exit(
    boot(pod({ web: other.reference, worker: other.reference, proxy: other.reference, hostPort: 9090 }))
  )
  assert.isTrue(Exit.isFailure(exit))
  vm.setFaults(undefined)
  vm.restartAgent()
  return before
})

describe("a Pod whose run died in the switch", () => {
  for (const [what, at, subject] of [
    ["before a new one was created", "docker create", "sandbox"],
    ["when the new sidecar ran", "docker start", "migrate"],
    ["when a new container ran, and another did not", "docker start", "worker"]
  ] as const) {
    for (const [next, declaration] of [
      ["cannot be used", JSON.stringify({ spec: { containers: [{ name: "web", image: "UPPER" }] } })],
      ["names an image that does not exist", pod({ web: "registry.example/missing:1" })]
    ] as const) {
      test(`${what}, and a declaration follows that ${next}: all old ones run again, in their order`, { images }, () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          const before = yield* died(at, subject)
          const since = vm.transcript.length
          yield* refused(declaration, { lastGood: false })
          const up = vm.engine.containers.filter(({ isUp }) => isUp)
          assert.sameMembers(
            up.map(({ id }) => id),
            ["pod.sandbox", "proxy", "web", "worker"].map((name) => before[name]!)
          )
          for (const container of up) {
            assert.isFalse(container.isCutOff, container.name)
            assert.strictEqual(container.restartPolicy.name, "always", container.name)
          }
          const started = yield* calls("docker start", since)
          assert.deepStrictEqual(started.slice(0, 2), ["pod.sandbox", "proxy"])
          assert.sameMembers(started.slice(2), ["web", "worker"])
          yield* startedPod(pod())
          assert.lengthOf(yield* running, 4)
        })
      )
    }
  }
})

describe("a Pod whose run died while it stopped the old containers", () => {
  const unusable = JSON.stringify({ spec: { containers: [{ name: "web", image: "UPPER" }] } })

  for (const [what, at] of [
    ["the first of them", "first"],
    ["the sidecar", "proxy"],
    ["the sandbox", "pod.sandbox"]
  ] as const) {
    test(`${what}: what has ended runs again at once, and no more than one wait follows`, { images }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        let stops = 0
        let asked: string | undefined
        yield* startedPod(pod())
        const before = yield* idsOf
        vm.setFaults(({ name, subject }) => {
          if (name !== "docker stop") return undefined
          stops += 1
          const isIt = at === "first" ? stops === 1 : subject === before[at]
          if (isIt) asked = Object.keys(before).find((name) => before[name] === subject)
          return isIt ? "crash" : undefined
        })
        assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(pod({ web: other.reference, hostPort: 9090 })))))
        vm.setFaults(undefined)
        vm.restartAgent()
        const since = vm.transcript.length
        const began = yield* Clock.currentTimeMillis
        let sinceDown = Duration.zero
        const watch = Effect.gen(function* () {
          const down = vm.engine.containers.filter(({ isUp, spec }) => !isUp && spec.labels["slipway.role"] !== "init")
          if (down.length > 0) sinceDown = Duration.millis((yield* Clock.currentTimeMillis) - began)
        })
        yield* Effect.forkChild(Effect.repeat(watch, Schedule.spaced("500 millis")))
        yield* refused(unusable)
        assert.isAtMost(Duration.toSeconds(sinceDown), 5)
        assert.isAtMost((yield* Clock.currentTimeMillis) - began, 45_000)
        const up = vm.engine.containers.filter(({ isUp }) => isUp)
        assert.sameMembers(
          up.map(({ id }) => id),
          ["pod.sandbox", "proxy", "web", "worker"].map((name) => before[name]!)
        )
        for (const container of up) assert.isFalse(container.isCutOff, container.name)
        // The one that may be stopping is started when that is settled; nothing waits for it but what joins its network.
        const started = (yield* calls("docker start", since)).filter((name) => name !== asked || at === "pod.sandbox")
        const firstStart = (name: string) => up.find(({ id }) => id === before[name])!.starts[0]!
        const inOrder = started.toSorted((one, other) => firstStart(one) - firstStart(other))
        assert.deepStrictEqual(started, inOrder)
        if (at === "pod.sandbox") assert.deepStrictEqual(started.slice(0, 2), ["pod.sandbox", "proxy"])

        // All have their names back, the init container that has ended among them.
        yield* startedPod(pod())
        assert.deepStrictEqual(yield* idsOf, before)
      })
    )
  }
})

describe("a job whose run died while it stopped the job for another", () => {
  const job = (image: string, restartPolicy: string) =>
    JSON.stringify({ spec: { containers: [{ name: "job", image }], restartPolicy } })
  const unusable = JSON.stringify({ spec: { containers: [{ name: "job", image: "UPPER" }] } })

  for (const restartPolicy of ["Never", "OnFailure"]) {
    test(`restartPolicy ${restartPolicy}: it runs again once, whichever runs follow its end`, { images }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* startedPod(job(long.reference, restartPolicy))
        vm.setFaults(({ name }) => (name === "docker stop" ? "crash after" : undefined))
        assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(job(app.reference, restartPolicy)))))
        vm.setFaults(undefined)
        vm.restartAgent()
        yield* Effect.sleep(Duration.minutes(1))
        yield* refused(unusable)
        assert.lengthOf(yield* running, 1)
        yield* Effect.sleep(Duration.minutes(15))
        const since = vm.transcript.length
        yield* refused(unusable)
        yield* boot(undefined)
        yield* boot(job(long.reference, restartPolicy))
        assert.deepStrictEqual(yield* calls("docker start", since), [])
        assert.lengthOf(yield* running, 0)
      })
    )
  }
})

describe("a job that had failed before the run that died", () => {
  const both = (web: string) =>
    JSON.stringify({
      spec: {
        containers: [
          { name: "web", image: web },
          { name: "job", image: failing.reference, restartPolicy: "Never" }
        ]
      }
    })

  test("does not keep the others from being created, where what was set aside cannot be started", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(both(app.reference))
      yield* Effect.sleep(Duration.minutes(1))
      vm.setFaults(({ name }) => (name === "docker stop" ? "crash after" : undefined))
      yield* Effect.exit(boot(both(other.reference)))
      vm.restartAgent()
      const web = vm.engine.containers.find(({ name }) => name.startsWith("klt-aside-always-"))
      assert.isDefined(web)
      vm.setFaults(({ name, subject }) =>
        name === "docker start" && subject === web?.id ? { says: "No such container: dab38a017f11" } : undefined
      )
      const failure = yield* refused(both(third.reference))
      assert.strictEqual(failure._tag, "JobFailed")
      assert.lengthOf(yield* running, 1)
    })
  )
})

describe("a Pod whose run died in the switch, before the VM was restarted", () => {
  const unusable = JSON.stringify({ spec: { containers: [{ name: "web", image: "UPPER" }] } })

  for (const [how, next] of [
    ["at once", undefined],
    ["after one that cannot be used", unusable]
  ] as const) {
    test(`${how}: its init container runs again in the new boot`, { images }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const before = yield* died("docker start", "worker")
        yield* vm.reboot
        if (next !== undefined) yield* refused(next, { lastGood: false })
        yield* startedPod(pod())
        assert.notStrictEqual((yield* idsOf)["migrate"], before["migrate"])
        assert.lengthOf(yield* running, 4)
      })
    )
  }
})

describe("a Pod's images", () => {
  test("the registry is away: the cached image of one of two containers serves, and it is said", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod({ web: other.reference }))
      yield* vm.reboot
      vm.publish({ ...other, digest: `sha256:${"b".repeat(64)}` })
      vm.setFaults((call) =>
        call.name === "docker pull" && call.subject.includes("app@sha256:bbbb")
          ? { says: "dial tcp: lookup registry.example: no such host" }
          : undefined
      )
      const { degraded } = yield* startedPod(pod({ web: other.reference }))
      assert.lengthOf(degraded, 1)
      assert.match(degraded[0]!, /^the image is the cached registry\.example\/app:2 /)
      assert.lengthOf(yield* running, 4)
    })
  )

  test("after updates of one of two containers only the last good image is left besides theirs", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod())
      yield* startedPod(pod({ worker: other.reference }))
      yield* startedPod(pod({ worker: third.reference }))
      const held = [...vm.engine.images.keys()].filter((name) => !name.startsWith("localhost/"))
      assert.sameMembers(held, [app.reference, other.reference, third.reference, setup.reference])
      vm.publish({ ...third, digest: `sha256:${"c".repeat(64)}` })
      yield* startedPod(pod({ worker: third.reference }))
      const later = [...vm.engine.images.keys()]
      assert.notInclude(later, other.reference)
      assert.includeMembers(later, [app.reference, third.reference, setup.reference])
    })
  )
})

test("metadata is away: the last good declaration of a Pod is what runs", { images }, () =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    yield* startedPod(pod())
    yield* vm.reboot
    vm.setFaults(({ name }) => (name === "metadata declaration" ? "fail" : undefined))
    const { containers, degraded } = yield* startedPod(pod({ web: other.reference }))
    assert.isAbove(degraded.length, 0)
    assert.deepStrictEqual(
      containers.map(({ container, status }) => [container, status]),
      [
        ["pod.sandbox", "running"],
        ["proxy", "running"],
        ["migrate", "exited"],
        ["web", "running"],
        ["worker", "running"]
      ]
    )
    assert.strictEqual(containers.find(({ container }) => container === "web")!.image, app.reference)
  })
)

test("a failed start of a Pod is remembered: nothing is stopped again within its back-off", { images }, () =>
  Effect.gen(function* () {
    const vm = yield* SimulatedVm
    yield* startedPod(pod())
    const before = yield* idsOf
    const failing = pod({ web: other.reference, worker: dead.reference })
    assert.strictEqual((yield* refused(failing))._tag, "ContainerFailed")
    assert.deepStrictEqual(yield* idsOf, before)
    // All that was to run is said, the sidecar included; the init container is not to run.
    assert.match(
      vm.host.files.read("/etc/profile.d/gce-containers-welcome.sh") ?? "",
      /Declared: klt-proxy-[a-z]{4}, from [^;]*app:1; klt-web-[a-z]{4}, from [^;]*app:2; klt-worker-[a-z]{4}, from [^;]*broken:1\./
    )

    const since = vm.transcript.length
    const held = yield* refused(failing)
    assert.strictEqual(held._tag, "StartHeldBack")
    assert.match(held.message, /container klt-worker-[a-z]{4}, from registry\.example\/broken:1, failed to start once/)
    assert.deepStrictEqual(yield* changes(since), [])

    // Whoever asks for it tries it at once, and everything comes back.
    assert.strictEqual((yield* refused(failing, { retry: true }))._tag, "ContainerFailed")
    assert.sameMembers([...(yield* calls("docker stop", since))], ["web", "worker"])
    assert.deepStrictEqual(yield* idsOf, before)
    assert.strictEqual((yield* refused(failing))._tag, "StartHeldBack")
    yield* Effect.sleep(Duration.sum(backOff(2), Duration.seconds(1)))
    assert.strictEqual((yield* refused(failing))._tag, "ContainerFailed")

    // Another declaration is another start.
    yield* startedPod(pod({ web: other.reference }))
    assert.lengthOf(yield* running, 4)
  })
)

describe("a run that died while an init container ran", () => {
  const endless = { reference: "registry.example/endless:1" }
  const single = (init?: string) =>
    JSON.stringify({
      spec: {
        initContainers: init === undefined ? [] : [{ name: "migrate", image: init }],
        containers: [{ name: "web", image: app.reference, env: [{ name: "PASSWORD", value: secret }] }]
      }
    })
  /** `web` is stopped for a declaration whose init container does not end, and the run dies as it waits for that. */
  const diedAtInit = Effect.gen(function* () {
    const vm = yield* SimulatedVm
    yield* startedPod(single())
    const { web } = yield* idsOf
    vm.setFaults(({ name }) => (name === "docker wait" ? "crash" : undefined))
    assert.isTrue(Exit.isFailure(yield* Effect.exit(boot(single(endless.reference)))))
    vm.setFaults(undefined)
    vm.restartAgent()
    assert.lengthOf(yield* running, 1)
    return web!
  })

  test(
    "the init container goes, whatever is declared next, and what ran before runs again",
    { images: [app, endless] },
    () =>
      Effect.gen(function* () {
        const web = yield* diedAtInit
        yield* refused("spec: {}")
        const { engine } = yield* SimulatedVm
        assert.deepStrictEqual(
          engine.containers.filter(({ isUp }) => isUp).map(({ id }) => id),
          [web]
        )
      })
  )

  test("nothing brings it back when it fails again", { images: [app, endless] }, () =>
    Effect.gen(function* () {
      const web = yield* diedAtInit
      yield* refused(single(endless.reference), { retry: true })
      const { engine } = yield* SimulatedVm
      assert.deepStrictEqual(
        engine.containers.filter(({ isUp }) => isUp).map(({ id }) => id),
        [web]
      )
    })
  )
})

describe("a sidecar that a dead run has started", () => {
  const probed = { startupProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1, failureThreshold: 60 } }
  const declared = JSON.stringify({
    spec: {
      initContainers: [
        { name: "proxy", image: "registry.example/proxy:1", restartPolicy: "Always", ...probed },
        { name: "migrate", image: setup.reference }
      ],
      containers: [{ name: "web", image: app.reference }]
    }
  })
  const proxy = {
    reference: "registry.example/proxy:1",
    listensOn: [{ port: 8080, serves: { http: { "/": 200 }, readyAfterMillis: 30_000 } }]
  } as const

  test("holds back what follows until its startup probe has succeeded", { images: [...images, proxy] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "probe http" ? "crash" : undefined))
      yield* Effect.exit(boot(declared))
      vm.restartAgent()
      vm.setFaults(undefined)
      assert.deepStrictEqual(
        (yield* running).map((name) => name.replace(/-[a-z]{4}$/, "")),
        ["klt-proxy"]
      )
      const run = yield* Effect.forkChild(boot(declared))
      yield* Effect.sleep("10 seconds")
      assert.lengthOf(yield* running, 1)
      yield* Effect.sleep("40 seconds")
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(run)))
      assert.lengthOf(yield* running, 2)
    })
  )
})
