import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import { created, type DockerHost } from "./DockerContract.ts"
import { type EngineRun, engineTest } from "./engineTest.ts"

/** What running commands in containers is to be, on whichever engine. */
export const execContract = (name: string, layer: Layer.Layer<DockerHost, unknown>, options: EngineRun) =>
  describe(name, () => {
    const test = engineTest(layer, options)

    test(
      "a command runs to its end: its exit code and both its outputs are told",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { id } = yield* created("runs")
        yield* docker.startContainer(id)
        const { exitCode, output } = yield* docker.exec(id, ["/bin/sh", "-c", "echo out; echo err >&2; exit 4"])
        assert.strictEqual(exitCode, 4)
        assert.sameMembers(output.split("\n"), ["out", "err", ""])
      })
    )

    test(
      "a command that is not there ends with 126 or 127, and the engine's words",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { id } = yield* created("runs")
        yield* docker.startContainer(id)
        const { exitCode, output } = yield* docker.exec(id, ["/no/such/program"])
        assert.include([126, 127], exitCode)
        assert.match(output, /no such file or directory|executable file not found/)
      })
    )

    test(
      "a container that does not run is a conflict, and one that is not there is not found",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { id } = yield* created("runs")
        const reasonOf = (idOrName: string) =>
          Effect.map(Effect.flip(docker.exec(idOrName, ["/bin/true"])), ({ reason }) => reason._tag)
        assert.strictEqual(yield* reasonOf(id), "Conflict")
        assert.strictEqual(yield* reasonOf("klt-none"), "NotFound")
      })
    )
  })
