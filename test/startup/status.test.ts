import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { readStatus } from "../../src/record/readStatus.ts"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { StatusFile } from "../../src/vm/host/StatusFile.ts"
import { defaultDownSettings, down } from "../../src/startup/down.ts"
import { living } from "../agent/LivingAgent.ts"
import { app, boot, dead, declare, other, refused, secret, slow, started, test, token } from "./SimulatedBoot.ts"

const listening = { reference: "registry.example/server:1", listensOn: [{ port: 8080 }] } as const

const status = Effect.gen(function* () {
  const text = Option.getOrThrow(yield* (yield* StatusFile).read)
  assert.notInclude(text, secret)
  assert.notInclude(text, token)
  return Option.getOrThrow(yield* readStatus)
})

describe("the status after a run", () => {
  test("that came up: what is declared, what runs, how it went", {}, () =>
    Effect.gen(function* () {
      const report = yield* started(declare())
      const { declared, running, lastRun, degraded, nextTry, underWay } = yield* status
      assert.strictEqual(declared?.origin, "metadata")
      assert.strictEqual(declared?.file, "metadata:gce-container-declaration")
      assert.match(declared!.sha256, /^[0-9a-f]{64}$/)
      assert.deepStrictEqual(declared?.containers, [{ name: "web", image: app.reference }])
      assert.lengthOf(running!, 1)
      const [web] = running!
      assert.deepStrictEqual(
        { ...web!, id: "", imageId: "", since: null },
        {
          name: report.name,
          container: "web",
          role: "main",
          id: "",
          image: web!.image,
          imageId: "",
          digest: Option.getOrThrow(report.digest),
          status: "running",
          exitCode: null,
          since: null,
          restarts: 0,
          restartPolicy: "always",
          health: null,
          ready: null
        }
      )
      assert.strictEqual(lastRun?.result, "done")
      assert.strictEqual(lastRun?.steps, report.steps.length)
      assert.isAbove(lastRun!.seconds, 1)
      assert.deepStrictEqual([lastRun?.error, degraded, nextTry, underWay], [null, [], null, null])
      assert.strictEqual((yield* statusNow).verdict, "as declared")
      yield* started(declare())
      assert.deepStrictEqual([(yield* status).lastRun?.steps, (yield* status).lastRun?.repeated], [0, 2])
      yield* started(declare())
      assert.strictEqual((yield* status).lastRun?.repeated, 3)
    })
  )

  test(
    "readiness is what a probe has seen, as long as it is the same start of the container",
    { images: [listening] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const text = declare({ image: listening.reference, readinessProbe: { tcpSocket: { port: 8080 } } })
        const ready = Effect.map(status, ({ running }) => running?.map(({ ready }) => ready))
        yield* started(text)
        assert.deepStrictEqual(yield* ready, [true])
        // Nothing was to be probed.
        yield* started(text)
        assert.deepStrictEqual(yield* ready, [true])
        yield* vm.restartEngine
        yield* Effect.sleep("10 seconds")
        yield* refused(declare({}, { restartPolicy: "sometimes" }))
        assert.deepStrictEqual(yield* ready, [null])
      })
  )

  test("that failed: the error, what runs in its place, and when it is tried again", {}, () =>
    Effect.gen(function* () {
      yield* started(declare())
      yield* refused(declare({ image: dead.reference }))
      const failed = yield* status
      assert.strictEqual(failed.lastRun?.result, "failed")
      assert.strictEqual(failed.lastRun?.error?.tag, "ContainerFailed")
      assert.deepStrictEqual(failed.declared?.containers, [{ name: "web", image: dead.reference }])
      assert.deepStrictEqual(
        failed.running?.map(({ image, status }) => [image, status]),
        [[app.reference, "running"]]
      )
      assert.isNotNull(failed.nextTry)
      assert.notStrictEqual(failed.nextTry, "next boot")
      assert.strictEqual((yield* statusNow).verdict, "not as declared")
      yield* refused(declare({ image: dead.reference }))
      const held = yield* status
      assert.deepStrictEqual([held.lastRun?.result, held.lastRun?.steps], ["held back", 0])
      assert.deepStrictEqual(
        held.running?.map(({ image }) => image),
        [app.reference]
      )
      assert.isNotNull(held.nextTry)
      yield* started(declare({ image: other.reference }))
      assert.strictEqual((yield* statusNow).verdict, "as declared")
    })
  )

  test("that could not use the declaration: what runs is still told", {}, () =>
    Effect.gen(function* () {
      yield* started(declare())
      yield* refused(declare({}, { restartPolicy: "sometimes" }))
      const { declared, running, lastRun } = yield* status
      assert.strictEqual(lastRun?.error?.tag, "DeclarationInvalid")
      assert.deepStrictEqual(declared?.containers, [])
      assert.deepStrictEqual(
        running?.map(({ status }) => status),
        ["running"]
      )
    })
  )

  test("that has only brought back what a dead run had stopped: it runs, under the name that it has", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setFaults(({ name }) => (name === "docker create" ? "crash" : undefined))
      yield* Effect.exit(boot(declare({ image: other.reference })))
      vm.setFaults(undefined)
      vm.restartAgent()
      yield* refused("spec: {}")
      const up = vm.engine.containers.find(({ isUp }) => isUp)
      assert.deepStrictEqual(
        (yield* status).running?.map(({ name, status }) => [name, status]),
        [[up!.name, "running"]]
      )
    })
  )

  test("where nothing is declared", {}, () =>
    Effect.gen(function* () {
      yield* boot(undefined)
      const { declared, lastRun } = yield* status
      assert.deepStrictEqual([declared, lastRun?.result], [null, "nothing declared"])
      assert.strictEqual((yield* statusNow).verdict, "as declared")
    })
  )

  test("that was stopped", {}, () =>
    Effect.gen(function* () {
      const run = yield* Effect.forkChild(boot(declare()))
      yield* Effect.sleep("1500 millis")
      const during = yield* status
      assert.isNotNull(during.underWay)
      assert.isNull(during.lastRun)
      assert.strictEqual((yield* statusNow).verdict, "unknown")
      yield* Fiber.interrupt(run)
      const { lastRun, underWay } = yield* status
      assert.deepStrictEqual([lastRun?.result, lastRun?.error, underWay], ["stopped", null, null])
      assert.strictEqual((yield* statusNow).verdict, "not as declared")
    })
  )

  test(
    "cannot be written: that is a warning, not a failure",
    { links: { "/run/slipway/status.json": "/dev/null" } },
    () =>
      Effect.gen(function* () {
        yield* started(declare())
        const failure = yield* Effect.flip(readStatus)
        assert.match(failure.message, /^the status cannot be read, \/run\/slipway\/status\.json: it is a symbolic link/)
      })
  )

  test("is gone where it cannot be written anew, in place of saying what is no more so", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.setFaults(({ name, subject }) => (name === "run mv" && subject.endsWith("/status.json") ? "fail" : undefined))
      yield* started(declare({ image: other.reference }))
      vm.setFaults(undefined)
      yield* Effect.sleep("1 minute")
      const { verdict, reasons } = yield* statusNow
      assert.strictEqual(verdict, "unknown")
      assert.match(
        reasons.join("\n"),
        /^the status is missing, as it cannot be written or was removed: a run has ended at .*Z \(done\), which `slipway why` explains$/
      )
      yield* started(declare({ image: other.reference }))
      assert.strictEqual((yield* statusNow).verdict, "as declared")
    })
  )

  test("is said to be old where it can neither be written anew nor removed", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const isReadOnly = ({ name, subject }: { readonly name: string; readonly subject: string }) =>
        (name === "run mv" || name === "run rm") && subject.endsWith("/status.json") ? "fail" : undefined
      vm.setFaults(isReadOnly)
      yield* Effect.sleep("1 minute")
      // What is as it was is still so.
      yield* started(declare())
      yield* Effect.sleep("1 minute")
      assert.strictEqual((yield* statusNow).verdict, "as declared")
      yield* started(declare({ image: other.reference }))
      yield* Effect.sleep("1 minute")
      const { verdict, reasons, containers } = yield* statusNow
      assert.deepStrictEqual([verdict, containers], ["unknown", []])
      assert.lengthOf(reasons, 1)
      assert.match(
        reasons[0]!,
        /^the status is old, as it cannot be written anew: it is of .*Z, and a run has ended at .*Z \(done\)/
      )
      vm.setFaults(undefined)
      yield* started(declare({ image: other.reference }))
      assert.strictEqual((yield* statusNow).verdict, "as declared")
    })
  )

  test("is of its boot alone", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const text = Option.getOrThrow(yield* (yield* StatusFile).read)
      yield* vm.reboot
      assert.deepStrictEqual((yield* statusNow).reasons, ["no run has written its status in this boot"])
      // Where it is kept on a disk.
      yield* (yield* StatusFile).write(text)
      assert.match((yield* statusNow).reasons.join(), /^no run has ended in this boot; the status of .* is another's$/)
    })
  )
})

