import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import { created, type DockerHost, found, reasonOf } from "./DockerContract.ts"
import { type EngineRun, engineTest } from "./engineTest.ts"

/** What an engine tells of its machine, and what of it a container can be given, on whichever engine. */
export const resourceContract = (name: string, layer: Layer.Layer<DockerHost, unknown>, options: EngineRun) =>
  describe(name, () => {
    const test = engineTest(layer, options)

    test(
      "the engine tells of its machine",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const facts = yield* docker.facts
        assert.isAtLeast(facts.cpus, 1)
        assert.isAbove(facts.memoryBytes, 64 * 2 ** 20)
        assert.include([1, 2], facts.cgroupVersion)
        assert.match(facts.kernelVersion, /^\d+\.\d+/)
        assert.notStrictEqual(facts.operatingSystem, "")
        assert.isNotEmpty(facts.runtimes)
        assert.isNotEmpty(facts.logDrivers)
      })
    )

    test(
      "resources: a container is created with them, and tells them",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const resources = {
          nanoCpus: 500_000_000,
          cpuShares: 512,
          memory: 64 * 2 ** 20,
          memoryReservation: 32 * 2 ** 20
        }
        const { id } = yield* created("runs", { resources })
        assert.deepStrictEqual((yield* found(id)).config.resources, resources)
        yield* docker.startContainer(id)
        assert.deepStrictEqual((yield* found(id)).config.resources, resources)
        const plain = yield* created("runs", {}, false)
        assert.isUndefined((yield* found(plain.id)).config.resources)
      })
    )

    test(
      "resources: more cpu than the machine has, and less memory than the engine's minimum, are refused",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { cpus } = yield* docker.facts
        const { name: product } = yield* docker.ping
        // Podman creates it.
        if (product === "Podman") return
        for (const resources of [
          { nanoCpus: (cpus + 1) * 1e9 },
          { memory: 6 * 2 ** 20 - 1 },
          { memory: 64 * 2 ** 20, memoryReservation: 65 * 2 ** 20 }
        ]) {
          assert.strictEqual((yield* reasonOf(created("runs", { resources })))._tag, "RequestRefused")
        }
      })
    )

    test(
      "memory: what goes beyond its limit is killed, which is told",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { name: product } = yield* docker.ping
        const { id } = yield* created("runs", {
          // Once more each second: what is killed before the engine watches the new container for it is never told.
          entrypoint: ["/bin/sh", "-c", "while dd if=/dev/zero of=/dev/null bs=64M count=1 || :; do sleep 1; done"],
          resources: { memory: 16 * 2 ** 20 }
        })
        assert.isUndefined((yield* found(id)).hasRunOutOfMemory)
        yield* docker.startContainer(id)
        // Podman has no such event. Docker can lose it where the container ends with what is killed, so that goes on.
        if (product !== "Podman") {
          const events = docker.containerEvents(id).pipe(Stream.filter(({ _tag }) => _tag === "OutOfMemory"))
          assert.lengthOf(yield* events.pipe(Stream.take(1), Stream.runCollect), 1)
          assert.strictEqual((yield* found(id)).status, "running")
        }
        yield* docker.stopContainer(id, Duration.zero)
        const { exitCode, hasRunOutOfMemory } = yield* found(id)
        assert.strictEqual(exitCode, 137)
        if (product === "Podman") return
        assert.isTrue(hasRunOutOfMemory)
        const told = yield* docker.containerEvents(id).pipe(
          Stream.takeUntil(({ _tag }) => _tag === "Died"),
          Stream.runCollect
        )
        assert.includeMembers(
          told.map(({ _tag }) => _tag),
          ["OutOfMemory", "Died"]
        )
      })
    )

    test(
      "logs: a driver that the engine does not have is refused, and one that keeps nothing cannot be read",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const missing = yield* reasonOf(created("runs", { logConfig: { type: "no-such-driver", config: {} } }))
        assert.include(["RequestRefused", "EngineFailed"], missing._tag)
        const { id } = yield* created("runs", { logConfig: { type: "none", config: {} } }, false)
        yield* docker.startContainer(id)
        const { name: product } = yield* docker.ping
        // Podman reads nothing, without a word.
        if (product === "Docker") {
          assert.strictEqual((yield* reasonOf(docker.lastLogLines(id, 5)))._tag, "LogUnreadable")
        }
        assert.deepStrictEqual(yield* docker.logPlugins, [])
      })
    )

    test(
      "runtimes: a container may have each that the engine tells of, and no other",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { name: product } = yield* docker.ping
        // Podman drops the name.
        if (product === "Podman") return
        for (const runtime of (yield* docker.facts).runtimes.filter((name) => name.includes("runc"))) {
          const { id } = yield* created("runs", { runtime })
          yield* docker.startContainer(id)
          assert.strictEqual((yield* found(id)).status, "running", runtime)
        }
        const missing = yield* reasonOf(created("runs", { runtime: "no-such-runtime" }, false))
        assert.strictEqual(missing._tag, "RequestRefused")
        assert.include(missing.detail, "no-such-runtime")
      })
    )

    test(
      "a working directory that is not absolute is refused",
      Effect.gen(function* () {
        const reason = yield* reasonOf(created("runs", { workingDir: "srv" }))
        assert.include(["RequestRefused", "EngineFailed"], reason._tag)
      })
    )
  })
