import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { renderError } from "../../src/cli/output/renderError.ts"
import { describe as describeAction } from "../../src/plan/describe.ts"
import type { SimulatedContainer } from "../../src/simulation/engine/SimulatedContainer.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { oneAtATime } from "../../src/startup/oneAtATime.ts"
import { defaultDownSettings, down, type DownSettings, previewDown } from "../../src/startup/down.ts"
import {
  app,
  changes,
  declare,
  disk,
  other,
  refused,
  root,
  running,
  secret,
  slow,
  started,
  startedPod,
  test,
  withFiles
} from "./SimulatedBoot.ts"

const server = {
  reference: "registry.example/server:1",
  behaviour: { _tag: "Runs", stopsAfterMillis: 20_000 },
  listensOn: [{ port: 8080, serves: { http: { "/ready": 200 } } }],
  commands: {
    [`/warm-up ${secret}`]: { _tag: "Exits", afterMillis: 1_000, exitCode: 0 },
    [`/drain ${secret}`]: { _tag: "Exits", afterMillis: 3_000, exitCode: 0 },
    "/drain --fails": { _tag: "Exits", afterMillis: 10, exitCode: 1, log: [`no ${secret}`] }
  }
} as const
const setup = {
  reference: "registry.example/setup:1",
  behaviour: { _tag: "Exits", afterMillis: 2_000, exitCode: 0 }
} as const
const images = [{ ...app, local: true }, other, slow, server, setup]
const exec = (...command: ReadonlyArray<string>) => ({ exec: { command } })

/** A Pod with a sandbox, an init container, two sidecars, and two containers of which one has hooks. */
const pod = (spec: Record<string, unknown> = {}, web: Record<string, unknown> = {}): string =>
  JSON.stringify({
    spec: {
      hostNetwork: false,
      terminationGracePeriodSeconds: 30,
      initContainers: [
        { name: "proxy", image: app.reference, restartPolicy: "Always" },
        { name: "migrate", image: setup.reference },
        { name: "logs", image: app.reference, restartPolicy: "Always" }
      ],
      containers: [
        {
          name: "web",
          image: server.reference,
          env: [{ name: "PASSWORD", value: secret }],
          readinessProbe: { httpGet: { path: "/ready", port: 8080 } },
          lifecycle: { postStart: exec("/warm-up", secret), preStop: exec("/drain", secret) },
          ...web
        },
        { name: "worker", image: app.reference }
      ],
      ...spec
    }
  })

const bringDown = Effect.fnUntraced(function* (settings: Partial<DownSettings> = {}) {
  const report = yield* down({ ...defaultDownSettings, ...settings })
  assert.notInclude(JSON.stringify(report), secret)
  return report
})

const containerOf = ({ spec, name }: Pick<SimulatedContainer, "spec" | "name">): string =>
  spec.labels["slipway.container"] ?? name

/** What each of our containers is, by its name in the declaration. */
const found = Effect.map(SimulatedVm, ({ engine }) =>
  Object.fromEntries(
    engine.containers.map((one) => [containerOf(one), { id: one.id, policy: one.restartPolicy.name, isUp: one.isUp }])
  )
)
const ids = Effect.map(found, (all) => Object.values(all).map(({ id }) => id))

/** The subjects of calls of this name since then, by their names in the declaration. */
const called = Effect.fnUntraced(function* (name: string, since: number) {
  const { engine, transcript } = yield* SimulatedVm
  const names = new Map(engine.containers.map((one) => [one.id, containerOf(one)]))
  return transcript
    .slice(since)
    .filter((call) => call.name === name)
    .map(({ subject }) => names.get(subject) ?? subject)
})

