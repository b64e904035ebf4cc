import { assert, describe } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { agent } from "../../src/agent/agent.ts"
import type { Looked } from "../../src/agent/Looked.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { renderStatusNow } from "../../src/cli/output/renderStatusNow.ts"
import { Progress } from "../../src/progress/Progress.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { readStatus } from "../../src/record/readStatus.ts"
import { startup } from "../../src/startup/startup.ts"
import { DeclarationUnreadable } from "../../src/startup/DeclarationUnreadable.ts"
import { defaultSettings, type Settings } from "../../src/startup/Settings.ts"
import type { DeclarationText } from "../../src/workload/DeclarationText.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { imagesUp, living, resultsOf } from "./LivingAgent.ts"
import { app, changes, dead, declare, other, running, slow, started, test } from "../startup/SimulatedBoot.ts"

const large = { reference: "registry.example/large:1", sizeBytes: 20_000_000_000 }

/** An init container that hangs, and one that comes to its end. */
const endless = { reference: "registry.example/endless:1" }
const migration = {
  reference: "registry.example/migration:1",
  behaviour: { _tag: "Exits", afterMillis: 2_000, exitCode: 0 }
} as const

/** How many calls of this name there were. */
const count = (name: string) =>
  Effect.map(SimulatedVm, ({ transcript }) => transcript.filter((call) => call.name === name).length)

describe("an agent", () => {
  test("runs what is declared, and what is declared later, soon after it is", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      vm.setDeclaration(declare({ image: other.reference }))
      const since = yield* Clock.currentTimeMillis
      while (!(yield* imagesUp).includes(other.reference)) yield* Effect.sleep("50 millis")
      // The pull takes most of it.
      assert.isAtMost((yield* Clock.currentTimeMillis) - since, 12_000)
      yield* Effect.sleep("10 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged Running"])
    })
  )

  test("looks at a VM on which nothing happens every five minutes, and changes nothing", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const since = vm.transcript.length
      yield* Effect.sleep("24 hours")
      assert.deepStrictEqual(yield* changes(since), [])
      // Nothing is written to a disk, and no registry asked. The status is in memory.
      const written = vm.transcript.slice(since).filter(({ name }) => /run (tee|install|mv|dd|sync)|resolve/.test(name))
      assert.deepStrictEqual(
        written.filter(({ subject }) => !subject.startsWith("/run/")),
        []
      )
      const perHour = (looks.length - 1) / 24
      assert.isAbove(perHour, 11.5)
      assert.isBelow(perHour, 12.5)
      assert.sameMembers([...new Set(resultsOf(looks).slice(1))], ["TimePassed Running"])
      // Not all at one distance.
      assert.isAbove(new Set(looks.map(({ next }) => JSON.stringify(next))).size, 200)
    })
  )

  test("follows a moved tag with a change, when it is asked, or as often as it is told to", {}, () =>
    Effect.gen(function* () {
      const asked = yield* Queue.unbounded<void>()
      const { fiber, vm } = yield* living(declare(), { asked: Stream.fromQueue(asked) })
      yield* Effect.sleep("1 minute")
      const moved = (digit: string) => vm.publish({ ...app, digest: `sha256:${digit.repeat(64)}` })
      const digestUp = () => vm.engine.containers.find(({ isUp }) => isUp)?.spec.labels["slipway.image-digest"]
      moved("1")
      yield* Effect.sleep("1 hour")
      assert.notStrictEqual(digestUp(), `sha256:${"1".repeat(64)}`)
      yield* Queue.offer(asked, undefined)
      yield* Effect.sleep("1 minute")
      assert.strictEqual(digestUp(), `sha256:${"1".repeat(64)}`)
      yield* Fiber.interrupt(fiber)
      // The containers do not mind.
      assert.lengthOf(yield* running, 1)

      const before = yield* count("docker resolve digest")
      yield* living(declare(), { followTagsEvery: Duration.minutes(10) })
      yield* Effect.sleep("1 minute")
      moved("2")
      yield* Effect.sleep("11 minutes")
      assert.strictEqual(digestUp(), `sha256:${"2".repeat(64)}`)
      yield* Effect.sleep("2 hours")
      const asking = (yield* count("docker resolve digest")) - before
      assert.isAtLeast(asking, 11)
      assert.isAtMost(asking, 16)
    })
  )
})

