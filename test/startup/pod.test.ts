import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, changes, dead, other, refused, running, secret, startedPod, test } from "./SimulatedBoot.ts"

/** An init container that has something to do for a while, and succeeds. */
const setup = {
  reference: "registry.example/setup:1",
  behaviour: { _tag: "Exits", afterMillis: 2_000, exitCode: 0, log: ["migrated"] }
} as const
/** One that fails whenever it is run. */
const failing = {
  reference: "registry.example/failing:1",
  behaviour: { _tag: "Exits", afterMillis: 500, exitCode: 4, log: ["no schema"] }
} as const

const images = [app, other, dead, setup, failing]

interface Container {
  readonly name: string
  readonly image: string
  readonly [key: string]: unknown
}

const pod = (
  containers: ReadonlyArray<Container>,
  initContainers: ReadonlyArray<Container> = [],
  rest: Record<string, unknown> = {}
): string =>
  JSON.stringify({
    spec: {
      initContainers,
      containers: containers.map((container) => ({ env: [{ name: "PASSWORD", value: secret }], ...container })),
      ...rest
    }
  })

const web = { name: "web", image: app.reference }
const worker = { name: "worker", image: app.reference, command: ["/worker"] }
const migrate = { name: "migrate", image: setup.reference }
const proxy = { name: "proxy", image: app.reference, restartPolicy: "Always", args: ["--proxy"] }

const idsByName = Effect.map(SimulatedVm, ({ engine }) =>
  Object.fromEntries(engine.containers.map(({ id, spec }) => [spec.labels["slipway.container"], id]))
)
const startsOf = (name: string) =>
  Effect.map(SimulatedVm, ({ engine }) => {
    const found = engine.containers.find(({ spec }) => spec.labels["slipway.container"] === name)
    return found?.starts.length ?? 0
  })

describe("several containers", () => {
  test("come up together, and a second run leaves them alone", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* startedPod(pod([web, worker]))
      assert.deepStrictEqual(
        first.containers.map(({ container, kept, status }) => [container, kept, status]),
        [
          ["web", false, "running"],
          ["worker", false, "running"]
        ]
      )
      assert.sameMembers(
        [...(yield* running)],
        first.containers.map(({ name }) => name)
      )
      const before = vm.transcript.length
      const second = yield* startedPod(pod([web, worker]))
      assert.isTrue(second.containers.every(({ kept }) => kept))
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("one that has changed is replaced, and the other runs on", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker]))
      const before = yield* idsByName
      const report = yield* startedPod(pod([web, { ...worker, image: other.reference }]))
      const after = yield* idsByName
      assert.strictEqual(after["web"], before["web"])
      assert.notStrictEqual(after["worker"], before["worker"])
      assert.strictEqual(yield* startsOf("web"), 1)
      assert.deepStrictEqual(
        report.containers.map(({ container, kept }) => [container, kept]),
        [
          ["web", true],
          ["worker", false]
        ]
      )
    })
  )

  test("one that is not declared any more goes, and one that is new comes", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker]))
      const before = yield* idsByName
      yield* startedPod(pod([web, { ...worker, name: "cron" }]))
      const after = yield* idsByName
      assert.sameMembers(Object.keys(after), ["web", "cron"])
      assert.strictEqual(after["web"], before["web"])
      yield* startedPod(pod([web]))
      assert.deepStrictEqual(Object.keys(yield* idsByName), ["web"])
    })
  )

  test("if one does not come up, all that were replaced come back", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker]))
      const before = yield* idsByName
      const failure = yield* refused(
        pod([
          { ...web, image: other.reference },
          { ...worker, image: dead.reference }
        ])
      )
      assert.strictEqual(failure._tag, "ContainerFailed")
      assert.match(failure.message, /klt-worker-[a-z]{4} ended right after its start/)
      assert.deepStrictEqual(yield* idsByName, before)
      assert.lengthOf(yield* running, 2)
    })
  )

  test("the images are pulled at once", { images }, () =>
    Effect.gen(function* () {
      const { steps } = yield* startedPod(pod([web, { ...worker, image: other.reference }]))
      const pulls = steps.filter(({ step }) => step.action._tag === "Pull")
      assert.lengthOf(pulls, 2)
      const [one, two] = pulls
      const begins = (record: typeof one) => Duration.toMillis(record!.began)
      const ends = (record: typeof one) => begins(record) + Duration.toMillis(record!.took)
      assert.isBelow(begins(one), ends(two))
      assert.isBelow(begins(two), ends(one))
    })
  )

  test("one container that becomes several: the one is replaced", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web]))
      const before = yield* idsByName
      yield* startedPod(pod([web, worker]))
      assert.strictEqual((yield* idsByName)["web"], before["web"])
    })
  )
})