describe("the status now", () => {
  test("a container that is gone, has ended, or cannot be asked for", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      vm.setFaults(({ name }) => (name === "docker inspect container" ? "fail" : undefined))
      const away = yield* statusNow
      assert.deepStrictEqual([away.verdict, away.containers[0]?.status], ["unknown", "unknown"])
      vm.setFaults(undefined)
      const before = vm.transcript.length
      yield* statusNow
      assert.deepStrictEqual([...new Set(vm.transcript.slice(before).map(({ name }) => name))].toSorted(), [
        "docker inspect container",
        "run cat",
        "run readlink"
      ])
      const docker = yield* DockerClient
      yield* docker.stopContainer(name, Duration.zero)
      yield* docker.removeContainer(name)
      const gone = yield* statusNow
      assert.deepStrictEqual(
        [gone.verdict, gone.reasons, gone.containers[0]?.status],
        ["not as declared", [`${name}, which the last run left, was removed`], "gone"]
      )
    })
  )

  test("a container whose restart policy is another one, and that is stopped then", {}, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare())
      const docker = yield* DockerClient
      yield* docker.updateRestartPolicy(name, { name: "no", maximumRetryCount: 0 })
      assert.deepStrictEqual((yield* statusNow).reasons, [
        `${name} runs, but its restart policy is "no", and was "always"`
      ])
      yield* docker.stopContainer(name, Duration.seconds(10))
      const { verdict, reasons } = yield* statusNow
      assert.deepStrictEqual(
        [verdict, reasons],
        ["not as declared", [`${name} has ended with exit code 143; its restart policy is "no", and was "always"`]]
      )
      yield* started(declare())
      assert.strictEqual((yield* statusNow).verdict, "as declared")
    })
  )

  test("a `down` that was cut short names what still runs, and another one stops it", { images: [app, slow] }, () =>
    Effect.gen(function* () {
      const pod = JSON.stringify({
        spec: {
          initContainers: [{ name: "proxy", image: app.reference, restartPolicy: "Always" }],
          containers: [{ name: "web", image: slow.reference }]
        }
      })
      yield* living(pod)
      yield* Effect.sleep("1 minute")
      const stopping = yield* Effect.forkChild(down(defaultDownSettings))
      yield* Effect.sleep("3 seconds")
      yield* Fiber.interrupt(stopping)
      yield* Effect.sleep("10 minutes")
      const { verdict, reasons } = yield* statusNow
      assert.strictEqual(verdict, "not as declared")
      assert.match(
        reasons.join("\n"),
        /^`slipway down` has not come to its end, and klt-proxy-[a-z]{4} still runs: `slipway down` stops it, `slipway up` starts the rest again$/
      )
      yield* down(defaultDownSettings)
      assert.deepStrictEqual((yield* statusNow).reasons, [
        "`slipway down` has stopped everything: `slipway up` starts it again"
      ])
    })
  )

  test("what `down` has stopped and a run starts again is said to be started by that", { images: [app, slow] }, () =>
    Effect.gen(function* () {
      const probe = { exec: { command: ["/bin/false"] }, failureThreshold: 100 }
      const declaration = declare({ readinessProbe: probe })
      const first = yield* Effect.forkChild(boot(declaration))
      yield* Effect.sleep("10 seconds")
      yield* down(defaultDownSettings)
      yield* Fiber.await(first)
      const run = yield* Effect.forkChild(boot(declaration))
      yield* Effect.sleep("10 seconds")
      const { reasons } = yield* statusNow
      assert.deepStrictEqual(reasons, ["what `slipway down` has stopped is being started by the run that is under way"])
      yield* Fiber.interrupt(run)
    })
  )
})