describe("down", () => {
  test(
    "stops the containers side by side, then the sidecars, the last started first, then the sandbox",
    { images },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* startedPod(pod())
        const since = vm.transcript.length
        const report = yield* bringDown()
        assert.deepStrictEqual(yield* running, [])
        const stops = yield* called("docker stop", since)
        // The one without a hook is asked first.
        assert.deepStrictEqual(stops, ["worker", "web", "logs", "proxy", "pod.sandbox"])
        assert.deepStrictEqual(yield* called("docker exec", since), ["web"])
        assert.deepStrictEqual(
          report.containers.map(({ container, role, isStopped, isToReturn, status }) => [
            container,
            role,
            isStopped,
            isToReturn,
            status
          ]),
          [
            ["web", "main", true, true, "exited"],
            ["worker", "main", true, true, "exited"],
            ["migrate", "init", false, false, "exited"],
            ["logs", "sidecar", true, true, "exited"],
            ["proxy", "sidecar", true, true, "exited"],
            ["pod.sandbox", "sandbox", true, true, "exited"]
          ]
        )
        for (const { policy } of Object.values(yield* found)) assert.strictEqual(policy, "no")
        // Three seconds of hook, twenty of the server.
        assert.approximately(Duration.toSeconds(report.took), 24, 2)
      })
  )

  test("has one grace period for all: what is stopped last has the rest, or two seconds", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const initContainers = ["one", "two"].map((name) => ({ name, image: slow.reference, restartPolicy: "Always" }))
      yield* startedPod(pod({ initContainers }))
      const since = vm.transcript.length
      const { steps, took } = yield* bringDown()
      const seconds = (id: RegExp) =>
        Duration.toSeconds(steps.find(({ step }) => id.test(step.id))?.took ?? Duration.zero)
      assert.approximately(seconds(/^stop klt-web/), 23, 1)
      assert.approximately(seconds(/^stop klt-two/), 7, 1)
      assert.approximately(seconds(/^stop klt-one/), 2, 0.2)
      assert.approximately(Duration.toSeconds(took), 32, 1)
      assert.deepStrictEqual(yield* called("docker stop", since), ["worker", "web", "two", "one", "pod.sandbox"])
    })
  )

  test("the next run starts the same containers again, in their order, with their hooks and probes", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod())
      const before = yield* found
      yield* bringDown()
      const since = vm.transcript.length
      const report = yield* startedPod(pod())
      assert.deepStrictEqual(yield* found, before)
      const starts = yield* called("docker start", since)
      assert.deepStrictEqual(starts.slice(0, 3), ["pod.sandbox", "proxy", "logs"])
      assert.sameMembers(starts.slice(3), ["web", "worker"])
      assert.deepStrictEqual(yield* called("docker exec", since), ["web"])
      assert.include(
        report.steps.map(({ step }) => step.id),
        "probe readiness of web"
      )
      assert.notMatch((yield* changes(since)).join(), /create|remove|rename|stop/)
      assert.deepStrictEqual(
        report.containers.map(({ kept, status }) => [kept, status]),
        ["running", "running", "exited", "running", "running", "running"].map((status) => [status === "exited", status])
      )
      const again = vm.transcript.length
      assert.deepStrictEqual((yield* startedPod(pod())).steps, [])
      assert.deepStrictEqual(yield* changes(again), [])
    })
  )

  test("no engine starts anything before that, nor a machine; after a boot everything is made anew", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod({ restartPolicy: "Always" }))
      const before = yield* ids
      yield* bringDown()
      yield* vm.restartEngine
      assert.deepStrictEqual(yield* running, [])
      yield* vm.reboot
      assert.deepStrictEqual(yield* running, [])
      yield* startedPod(pod())
      assert.lengthOf(yield* running, 5)
      assert.lengthOf(yield* ids, 6)
      for (const id of yield* ids) assert.notInclude(before, id)
    })
  )

  test("where nothing of ours runs, does nothing, and says so", { images, containers: [foreign()] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const nothing = yield* bringDown()
      assert.deepStrictEqual([nothing.containers, nothing.steps], [[], []])
      yield* started(declare())
      yield* bringDown()
      const since = vm.transcript.length
      const { containers, steps } = yield* bringDown()
      assert.deepStrictEqual(
        containers.map(({ isStopped, status }) => [isStopped, status]),
        [[false, "exited"]]
      )
      assert.deepStrictEqual(steps, [])
      assert.deepStrictEqual(yield* changes(since), [])
      assert.deepStrictEqual(yield* running, ["db"])
    })
  )

  test("a job that was stopped is started again, one that had ended is not", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const job = declare({}, { restartPolicy: "Never" })
      yield* started(job)
      const before = yield* ids
      yield* bringDown()
      assert.strictEqual(vm.engine.containers[0]?.exitCode, 143)
      yield* started(job)
      assert.deepStrictEqual(yield* ids, before)
      assert.lengthOf(yield* running, 1)
      const short = declare({ image: setup.reference }, { restartPolicy: "Never" })
      yield* started(short)
      yield* Effect.sleep("5 seconds")
      yield* bringDown()
      assert.deepStrictEqual((yield* started(short)).steps, [])
      assert.lengthOf(yield* running, 0)
    })
  )

  test("what is declared otherwise by then is replaced, and nothing else", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod())
      const before = yield* found
      yield* bringDown()
      yield* startedPod(pod({}, { args: ["--other"] }))
      const after = yield* found
      for (const [name, { id }] of Object.entries(before)) {
        if (name === "web") assert.notStrictEqual(after[name]?.id, id)
        else assert.strictEqual(after[name]?.id, id)
      }
      assert.lengthOf(yield* running, 5)
    })
  )

  test("what cannot be started again fails the run, and is tried again by the next", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod())
      const before = yield* found
      yield* bringDown()
      const failing = Effect.fnUntraced(function* (container: string) {
        vm.setFaults(({ name, subject }) =>
          name === "docker start" && subject === before[container]?.id ? { says: "no such device" } : undefined
        )
        yield* refused(pod())
        vm.setFaults(undefined)
      })
      yield* failing("pod.sandbox")
      assert.deepStrictEqual(yield* running, [])
      // As with new ones, what has come up meanwhile is left.
      yield* failing("web")
      assert.isFalse((yield* found)["web"]?.isUp)
      yield* startedPod(pod())
      assert.deepStrictEqual(yield* found, before)
    })
  )

  test("a container that was told the Pod's address is made anew with the present one", { images }, () =>
    Effect.gen(function* () {
      const env = [{ name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }]
      yield* startedPod(pod({}, { env }))
      const before = yield* found
      yield* bringDown()
      yield* startedPod(pod({}, { env }))
      const after = yield* found
      assert.notStrictEqual(after["web"]?.id, before["web"]?.id)
      assert.strictEqual(after["pod.sandbox"]?.id, before["pod.sandbox"]?.id)
    })
  )

  test("a preStop hook that fails is told without its words, and keeps nothing from being stopped", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod({}, { lifecycle: { preStop: exec("/drain", "--fails") } }))
      yield* bringDown()
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test("what cannot be stopped fails it by name, and all else is stopped", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod())
      const web = vm.engine.containers.find((one) => containerOf(one) === "web")!
      web.stuck = { stop: "fails" }
      const failure = yield* Effect.flip(bringDown())
      if (failure._tag !== "DownIncomplete") return assert.fail(failure.message)
      assert.deepStrictEqual(yield* running, [web.name])
      assert.match(
        renderError(failure),
        /^not all that is ours could be stopped:\nstop klt-web-.*: the container klt-web-[a-z]{4} cannot be stopped: .*\nklt-web-[a-z]{4} still runs \(running\)\nRun it again/
      )
      web.stuck = {}
      yield* bringDown()
      assert.deepStrictEqual(yield* running, [])
      yield* startedPod(pod())
      assert.lengthOf(yield* running, 5)
    })
  )

  test("an engine that goes away meanwhile is told with what may still run", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      let isAway = false
      vm.setFaults((call) => {
        isAway ||= call.name === "docker stop"
        return isAway && call.name.startsWith("docker ") ? "fail" : undefined
      })
      const failure = yield* Effect.flip(bringDown())
      if (failure._tag !== "DownIncomplete") return assert.fail(failure.message)
      const [heading, failed, ...rest] = renderError(failure).split("\n")
      assert.strictEqual(heading, "not all that is ours could be stopped:")
      assert.match(failed!, /^stop klt-web-/)
      assert.deepStrictEqual(rest, [
        `${name} may still run: the engine does not say`,
        "Run it again once the engine answers."
      ])
    })
  )

  test("a second one says that the next `up` starts what the first has stopped", {}, () =>
    Effect.gen(function* () {
      yield* started(declare())
      const returns = Effect.map(bringDown(), ({ containers }) => containers.map(({ isToReturn }) => isToReturn))
      assert.deepStrictEqual(yield* returns, [true])
      assert.deepStrictEqual(yield* returns, [true])
    })
  )

  test("within a limit: one stage has all but a second of it", {}, () =>
    Effect.gen(function* () {
      yield* started(declare())
      const { steps } = yield* previewDown({ ...defaultDownSettings, within: Option.some(Duration.seconds(5)) })
      assert.deepStrictEqual(
        steps.flatMap(({ action }) => (action._tag === "Stop" ? [Duration.toSeconds(action.grace)] : [])),
        [4]
      )
    })
  )

  test("within a limit: grace periods are shortened so that everything has its share", { images }, () =>
    Effect.gen(function* () {
      const within = Option.some(Duration.seconds(20))
      yield* startedPod(pod({}, { lifecycle: { preStop: exec("/drain", secret) } }))
      const { steps } = yield* previewDown({ ...defaultDownSettings, within })
      assert.deepStrictEqual(
        steps.flatMap(({ action }) => (action._tag === "Stop" ? [Duration.toSeconds(action.grace)] : [])),
        // Of the containers, the two sidecars and the sandbox, which has no other.
        [13, 13, 15, 17, 10]
      )
      const { took } = yield* bringDown({ within })
      assert.isAtMost(Duration.toSeconds(took), 20)
      assert.deepStrictEqual(yield* running, [])
    })
  )

  test(
    "within a limit, another run that goes on is not waited for: nothing was stopped, which is said",
    { images },
    () =>
      Effect.gen(function* () {
        yield* started(declare())
        yield* oneAtATime("starting web")
        const failure = yield* Effect.flip(bringDown({ within: Option.some(Duration.seconds(4)) }))
        assert.include(["DownTooLate", "LockBusy"], failure._tag)
        assert.notInclude(failure.message, "asked to stop")
        assert.lengthOf(yield* running, 1)
      }).pipe(Effect.scoped)
  )

  test("within a limit, an engine that does not answer is not waited for", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setFaults(({ name }) => (name === "docker stop" ? "hang" : undefined))
      const began = yield* vm.now
      const failure = yield* Effect.flip(bringDown({ within: Option.some(Duration.seconds(15)) }))
      assert.strictEqual(failure._tag, "DownTooLate")
      assert.isAtMost((yield* vm.now) - began, 15_500)
      vm.setFaults(undefined)
    })
  )

  test(
    "konlet's containers are ours; those of Compose are not",
    {
      images,
      containers: [
        { name: "klt-web-kkkk", image: app.reference, running: true, restartPolicy: "always" },
        foreign("klt-compose-kkkk", { "com.docker.compose.project": "shop" }),
        foreign()
      ]
    },
    () =>
      Effect.gen(function* () {
        yield* bringDown()
        assert.sameMembers([...(yield* running)], ["klt-compose-kkkk", "db"])
        yield* bringDown({ remove: true })
        const { engine } = yield* SimulatedVm
        assert.sameMembers(
          engine.containers.map(({ name }) => name),
          ["klt-compose-kkkk", "db"]
        )
      })
  )
})

