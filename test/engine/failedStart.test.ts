import { assert, describe, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { inject } from "vitest"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { bench, boot, layerVm, onClearVm, onlyRunning, Vm } from "./Vm.ts"

const declare = (image: string, rest: Record<string, unknown> = {}, container: Record<string, unknown> = {}): string =>
  JSON.stringify({
    spec: { containers: [{ name: "web", image: `${bench().registry}/${image}`, ...container }], ...rest }
  })

/** One that is up for a moment longer than it is confirmed, as often as the engine starts it. */
const loops = (exitCode: number) => ({ command: ["/bin/sh", "-c", `sleep 1; exit ${exitCode}`] })

const greeting = Effect.gen(function* () {
  const runner = yield* CommandRunner
  const { scriptPath } = yield* HostFixture
  return (yield* runner.run({ program: "cat", args: ["--", scriptPath] })).stdout
})

describe.skipIf(inject("bench") === undefined)("what fails on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a start that was rolled back is held back: what runs is not touched again, until it is told to be", () =>
      Effect.gen(function* () {
        yield* boot(declare("app:1"))
        assert.strictEqual((yield* Effect.flip(boot(declare("job:fails"))))._tag, "ContainerFailed")
        const back = yield* onlyRunning
        for (let round = 0; round < 3; round++) {
          const held = yield* Effect.flip(boot(declare("job:fails")))
          assert.strictEqual(held._tag, "StartHeldBack")
          assert.match(held.message, /failed to start once.* is left in its place, and the next try is in \d+s$/)
        }
        assert.strictEqual((yield* onlyRunning).State.StartedAt, back.State.StartedAt)
        assert.include(yield* greeting, "is left in its place")
        assert.strictEqual((yield* Effect.flip(boot(declare("job:fails"), { retry: true })))._tag, "ContainerFailed")
        assert.notStrictEqual((yield* onlyRunning).State.StartedAt, back.State.StartedAt)
        // Another declaration is another start.
        yield* boot(declare("app:2"))
        assert.strictEqual((yield* onlyRunning).Config["Image"], `${bench().registry}/app:2`)
      }))

    test("the command line says what was declared, what runs now, and when the next try is; --retry tries at once", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        yield* boot(declare("app:1"))
        vm.metadata.attributes["gce-container-declaration"] = declare("job:fails")
        const failed = yield* slipway(["up"])
        assert.strictEqual(failed.exitCode, 1)
        assert.match(
          failed.stderr,
          /^Declared: klt-web-[a-z]{4}, from .*\/job:fails\.\nRunning in its place: klt-web-[a-z]{4}, from .*\/app:1, running since 20.*Z\.\nIt is not retried for 10s, .*$/m
        )
        const held = yield* slipway(["up"])
        assert.strictEqual(held.exitCode, 1)
        assert.match(
          held.stderr,
          /^slipway: the declared container klt-web-[a-z]{4}, from .*\/job:fails, failed to start once/m
        )
        const retried = yield* slipway(["up", "--retry"])
        assert.match(retried.stderr, /It is not retried for 20s/)
      }))

    test("a job that failed: its own error and exit code, and nothing is tried again", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const job = declare("job:fails", { restartPolicy: "Never" })
        vm.metadata.attributes["gce-container-declaration"] = job
        const failed = yield* slipway(["up"])
        assert.strictEqual(failed.exitCode, 79, failed.stderr)
        const [name = ""] = yield* vm.containers
        const { Id, State } = yield* vm.inspect(name)
        const again = yield* slipway(["up"], { SLIPWAY_SHOW_WELCOME: "true" })
        assert.strictEqual(again.exitCode, 79)
        assert.match(
          again.stderr,
          /the job klt-web-[a-z]{4} failed with exit code 3\nThe last lines of its log:\n {2}(started\n {2}no database|no database\n {2}started)\n/
        )
        const after = yield* vm.inspect(name)
        assert.deepStrictEqual([after.Id, after.State.StartedAt], [Id, State.StartedAt])
        assert.match(yield* greeting, /job failed:.*no database/s)
        assert.strictEqual((yield* slipway(["up", "--retry"])).exitCode, 79)
        assert.notStrictEqual((yield* vm.inspect(name)).Id, Id)
      }))

    test("a job that failed in the place of a healthy container gives it back, for good", () =>
      Effect.gen(function* () {
        yield* boot(declare("app:1"))
        const job = declare("job:fails", { restartPolicy: "Never" })
        assert.strictEqual((yield* Effect.flip(boot(job)))._tag, "JobFailed")
        const back = yield* onlyRunning
        assert.strictEqual((yield* Effect.flip(boot(job)))._tag, "JobFailed")
        assert.strictEqual((yield* onlyRunning).State.StartedAt, back.State.StartedAt)
      }))

    test("a job that had ended is not run again once another, that has failed in its place, is not declared any more", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const ended = declare("job:done", { restartPolicy: "OnFailure" })
        yield* boot(ended)
        const [name = ""] = yield* vm.containers
        const { Id, State } = yield* vm.inspect(name)
        assert.strictEqual(
          (yield* Effect.flip(boot(declare("job:fails", { restartPolicy: "Never" }))))._tag,
          "JobFailed"
        )
        yield* boot(ended)
        const [left = "", ...others] = yield* vm.containers
        assert.deepStrictEqual(others, [])
        const after = yield* vm.inspect(left)
        assert.deepStrictEqual([after.Id, after.State.StartedAt], [Id, State.StartedAt])
        assert.deepStrictEqual([after.HostConfig.RestartPolicy.Name, left.includes("aside")], ["on-failure", false])
      }))

    test("a container in a crash loop is not as declared, and left to the engine", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const loop = declare("app:1", {}, loops(5))
        yield* boot(loop, { confirm: Duration.millis(200) })
        const [name = ""] = yield* vm.containers
        const { Id } = yield* vm.inspect(name)
        // By its events: it ends, is started again, and ends again.
        yield* vm.docker("wait", name)
        for (let round = 0; round < 2; round++) {
          const failed = yield* Effect.flip(boot(loop))
          assert.strictEqual(failed._tag, "ContainerFailed")
          assert.strictEqual((yield* vm.inspect(name)).Id, Id)
        }
      }))

    test("a container that has turned unhealthy is not as declared, and left running", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        yield* boot(declare("health:bad"), { confirm: Duration.zero })
        const [name = ""] = yield* vm.containers
        yield* Effect.repeat(vm.docker("inspect", "--format", "{{.State.Health.Status}}", name), {
          until: (status) => status.trim() === "unhealthy"
        })
        const { State } = yield* vm.inspect(name)
        assert.match(
          (yield* Effect.flip(boot(declare("health:bad")))).message,
          /is unhealthy by its image's health check/
        )
        assert.strictEqual((yield* onlyRunning).State.StartedAt, State.StartedAt)
      }))

    test("a run that waits for another one applies what is declared when its turn comes", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const host = yield* HostFixture
        const runner = yield* CommandRunner
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const waits = Deferred.makeUnsafe<void>()
        const onOutput = (stderr: string) => {
          if (stderr.includes("another run is under way")) Deferred.doneUnsafe(waits, Effect.void)
        }
        const waiting = yield* Effect.scoped(
          Effect.gen(function* () {
            const directory = host.lockPath.slice(0, host.lockPath.lastIndexOf("/"))
            yield* runner.run({ program: "mkdir", args: ["-p", "--", directory] })
            const args = ["--exclusive", "--no-fork", host.lockPath, "tee", host.lockPath]
            assert.isTrue(Option.isNone(yield* runner.hold({ program: "flock", args, stdin: "the test\n" })))
            const run = yield* Effect.forkDetach(slipway(["up"], {}, onOutput))
            yield* Deferred.await(waits)
            vm.metadata.attributes["gce-container-declaration"] = declare("app:2")
            return run
          })
        )
        const { exitCode, stderr } = yield* Fiber.join(waiting)
        assert.strictEqual(exitCode, 0, stderr)
        assert.strictEqual((yield* onlyRunning).Config["Image"], `${bench().registry}/app:2`)
      }))
  })
})
