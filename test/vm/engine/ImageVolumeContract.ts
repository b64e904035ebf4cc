import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import { speaks } from "../../../src/vm/engine/EngineProduct.ts"
import { created, type DockerHost, found, pulled, reasonOf, reference, specOf } from "./DockerContract.ts"
import { type EngineRun, engineTest } from "./engineTest.ts"

/** What an engine makes of an image that is to be mounted, on whichever engine. */
export const imageVolumeContract = (name: string, layer: Layer.Layer<DockerHost, unknown>, options: EngineRun) =>
  describe(name, () => {
    const test = engineTest(layer, options)

    test(
      "an image is mounted into a container, which tells it, if the engine is new enough, and refused if not",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const product = yield* docker.ping
        if (product.name === "Podman") return
        yield* pulled("runs")
        const { image } = yield* specOf("runs")
        const imageMounts = [{ source: image, target: "/image" }]
        if (!speaks(product, 1, 48)) {
          const reason = yield* reasonOf(created("runs", { imageMounts }))
          assert.strictEqual(reason._tag, "MountRefused")
          assert.match(reason.detail, /mount type unknown/)
          return
        }
        const { id } = yield* created("runs", { imageMounts })
        assert.deepStrictEqual((yield* found(id)).config.imageMounts, imageMounts)
        assert.deepStrictEqual((yield* found(id)).config.mounts, [])
        yield* docker.startContainer(id)
        assert.strictEqual((yield* found(id)).status, "running")

        const part = [{ source: image, target: "/image", subPath: "no/such/file" }]
        const other = yield* created("runs", { imageMounts: part }, false)
        assert.deepStrictEqual((yield* found(other.id)).config.imageMounts, part)
        const missing = [{ source: "registry.invalid/none:1", target: "/image" }]
        assert.match((yield* reasonOf(created("runs", { imageMounts: missing }, false)))._tag, /NotFound/)
      })
    )

    test(
      "an image that is only mounted can be removed, and what has it mounted keeps it",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const product = yield* docker.ping
        if (product.name === "Podman" || !speaks(product, 1, 48)) return
        yield* pulled("runs")
        yield* pulled("newer")
        const mounted = yield* reference("newer")
        const { id } = Option.getOrThrow(yield* docker.inspectImage(mounted))
        const imageMounts = [{ source: mounted.text, target: "/image" }]
        const container = yield* created("runs", { imageMounts }, false)
        yield* docker.startContainer(container.id)
        assert.strictEqual(yield* docker.removeImage(id), "removed")
        yield* docker.stopContainer(container.id, Duration.seconds(1))
        yield* docker.startContainer(container.id)
        assert.strictEqual((yield* found(container.id)).status, "running")
      })
    )
  })