/** A container that is not ours. */
function foreign(name = "db", labels: Readonly<Record<string, string>> = {}) {
  return { name, image: app.reference, running: true, restartPolicy: "always", labels } as const
}

const volumes = [
  { name: "data", gcePersistentDisk: { pdName: "data" } },
  { name: "cache", emptyDir: { medium: "Memory" } },
  { name: "scratch", emptyDir: {} },
  { name: "config", configMap: { name: "config" } }
]
const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
const config = `\n---\n${JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "config" }, data: { a: "1" } })}`
const withVolumes = pod({ volumes }, { volumeMounts }) + config

describe("down --remove", () => {
  const description = {
    images,
    disks: [disk(withFiles)],
    containers: [foreign()]
  }

  test("leaves nothing of ours but images and what is on the disk, and nothing of others is touched", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* Effect.sync(() => [...vm.host.files.mounts])
      yield* startedPod(withVolumes)
      const since = vm.transcript.length
      const { steps, warnings } = yield* bringDown({ remove: true })
      assert.deepStrictEqual(warnings, [])
      assert.deepStrictEqual(
        vm.engine.containers.map(({ name, isUp }) => [name, isUp]),
        [["db", true]]
      )
      assert.deepStrictEqual(vm.engine.networks, [])
      assert.deepStrictEqual(vm.host.files.mounts, before)
      assert.deepStrictEqual([vm.disk("data").content._tag, vm.disk("data").formatted], ["Ext4", 0])
      assert.deepStrictEqual(
        steps.map(({ step }) => describeAction(step.action)).filter((text) => /firewall/.test(text)),
        ["remove our firewall rules"]
      )
      // Containers first, then what was made for them, the last mounted first.
      const order = (yield* changes(since)).map((name) => name.replace("docker ", ""))
      assert.isBelow(order.lastIndexOf("stop"), order.indexOf("remove"))
      assert.isBelow(order.lastIndexOf("remove"), order.indexOf("run umount"))
      assert.deepStrictEqual((yield* bringDown({ remove: true })).steps, [])

      yield* startedPod(withVolumes)
      assert.lengthOf(yield* running, 6)
    })
  )

  test("removes what was stopped before, and is complete only when nothing is left", description, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(withVolumes)
      yield* bringDown()
      const web = vm.engine.containers.find((one) => containerOf(one) === "web")!
      web.stuck = { removal: "busy" }
      const failure = yield* Effect.flip(bringDown({ remove: true }))
      assert.match(failure.message, /^klt-web-[a-z]{4} is still there \(dead\)$/m)
      assert.sameMembers(
        vm.engine.containers.map(({ name }) => name),
        [web.name, "db"]
      )
      assert.deepStrictEqual(
        vm.host.files.mounts.filter(({ target }) => target.startsWith(root)),
        []
      )
    })
  )
})
