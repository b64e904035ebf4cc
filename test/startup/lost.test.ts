import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { SimulatedContainer } from "../../src/simulation/engine/SimulatedContainer.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { StuckDescription } from "../../src/simulation/VmDescription.ts"
import { bootNames } from "../../src/observation/bootNames.ts"
import { engineName } from "../../src/observation/Ownership.ts"
import { preview } from "../../src/startup/startup.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { app, boot, declare, dead as failing, other, refused, running, started, test } from "./SimulatedBoot.ts"

const image = (reference: string) => declare({ image: reference })
const greeting = "/etc/profile.d/gce-containers-welcome.sh"
const local = {
  images: [
    { ...app, local: true },
    other,
    failing,
    { reference: "registry.example/job:1", behaviour: { _tag: "Exits", afterMillis: 50, exitCode: 0 } }
  ]
} as const

/** A container of ours, as an earlier run or boot left it. */
const place = Effect.fnUntraced(function* (
  name: string,
  state: {
    readonly status?: SimulatedContainer["status"]
    readonly stuck?: StuckDescription
    readonly labels?: Record<string, string>
  }
) {
  const vm = yield* SimulatedVm
  const isRunning = state.status === "running"
  const container = yield* vm.engine.place(
    {
      name,
      image: app.reference,
      entrypoint: undefined,
      cmd: undefined,
      env: [],
      openStdin: false,
      tty: false,
      binds: [],
      mounts: [],
      privileged: false,
      networkMode: "host",
      restartPolicy: { name: "always", maximumRetryCount: 0 },
      logConfig: { type: "json-file", config: {} },
      labels: state.labels ?? {}
    },
    isRunning
  )
  if (!isRunning) container.status = state.status ?? "exited"
  container.stuck = state.stuck ?? {}
  return container
})

/** What a run asked of the engine that changes containers, by operation. */
const asked = Effect.fnUntraced(function* (since: number) {
  const vm = yield* SimulatedVm
  return vm.transcript
    .slice(since)
    .flatMap(({ name }) => /^docker (create|start|stop|remove|rename|update)$/.exec(name)?.[1] ?? [])
})

/** A second run of what is declared: it leaves the container alone, under whichever name. */
const keeps = Effect.fnUntraced(function* (declaration: string, name: string, expected: ReadonlyArray<string> = []) {
  const vm = yield* SimulatedVm
  const before = vm.transcript.length
  const report = yield* started(declaration)
  assert.isTrue(report.kept, "it was replaced")
  assert.strictEqual(report.name, name)
  assert.deepStrictEqual(yield* running, [name])
  assert.deepStrictEqual(yield* asked(before), expected)
  return report
})

describe("a leftover that the engine cannot let go of", () => {
  const removals = ["busy", "in progress"] as const
  for (const status of ["exited", "dead", "removing"] as const) {
    for (const removal of removals) {
      for (const inspection of [undefined, "fails"] as const) {
        for (const rename of [undefined, "fails"] as const) {
          for (const whose of ["this boot", "another boot"] as const) {
            const stuck: StuckDescription = {
              removal,
              ...(inspection === undefined ? {} : { inspection }),
              ...(rename === undefined ? {} : { rename })
            }
            test(`${status}, of ${whose}, ${JSON.stringify(stuck)}: what is declared comes up, and stays`, local, () =>
              Effect.gen(function* () {
                const first = yield* engineName("web")
                const leftover = yield* place(whose === "this boot" ? first : "klt-web-zzzz", { status, stuck })
                const report = yield* started(declare())
                assert.deepStrictEqual(yield* running, [report.name])
                assert.include(bootNames(first), report.name)
                assert.notStrictEqual(leftover.status, "running")
                const told = report.warnings.filter((text) => text.includes("could not be removed"))
                assert.lengthOf(told, 1, report.warnings.join("\n"))
                assert.match(told[0]!, /device or resource busy|already in progress/)
                const again = yield* keeps(declare(), report.name, ["remove"])
                assert.lengthOf(again.warnings, 1)
                // Once the engine can, it goes, and the name stays.
                leftover.stuck = {}
                yield* keeps(declare(), report.name, ["remove"])
                const vm = yield* SimulatedVm
                assert.deepStrictEqual(
                  vm.engine.containers.map(({ name }) => name),
                  [report.name]
                )
                yield* keeps(declare(), report.name)
                // Another declaration in the same boot comes up under the same name.
                assert.strictEqual((yield* started(image(other.reference))).name, report.name)
              })
            )
          }
        }
      }
    }
  }

  test("is told of by a plan too, which changes nothing", local, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* engineName("web")
      yield* place(first, { status: "exited", stuck: { inspection: "fails", removal: "busy" } })
      vm.setDeclaration(declare())
      const plan = Option.getOrThrow(yield* preview(defaultSettings))
      assert.strictEqual(plan.containers[0]?.name, bootNames(first)[1])
      assert.match(
        plan.steps.at(-1)?.cause ?? "",
        /the engine cannot inspect it: RWLayer of container \w+ is unexpectedly nil/
      )
      assert.deepStrictEqual(yield* asked(0), [])
    })
  )

  test("goes after some tries, and nothing is said of it", local, () =>
    Effect.gen(function* () {
      yield* place("klt-web-zzzz", { stuck: { removal: "busy", calls: 1 } })
      const report = yield* started(declare())
      assert.deepStrictEqual(report.warnings, [])
    })
  )
})