describe("an agent whose first look fails", () => {
  test("follows a moved tag also where something happens before that look is tried again", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const { id } = vm.engine.containers[0]!
      const digest = `sha256:${"b".repeat(64)}`
      vm.publish({ reference: app.reference, digest })
      vm.setFaults(({ name }) => (name === "docker list" ? "fail" : undefined))
      const { looks } = yield* living(declare())
      while (looks.length === 0) yield* Effect.sleep("100 millis")
      vm.setFaults(() => undefined)
      yield* Effect.flatMap(DockerClient, (docker) => docker.stopContainer(id, Duration.seconds(1)))
      yield* Effect.sleep("15 seconds")
      assert.deepStrictEqual(resultsOf(looks).slice(1), ["EngineChanged Running", "TagsDue Running"])
      const { spec } = vm.engine.containers.find(({ isUp }) => isUp)!
      assert.include(JSON.stringify(spec.labels), digest)
    })
  )
})

describe("a change in the middle of a change", () => {
  test("several in a row are one", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      for (const args of ["1", "2", "3", "4"]) {
        vm.setDeclaration(declare({ args: [args] }))
        yield* Effect.sleep("700 millis")
      }
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged Running"])
      assert.deepStrictEqual(vm.engine.containers.find(({ isUp }) => isUp)?.spec.cmd, ["4"])
    })
  )

  test("is seen as soon where the wall clock is set back just then", { images: [app, other, dead] }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living("spec: [")
      yield* Effect.sleep("20 seconds")
      vm.setDeclaration(declare())
      yield* Effect.sleep("500 millis")
      vm.jumpClock(-3_600_000)
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(resultsOf(looks), ["Began DeclarationInvalid", "DeclarationChanged Running"])
    })
  )

  test("a pull is given up for the newest", { images: [app, other, large] }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: large.reference }))
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.isFalse(vm.engine.images.has(large.reference))
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged Running"])
    })
  )

  test("a switch goes to its end first", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare({ image: slow.reference }))
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare({ image: other.reference }))
      while ((yield* count("docker stop")) === 0) yield* Effect.sleep("100 millis")
      vm.setDeclaration(declare({ image: app.reference }))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      assert.deepStrictEqual(resultsOf(looks), [
        "Began Running",
        "DeclarationChanged Running",
        "DeclarationChanged Running"
      ])
      assert.lengthOf(vm.engine.containers, 1)
    })
  )

  test(
    "a run that waits for an init container goes back for the newest",
    { images: [app, other, endless, migration] },
    () =>
      Effect.gen(function* () {
        const pod = (image: string, init: string) =>
          JSON.stringify({
            spec: { initContainers: [{ name: "migrate", image: init }], containers: [{ name: "web", image }] }
          })
        const { looks, vm } = yield* living(pod(app.reference, migration.reference))
        yield* Effect.sleep("1 minute")
        assert.include(yield* imagesUp, app.reference)
        vm.setDeclaration(pod(other.reference, endless.reference))
        yield* Effect.sleep("10 minutes")
        assert.deepStrictEqual(yield* imagesUp, [endless.reference])
        vm.setDeclaration(pod(other.reference, migration.reference))
        yield* Effect.sleep("30 seconds")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged Running"])
      })
  )
})

