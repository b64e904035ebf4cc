import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { bench, boot, inside, isPodman, layerVm, onClearVm, onlyRunning, started, Vm } from "./Vm.ts"

const image = (name: string): string => `${bench().registry}/${name}`
/** At a registry that nobody runs. */
const nowhere = "127.0.0.1:1/app:1"

const declare = (container: Record<string, unknown> = {}): string =>
  JSON.stringify({ spec: { containers: [{ name: "web", image: image("app:1"), ...container }] } })

/** The first of these files of the control groups that is there: version 1's, or version 2's. */
const cgroupFile = (...paths: ReadonlyArray<string>) =>
  inside(
    `for file in ${paths.map((path) => `/sys/fs/cgroup/${path}`).join(" ")}; do [ -e $file ] && cat $file && break; done`
  )

describe.skipIf(inject("bench") === undefined)("what a container is given, on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("resources: the kernel has the limits that Kubernetes would set", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const declaration = declare({
          resources: { limits: { cpu: "500m", memory: "96.5Mi" }, requests: { cpu: "250m", memory: "64M" } }
        })
        yield* started(declaration)
        const memory = 101_187_584
        assert.strictEqual(yield* cgroupFile("memory/memory.limit_in_bytes", "memory.max"), String(memory))
        const cpu = yield* cgroupFile("cpu/cpu.cfs_quota_us", "cpu.max")
        assert.include(["50000", "50000 100000"], cpu)
        const weight = yield* cgroupFile("cpu/cpu.shares", "cpu.weight")
        assert.include(["256", "10"], weight)
        const { HostConfig } = yield* onlyRunning
        assert.deepInclude(HostConfig, { NanoCpus: 500_000_000, Memory: memory, CpuShares: 256 })
        // -1 where the kernel cannot limit swap.
        assert.include([memory, -1], HostConfig["MemorySwap"])
        assert.strictEqual(HostConfig["MemoryReservation"], 64_000_000)
        const { Id } = yield* onlyRunning
        assert.deepStrictEqual((yield* started(declaration)).steps, [])

        yield* started(declare())
        assert.notStrictEqual((yield* onlyRunning).Id, Id)
        assert.notInclude(["50000", "50000 100000"], yield* cgroupFile("cpu/cpu.cfs_quota_us", "cpu.max"))
        assert.strictEqual((yield* vm.containers).length, 1)
      }))

    test("runtimeClassName: a runtime of the engine's, and another is refused with nothing stopped", () =>
      Effect.gen(function* () {
        const declaration = (runtimeClassName?: string) =>
          JSON.stringify({ spec: { containers: [{ name: "web", image: image("app:1") }], runtimeClassName } })
        const runtime = "io.containerd.runc.v2"
        yield* started(declaration())
        if (!isPodman) {
          yield* started(declaration(runtime))
          assert.strictEqual((yield* onlyRunning).HostConfig["Runtime"], runtime)
          assert.deepStrictEqual((yield* started(declaration(runtime))).steps, [])
        }
        const { Id } = yield* onlyRunning
        const failure = yield* Effect.flip(boot(declaration("no-such-runtime")))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.include(failure.message, isPodman ? "Podman's Docker API drops the name" : `It has ${runtime}`)
        assert.strictEqual((yield* onlyRunning).Id, Id)

        const { steps } = yield* started(declaration())
        if (isPodman) return
        assert.include(steps.map(({ step }) => step.cause).join("\n"), "its declaration has changed: runtimeClassName")
        assert.notStrictEqual((yield* onlyRunning).Id, Id)
        assert.notStrictEqual((yield* onlyRunning).HostConfig["Runtime"], runtime)
      }))

    test("resources: more memory than its limit ends a process", () =>
      Effect.gen(function* () {
        yield* started(declare({ resources: { limits: { memory: "16Mi" } } }))
        // The shell keeps the text in memory, and is killed for it.
        const ended = yield* inside(
          "/bin/busybox sh -c 'a=$(/bin/busybox head -c 64000000 /dev/zero | /bin/busybox tr \"\\\\0\" x); echo kept' 2>/dev/null; echo $?"
        )
        assert.strictEqual(ended, "137")
      }))

    test("resources: more cpu than the machine has, and a GPU that it does not have, are refused with nothing stopped", () =>
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { cpus } = yield* docker.facts
        yield* started(declare())
        const { Id } = yield* onlyRunning
        for (const limits of [{ cpu: cpus + 1 }, { "nvidia.com/gpu": 1 }]) {
          const failure = yield* Effect.flip(boot(declare({ resources: { limits } })))
          assert.strictEqual(failure._tag, "PlanRefused")
        }
        assert.strictEqual((yield* onlyRunning).Id, Id)
        // As many as it has.
        yield* started(declare({ resources: { limits: { cpu: cpus } } }))
      }))

    test("workingDir is where the command starts", () =>
      Effect.gen(function* () {
        const script = "pwd > /where; trap 'exit 0' TERM; while :; do /bin/busybox sleep 0.1; done"
        yield* started(declare({ workingDir: "/srv/app", command: ["/bin/busybox", "sh", "-c", script] }))
        assert.strictEqual(yield* inside("cat /where"), "/srv/app")
        assert.strictEqual(yield* inside("pwd"), "/srv/app")
      }))

    test("stdinOnce is the engine's", () =>
      Effect.gen(function* () {
        yield* started(declare({ stdin: true, stdinOnce: true }))
        assert.deepInclude((yield* onlyRunning).Config, { OpenStdin: true, StdinOnce: true })
      }))

    test("imagePullPolicy IfNotPresent starts what the engine holds, whose registry is down", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        yield* vm.docker("pull", image("app:1"))
        yield* vm.docker("tag", image("app:1"), nowhere)
        const declaration = declare({ image: nowhere, imagePullPolicy: "IfNotPresent" })
        const report = yield* started(declaration)
        assert.deepStrictEqual(report.degraded, [])
        assert.deepStrictEqual((yield* started(declaration)).steps, [])
        yield* vm.docker("rmi", "--force", nowhere)
      }))

    test("imagePullPolicy Never refuses what the engine does not hold, with nothing stopped", () =>
      Effect.gen(function* () {
        yield* started(declare())
        const { Id } = yield* onlyRunning
        const failure = yield* Effect.flip(boot(declare({ image: image("app:no-such"), imagePullPolicy: "Never" })))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.match(failure.message, /has the imagePullPolicy Never, and the engine does not hold/)
        assert.strictEqual((yield* onlyRunning).Id, Id)
      }))

    test("logging: konlet's driver and options, others, and the engine's own", () =>
      Effect.gen(function* () {
        const logConfig = Effect.map(onlyRunning, ({ HostConfig }) => HostConfig["LogConfig"])
        yield* started(declare())
        if (!isPodman) {
          assert.deepStrictEqual(yield* logConfig, {
            Type: "json-file",
            Config: { "max-file": "3", "max-size": "500m" }
          })
        }
        const local = declare({
          logging: { driver: isPodman ? "none" : "local", options: isPodman ? {} : { "max-size": "1m" } }
        })
        yield* started(local)
        if (!isPodman) assert.deepStrictEqual(yield* logConfig, { Type: "local", Config: { "max-size": "1m" } })
        assert.deepStrictEqual((yield* started(local)).steps, [])
        yield* started(declare({ logging: { driver: "default" } }))
        if (!isPodman) assert.deepStrictEqual(yield* logConfig, { Type: "json-file", Config: {} })
        const failure = yield* Effect.flip(boot(declare({ logging: { driver: "no-such" } })))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.match(failure.message, /which the engine does not have/)
      }))

    test("logging: the failure of a container whose log cannot be read says so", () =>
      Effect.gen(function* () {
        const failing = {
          command: ["/bin/busybox", "sh", "-c", "echo no database; exit 3"],
          logging: { driver: "none" }
        }
        const failure = yield* Effect.flip(boot(declare(failing)))
        assert.strictEqual(failure._tag, "ContainerFailed")
        if (failure._tag !== "ContainerFailed" || isPodman) return
        assert.match(failure.lastLogLines.join("\n"), /keeps nothing that can be read back/)
      }))
  })
})