describe("a name that the engine holds for nobody", () => {
  test("is avoided, for as long as the boot lasts", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare())
      vm.engine.holdName(before.name)
      const after = yield* started(image(other.reference))
      assert.include(bootNames(before.name).slice(1), after.name)
      assert.match(after.warnings.join(), new RegExp(`the engine holds the name ${before.name} for a container`))
      assert.deepStrictEqual(yield* running, [after.name])
      yield* keeps(image(other.reference), after.name)
      const since = vm.transcript.length
      assert.strictEqual((yield* started(declare())).name, after.name)
      assert.lengthOf(
        (yield* asked(since)).filter((operation) => operation === "create"),
        1
      )
    })
  )
})

describe("an old container that cannot be removed once its successor is up", () => {
  const ways = {
    "its layers are in use": (old: SimulatedContainer) => void (old.stuck = { removal: "busy" }),
    "another request is at it": (old: SimulatedContainer) => void (old.stuck = { removal: "in progress" }),
    "it can be neither removed nor renamed": (old: SimulatedContainer) =>
      void (old.stuck = { removal: "busy", rename: "fails" })
  }
  for (const [what, stick] of Object.entries(ways)) {
    test(`${what}: a success with a warning, tried again without touching the new one`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        const old = vm.container(name)!
        vm.setFaults((call) => {
          if (call.name === "docker remove") stick(old)
          return undefined
        })
        const report = yield* started(image(other.reference))
        vm.setFaults(undefined)
        assert.strictEqual(report.name, name)
        assert.lengthOf(report.warnings, 1)
        assert.match(
          report.warnings[0]!,
          /^klt-aside-always-\w+ could not be removed, and is left: .*(busy|in progress)/
        )
        assert.match(vm.host.files.read(greeting) ?? "", /Slipway started this VM'\\''s container/)
        assert.include(vm.host.files.read("/var/lib/slipway/declaration") ?? "", other.reference)
        yield* keeps(image(other.reference), name, ["remove"])
        old.stuck = {}
        yield* keeps(image(other.reference), name, ["remove"])
        assert.lengthOf(vm.engine.containers, 1)
      })
    )
  }

  test("the engine only says no: it is not taken for one that a dead run had stopped", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const { id } = vm.container(name)!
      vm.setFaults((call) => (call.name === "docker remove" ? "fail" : undefined))
      const report = yield* started(image(other.reference))
      assert.match(report.warnings.join(), /klt-aside-\w{12} could not be removed/)
      const old = vm.engine.containers.find((container) => container.id === id)!
      assert.strictEqual(old.name, `klt-aside-${id.slice(0, 12)}`)
      // What replaced it is stopped by hand: what comes up is what is declared, and not the old one.
      vm.setFaults(undefined)
      old.stuck = { removal: "busy" }
      const successor = vm.container(report.name)!
      successor.stoppedByCall = true
      successor.end(yield* vm.now, 0)
      const after = yield* started(image(other.reference))
      assert.strictEqual(old.starts.length, 1)
      assert.deepStrictEqual(yield* running, [after.name])
    })
  )

  test("behind a job that is done, it is not brought back", local, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const old = vm.container(name)!
      vm.setFaults((call) =>
        /^docker (remove|rename)$/.test(call.name) && vm.container(name)?.spec.image === "registry.example/job:1"
          ? "fail"
          : undefined
      )
      const job = declare({ image: "registry.example/job:1" }, { restartPolicy: "OnFailure" })
      const report = yield* started(job)
      vm.setFaults(undefined)
      const done = vm.container(report.name)!
      assert.strictEqual(done.starts.length, 1)
      old.stuck = { removal: "busy" }
      const again = yield* started(job)
      assert.isTrue(again.kept)
      assert.deepStrictEqual([done.starts.length, old.starts.length], [1, 1])
      assert.deepStrictEqual(yield* running, [])
    })
  )
})