describe("what failed", () => {
  test(
    "has the one before in its place, is retried ever more rarely, and not at all once another is declared",
    {},
    () =>
      Effect.gen(function* () {
        const { looks, vm } = yield* living(declare())
        yield* Effect.sleep("1 minute")
        vm.setDeclaration(declare({ image: dead.reference }))
        yield* Effect.sleep("24 hours")
        assert.deepStrictEqual(yield* imagesUp, [app.reference])
        const failed = looks.filter(({ result }) => Result.isFailure(result))
        // 10 s, doubled to 5 min, and up to a fifth later.
        assert.isAtMost(failed.length, 5 + (24 * 60) / 5)
        assert.isAtLeast(failed.length, 5 + (24 * 60) / 6.5)
        // None came too early, to be held back.
        assert.sameMembers(
          [...new Set(resultsOf(failed))],
          ["DeclarationChanged ContainerFailed", "Retried ContainerFailed"]
        )
        vm.setDeclaration(declare({ image: other.reference }))
        yield* Effect.sleep("20 seconds")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        assert.strictEqual(resultsOf(looks).at(-1), "DeclarationChanged Running")
      })
  )

  test("is told in the status with when it is tried again", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      const nextTry = Effect.map(statusNow, (now) => /^Next try: +(.*)$/m.exec(renderStatusNow(now))?.[1])
      assert.isUndefined(yield* nextTry)
      vm.setDeclaration(declare({ image: "registry.example/none:1" }))
      yield* Effect.sleep("5 seconds")
      assert.match((yield* nextTry) ?? "", /^at 2026-01-01T00:01:1\d\.\d{3}Z, or when something changes$/)
      const told = (yield* readStatus).pipe(
        Option.flatMapNullishOr(({ nextLook }) => nextLook),
        Option.getOrThrow
      )
      yield* Effect.sleep("10 seconds")
      assert.strictEqual(resultsOf(looks).at(-1), "Retried DockerError")
      assert.isAtLeast(DateTime.toEpochMillis(yield* DateTime.now), DateTime.toEpochMillis(told))
      vm.setDeclaration("spec: {}")
      yield* Effect.sleep("5 seconds")
      assert.strictEqual(yield* nextTry, "when the declaration changes")
      vm.setDeclaration(declare())
      yield* Effect.sleep("10 seconds")
      assert.isUndefined(yield* nextTry)
    })
  )

  test("works as soon as the image behind it is another", {}, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare({ image: dead.reference }))
      yield* Effect.sleep("1 hour")
      assert.deepStrictEqual(yield* imagesUp, [])
      vm.publish({ ...app, reference: dead.reference, digest: `sha256:${"3".repeat(64)}` })
      yield* Effect.sleep("7 minutes")
      assert.deepStrictEqual(yield* imagesUp, [dead.reference])
    })
  )

  test("cannot work: it waits for a change, and what runs goes on", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setDeclaration("spec: {}")
      yield* Effect.sleep("24 hours")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged DeclarationInvalid"])
      assert.strictEqual(looks.at(-1)?.next, "when something changes")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )
})

describe("a declaration in a file", () => {
  test("is read again when the file changes, and nothing is done while it says the same", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const file = (text: string): DeclarationText => ({ file: "pod.yaml", text })
      let content: string | undefined = declare()
      const written = yield* Queue.unbounded<void>()
      const looks: Array<Looked> = []
      const settings: Settings = {
        ...defaultSettings,
        declaration: Option.some(file(content)),
        rereadDeclaration: Effect.suspend(() =>
          content === undefined
            ? Effect.fail(new DeclarationUnreadable({ file: "pod.yaml", detail: "there is no such file" }))
            : Effect.succeed(file(content))
        )
      }
      const write = (text: string | undefined) =>
        Effect.suspend(() => {
          content = text
          return Queue.offer(written, undefined)
        })
      yield* Effect.forkChild(
        agent(settings, {
          fileChanges: Stream.fromQueue(written),
          onLooked: (looked) => Effect.sync(() => void looks.push(looked))
        })
      )
      yield* Effect.sleep("20 seconds")
      yield* write(declare())
      yield* Effect.sleep("20 seconds")
      yield* write(declare({ image: other.reference }))
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      yield* write(undefined)
      yield* Effect.sleep("20 seconds")
      const status = Option.getOrThrow(yield* readStatus)
      assert.strictEqual(status.lastRun?.error?.tag, "DeclarationUnreadable")
      yield* write(declare({ image: other.reference }))
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.deepStrictEqual(resultsOf(looks), [
        "Began Running",
        "DeclarationChanged Running",
        "DeclarationChanged DeclarationUnreadable",
        "DeclarationChanged Running"
      ])
      // The VM's metadata is not asked.
      assert.notInclude(
        vm.transcript.map(({ name }) => name),
        "metadata declaration after"
      )
    })
  )
})