describe("init containers", () => {
  test("run to their end, in their order, before the containers start", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const second = { ...migrate, name: "seed", args: ["--seed"] }
      const { containers } = yield* startedPod(pod([web], [migrate, second]))
      assert.deepStrictEqual(
        containers.map(({ container, role, status }) => [container, role, status]),
        [
          ["migrate", "init", "exited"],
          ["seed", "init", "exited"],
          ["web", "main", "running"]
        ]
      )
      const startOf = (name: string) =>
        vm.engine.containers.find(({ spec }) => spec.labels["slipway.container"] === name)!.starts[0]!
      assert.isBelow(startOf("migrate") + 2_000, startOf("seed") + 1)
      assert.isBelow(startOf("seed") + 2_000, startOf("web") + 1)
    })
  )

  test("are not run again in the same boot, whatever becomes of the containers", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web], [migrate]))
      yield* startedPod(pod([{ ...web, image: other.reference }], [migrate]))
      assert.strictEqual(yield* startsOf("migrate"), 1)
      const vm = yield* SimulatedVm
      yield* vm.reboot
      yield* startedPod(pod([{ ...web, image: other.reference }], [migrate]))
      assert.strictEqual(yield* startsOf("migrate"), 1)
    })
  )

  test("what has changed is run again, and replaces what rests on it", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web], [migrate]))
      const before = yield* idsByName
      yield* startedPod(pod([web], [{ ...migrate, args: ["--all"] }]))
      const after = yield* idsByName
      assert.notStrictEqual(after["web"], before["web"])
      assert.notStrictEqual(after["migrate"], before["migrate"])
    })
  )

  test("one that was removed by hand is not missed while the containers run", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod([web], [migrate]))
      const ids = yield* idsByName
      yield* DockerClient.use((docker) => docker.removeContainer(ids["migrate"]!))
      const before = vm.transcript.length
      const { containers } = yield* startedPod(pod([web], [migrate]))
      assert.deepStrictEqual(
        containers.map(({ container }) => container),
        ["web"]
      )
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("one that fails is retried within its deadline, and then everything comes back", { images }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web]))
      const before = yield* idsByName
      const failure = yield* refused(
        pod([{ ...web, image: other.reference }], [{ name: "migrate", image: failing.reference }])
      )
      assert.match(failure.message, /klt-migrate-[a-z]{4} is an init container, and failed \d+ times, exit code 4/)
      assert.strictEqual("lastLogLines" in failure ? failure.lastLogLines.at(-1) : "", "no schema")
      assert.deepStrictEqual(yield* idsByName, before)
      assert.lengthOf(yield* running, 1)
    })
  )

  test("under Never the first failure is final", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const failure = yield* refused(
        pod([web], [{ name: "migrate", image: failing.reference }], { restartPolicy: "Never" })
      )
      assert.strictEqual(failure._tag, "JobFailed")
      assert.strictEqual(vm.transcript.filter(({ name }) => name === "docker start").length, 1)
    })
  )

  test("a sidecar is started in its place, and is the last to stop", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { containers } = yield* startedPod(pod([web], [proxy, migrate]))
      assert.deepStrictEqual(
        containers.map(({ container, role, status }) => [container, role, status]),
        [
          ["proxy", "sidecar", "running"],
          ["migrate", "init", "exited"],
          ["web", "main", "running"]
        ]
      )
      const ids = yield* idsByName
      const before = vm.transcript.length
      yield* startedPod(pod([{ ...web, tty: true }], [{ ...proxy, tty: true }, migrate]))
      const stopped = vm.transcript.slice(before).filter(({ name }) => name === "docker stop")
      assert.deepStrictEqual(
        stopped.map(({ subject }) => subject),
        [ids["web"], ids["proxy"]]
      )
    })
  )

  test("a sidecar that has ended is started anew, alone", { images }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod([web], [proxy]))
      const before = yield* idsByName
      vm.engine.containers.find(({ id }) => id === before["proxy"])!.status = "exited"
      const { containers } = yield* startedPod(pod([web], [proxy]))
      assert.strictEqual((yield* idsByName)["web"], before["web"])
      assert.isTrue(Option.isSome(containers[0].found))
      assert.lengthOf(yield* running, 2)
    })
  )
})