describe("a container that fails to come up and cannot be removed then", () => {
  test("what ran before runs again, under another of the boot's names, and is kept", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare())
      const { id } = vm.container(before.name)!
      vm.setFaults((call) => {
        if (call.name === "docker start") vm.engine.containers[0]!.stuck = { removal: "busy" }
        return undefined
      })
      const failure = yield* refused(image(failing.reference))
      vm.setFaults(undefined)
      assert.strictEqual(failure._tag, "ContainerFailed")
      const back = vm.engine.containers.find((container) => container.id === id)!
      assert.isTrue(back.isUp)
      assert.strictEqual(back.name, bootNames(before.name)[1])
      assert.strictEqual(back.restartPolicy.name, "always")
      const report = yield* keeps(declare(), back.name, ["remove"])
      assert.match(report.warnings.join(), /device or resource busy/)
    })
  )

  test("where it runs on and nothing ends it, what ran before is not started beside it", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare())
      vm.publish({
        reference: "registry.example/ill:1",
        behaviour: { _tag: "Runs", health: { afterMillis: 100, status: "unhealthy" } }
      })
      vm.setFaults((call) => {
        if (call.name === "docker start") vm.engine.containers[0]!.stuck = { stop: "fails" }
        return undefined
      })
      const failure = yield* refused(image("registry.example/ill:1"))
      assert.strictEqual(failure._tag, "ContainerFailed")
      assert.deepStrictEqual(yield* running, [before.name])
      assert.strictEqual(vm.container(before.name)?.spec.image, "registry.example/ill:1")
    })
  )
})

describe("a run that died", () => {
  test("its successor cannot be removed: what it had stopped is brought back under another name", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const before = yield* started(declare())
      const { id } = vm.container(before.name)!
      vm.setFaults((call) => (call.name === "docker start" ? "crash" : undefined))
      yield* Effect.exit(boot(image(other.reference)))
      vm.restartAgent()
      vm.setFaults(undefined)
      vm.container(before.name)!.stuck = { removal: "busy" }
      yield* refused(image("registry.example/missing:1"))
      const back = vm.engine.containers.find((container) => container.id === id)!
      assert.deepStrictEqual(yield* running, [back.name])
      assert.include(bootNames(before.name), back.name)
      const report = yield* started(image(other.reference))
      assert.deepStrictEqual(yield* running, [report.name])
    })
  )

  for (const stuck of [
    { inspection: "fails" },
    { removal: "busy" },
    { rename: "fails" },
    { inspection: "fails", removal: "in progress" }
  ] as const) {
    test(`what it had stopped is stuck (${JSON.stringify(stuck)}): what is declared comes up`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const before = yield* started(declare())
        const old = vm.container(before.name)!
        vm.setFaults((call) => (call.name === "docker create" ? "crash" : undefined))
        yield* Effect.exit(boot(image(other.reference)))
        vm.restartAgent()
        vm.setFaults(undefined)
        old.stuck = stuck
        const report = yield* started(image(other.reference))
        assert.deepStrictEqual(yield* running, [report.name])
        yield* keeps(image(other.reference), report.name, "removal" in stuck ? ["remove"] : [])
      })
    )
  }
})