describe("a metadata server", () => {
  test("that is away for an hour: what was declared meanwhile runs when it is back", {}, () =>
    Effect.gen(function* () {
      const { vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "fail" : undefined))
      yield* Effect.sleep("30 minutes")
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("30 minutes")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      vm.setFaults(undefined)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )

  test("that is silent as an agent begins does not keep down what a dead run had stopped", {}, () =>
    Effect.gen(function* () {
      const { vm, fiber } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      yield* Fiber.interrupt(fiber)
      vm.setFaults(({ name }) => (name === "docker create" ? "crash" : undefined))
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.exit(startup(defaultSettings))
      vm.restartAgent()
      assert.deepStrictEqual(yield* imagesUp, [])
      vm.setFaults(({ name }) => (name.startsWith("metadata") ? "hang" : undefined))
      yield* living(declare({ image: other.reference }))
      yield* Effect.sleep("15 seconds")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      vm.setFaults(undefined)
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )

  test(
    "that is away as an agent begins: what it has begun of what is declared is not taken back",
    { images: [app, endless] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        vm.setFaults(({ name }) => (name === "metadata declaration after" ? "fail" : undefined))
        const said: Array<string> = []
        const hanging = JSON.stringify({
          spec: {
            initContainers: [{ name: "hangs", image: endless.reference }],
            containers: [{ name: "web", image: app.reference }]
          }
        })
        yield* living(hanging).pipe(
          Effect.provideService(Progress, (event) =>
            Effect.sync(() => void (event._tag === "Notice" ? said.push(event.text) : undefined))
          )
        )
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* imagesUp, [endless.reference])
        vm.setFaults(undefined)
        yield* Effect.sleep("2 minutes")
        assert.include(said, "metadata can be watched again")
        assert.lengthOf(
          vm.engine.containersEver.filter(({ spec }) => spec.image === endless.reference),
          1
        )
      })
  )

  test("that drops a question costs nothing", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name }) => (name === "metadata declaration after" ? "hang" : undefined))
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("2 minutes")
      vm.setFaults(undefined)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.strictEqual(resultsOf(looks).filter((one) => one === "DeclarationChanged Running").length, 1)
    })
  )

  /**
   * It is silent as something else is declared, and whoever watches it waits for a minute for an answer that does not
   * come.
   */
  const silentWhileChanging = Effect.gen(function* () {
    const asked = yield* Queue.unbounded<void>()
    const lived = yield* living(declare(), { asked: Stream.fromQueue(asked) })
    const { vm } = lived
    const questions = yield* count("metadata declaration after")
    while ((yield* count("metadata declaration after")) < questions + 2) yield* Effect.sleep("1 second")
    yield* Effect.sleep("2 seconds")
    vm.setFaults(({ name }) => (name.startsWith("metadata") ? "hang" : undefined))
    vm.setDeclaration(declare({ image: other.reference }))
    yield* Effect.sleep("1 second")
    return { ...lived, ask: Queue.offer(asked, undefined) }
  })

  test("that was silent: what a look has read since is not taken back for what was declared before", {}, () =>
    Effect.gen(function* () {
      const { vm, ask, looks } = yield* silentWhileChanging
      vm.setFaults(undefined)
      yield* ask
      yield* Effect.sleep("10 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      yield* vm.engine.client.removeContainer(vm.engine.containers[0]!.id)
      yield* Effect.sleep("5 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      yield* Effect.sleep("5 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.deepStrictEqual(resultsOf(looks).slice(1, 3), ["Asked Running", "EngineChanged Running"])
    })
  )

  test("that was silent: nor what one has read again that had waited for an `up`", {}, () =>
    Effect.gen(function* () {
      const { vm, looks } = yield* silentWhileChanging
      vm.setFaults(undefined)
      yield* startup(defaultSettings)
      yield* Effect.sleep("5 seconds")
      assert.deepStrictEqual(resultsOf(looks).slice(1), ["EngineChanged Running"])
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      yield* vm.engine.client.removeContainer(vm.engine.containers[0]!.id)
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.strictEqual(yield* count("docker create"), 3)
    })
  )

  test("that is away as the agent begins: what it declares then runs, once", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "metadata declaration after" ? "fail" : undefined))
      const { looks } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      vm.setDeclaration(declare({ image: other.reference }))
      vm.setFaults(undefined)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "DeclarationChanged Running"])
    })
  )

  test(
    "that tells of a change, and still reads what was before: what cannot work is not waited with for ever",
    {},
    () =>
      Effect.gen(function* () {
        const { looks, vm } = yield* living(declare())
        yield* Effect.sleep("1 minute")
        vm.setDeclaration("spec: {}")
        yield* Effect.sleep("1 minute")
        vm.setMetadataManners({ late: "reads" })
        vm.setDeclaration(declare({ image: other.reference }))
        yield* Effect.sleep("20 seconds")
        vm.setMetadataManners({})
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        assert.deepStrictEqual(resultsOf(looks).slice(1), [
          "DeclarationChanged DeclarationInvalid",
          "DeclarationChanged DeclarationInvalid",
          "Retried DeclarationInvalid",
          "Retried Running"
        ])
      })
  )

  test("that was away, and then reads what was before: what cannot work is not waited with for ever", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living("spec: {}")
      yield* Effect.sleep("1 minute")
      vm.setDeclaration(declare())
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      // A look has the last good one, which fails.
      vm.setFaults(({ name }) => (/^metadata declaration|^docker list/.test(name) ? "fail" : undefined))
      yield* Effect.sleep("12 minutes")
      const since = looks.length
      vm.setMetadataManners({ late: "reads" })
      vm.setFaults(({ name }) => (name === "metadata declaration after" ? "fail" : undefined))
      while (!resultsOf(looks.slice(since)).includes("Retried DeclarationInvalid")) yield* Effect.sleep("100 millis")
      vm.setMetadataManners({})
      vm.setFaults(undefined)
      yield* Effect.sleep("2 minutes")
      assert.strictEqual(resultsOf(looks).at(-1), "DeclarationChanged Running")
    })
  )

  test("that reads what was before as the agent begins: what cannot work is not waited with for ever", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setDeclaration("spec: {}")
      vm.setMetadataManners({ late: "reads" })
      const { looks } = yield* living(declare())
      yield* Effect.sleep("20 seconds")
      vm.setMetadataManners({})
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual(yield* imagesUp, [app.reference])
      assert.deepStrictEqual(resultsOf(looks), [
        "Began DeclarationInvalid",
        "Retried DeclarationInvalid",
        "Retried Running"
      ])
    })
  )

  test("that goes on telling what was before: what a look has read since stays, whatever happens to it", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      vm.setMetadataManners({ late: "polls", polls: "with an old tag" })
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("7 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      yield* vm.engine.client.removeContainer(vm.engine.containers[0]!.id)
      yield* Effect.sleep("20 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      assert.strictEqual(resultsOf(looks).at(-1), "EngineChanged Running")
    })
  )

  test("that tells a watch what was before for a while: what a look has read stays, and is put back", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living("spec: [")
      yield* Effect.sleep("20 seconds")
      vm.setDeclaration(declare())
      yield* Effect.sleep("30 seconds")
      vm.setMetadataManners({ late: "polls" })
      yield* Effect.sleep("70 seconds")
      const [name = ""] = yield* running
      yield* DockerClient.use((docker) => docker.stopContainer(name, Duration.seconds(1)))
      yield* Effect.sleep("10 seconds")
      assert.include(resultsOf(looks), "EngineChanged Running")
      assert.lengthOf(yield* running, 1)
      vm.setMetadataManners({})
      yield* Effect.sleep("70 seconds")
      assert.include(resultsOf(looks).at(-1), "Running")
      assert.lengthOf(yield* running, 1)
    })
  )

  test("whose other keys change makes the agent look at nothing", {}, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declare())
      yield* Effect.sleep("1 minute")
      // The same text again is a change of the keys, and none of the declaration.
      vm.setDeclaration(declare())
      yield* Effect.sleep("2 minutes")
      assert.lengthOf(looks, 1)
    })
  )
})