describe("a container that runs and cannot be inspected", () => {
  test("is left alone where it is what is declared", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      vm.container(name)!.stuck = { inspection: "fails" }
      const report = yield* keeps(declare(), name)
      assert.match(report.warnings.join(), /is left alone, but the engine cannot inspect it: RWLayer/)
      assert.strictEqual(vm.container(name)!.starts.length, 1)
    })
  )

  test("is stopped where something else is declared, and then removed", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      vm.container(name)!.stuck = { inspection: "fails" }
      const report = yield* started(image(other.reference))
      assert.deepStrictEqual(
        vm.engine.containers.map((one) => [one.name, one.isUp]),
        [[report.name, true]]
      )
      assert.deepStrictEqual(report.warnings, [])
      yield* keeps(image(other.reference), report.name)
    })
  )

  test("is stopped, and left where it cannot be removed: the engine does not start it with the host", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const old = vm.container(name)!
      old.stuck = { inspection: "fails" }
      vm.setFaults((call) => (call.name === "docker remove" ? "fail" : undefined))
      const report = yield* started(image(other.reference))
      vm.setFaults(undefined)
      assert.lengthOf(report.warnings, 1)
      old.stuck = {}
      yield* vm.reboot
      assert.strictEqual(old.starts.length, 1)
    })
  )
})

describe("a container that runs and cannot be stopped", () => {
  for (const inspection of [undefined, "fails"] as const) {
    test(
      `${inspection === undefined ? "" : "nor inspected "}holds its ports and disks: nothing is started beside it`,
      {},
      () =>
        Effect.gen(function* () {
          const vm = yield* SimulatedVm
          const { name } = yield* started(declare())
          const old = vm.container(name)!
          old.stuck = { stop: "fails", ...(inspection === undefined ? {} : { inspection }) }
          const before = vm.transcript.length
          const failure = yield* refused(image(other.reference))
          assert.strictEqual(failure._tag, "ContainerStuck")
          assert.match(
            failure.message,
            new RegExp(`^the container ${name} cannot be stopped: .*did not receive an exit event`)
          )
          assert.isFalse((yield* asked(before)).includes("create"))
          assert.deepStrictEqual(yield* running, [name])
          assert.deepStrictEqual([old.restartPolicy.name, old.starts.length], ["always", 1])
          // It is what was declared before, and stays so.
          yield* keeps(declare(), name)
          old.stuck = {}
          const report = yield* started(image(other.reference), { retry: true })
          assert.deepStrictEqual(yield* running, [report.name])
        })
    )
  }

  test("beside the declared one is a warning: that is up all the same", local, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare())
      yield* place("klt-web-zzzz", { status: "running", stuck: { stop: "fails" } })
      const report = yield* started(declare())
      assert.isTrue(report.kept)
      assert.lengthOf(report.warnings, 1)
      assert.match(
        report.warnings[0]!,
        /klt-web-zzzz is not needed any more, but can neither be stopped nor removed, and holds its ports/
      )
      assert.sameMembers([...(yield* running)], [name, "klt-web-zzzz"])
    })
  )
})

describe("a container that runs and cannot be set aside", () => {
  for (const call of ["docker rename", "docker update"] as const) {
    test(`${call} fails each time: it is not stopped for another, which could not be undone`, {}, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        vm.setFaults((made) => (made.name === call ? "fail" : undefined))
        const before = vm.transcript.length
        assert.strictEqual((yield* refused(image(other.reference)))._tag, "DockerError")
        vm.setFaults(undefined)
        assert.notIncludeMembers([...(yield* asked(before))], ["stop"])
        assert.deepStrictEqual(yield* running, [name])
        yield* keeps(declare(), name)
      })
    )
  }
})

describe("an engine that is away while containers are inspected", () => {
  test("ends the run as it did: nothing is taken for lost", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setFaults((call) => (call.name === "docker inspect container" ? "hang" : undefined))
      const exit = yield* Effect.exit(boot(declare()))
      assert.isTrue(Exit.isSuccess(exit))
      assert.lengthOf(vm.engine.containers, 1)
    })
  )
})
