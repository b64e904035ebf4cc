import { existsSync, mkdtempSync } from "node:fs"
import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { afterAll, beforeAll, inject } from "vitest"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { connectEngine } from "../../src/vm/engine/EngineConnection.ts"
import { dockerContract, DockerFixture, type ImageRole } from "../vm/engine/DockerContract.ts"
import { endContract } from "../vm/engine/EndContract.ts"
import { execContract } from "../vm/engine/ExecContract.ts"
import { networkContract } from "../vm/engine/NetworkContract.ts"
import { imageVolumeContract } from "../vm/engine/ImageVolumeContract.ts"
import { resourceContract } from "../vm/engine/ResourceContract.ts"
import { securityContract } from "../vm/engine/SecurityContract.ts"
import { type Engine, startEngine } from "./engineProcess.ts"
import { takenPort } from "./ports.ts"
import { bench, isPodman } from "./Vm.ts"

const names = {
  runs: "app:1",
  newer: "app:2",
  stubborn: "stubborn:1",
  done: "job:done",
  fails: "job:fails",
  healthy: "health:good",
  unhealthy: "health:bad",
  numbered: "user:numbered",
  missing: "nowhere:1"
} as const satisfies Partial<Record<ImageRole, string>>

describe.skipIf(inject("bench") === undefined)("a real engine", () => {
  let engine: Engine
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync("/tmp/slipway-docker-")
    const { googleProxy } = bench()
    engine = await startEngine(directory, {
      HTTP_PROXY: googleProxy,
      HTTPS_PROXY: googleProxy,
      NO_PROXY: "127.0.0.1"
    })
  })
  afterAll(() => engine.stop())

  const client = Layer.unwrap(Effect.sync(() => DockerClient.layer({ _tag: "Socket", path: engine.socketPath })))
  const fixture = Layer.effect(
    DockerFixture,
    Effect.sync(() => {
      const { registry, token } = bench()
      return DockerFixture.of({
        image: (role) =>
          role === "closed" ? "us-docker.pkg.dev/project/repository/app:1" : `${registry}/${names[role]}`,
        token,
        absentPath: `${directory}/absent`,
        pause: (id) =>
          connectEngine({ _tag: "Socket", path: engine.socketPath }).pipe(
            Effect.flatMap(({ call }) =>
              call({ operation: `pause container ${id}`, method: "POST", path: `/containers/${id}/pause` })
            ),
            Effect.scoped,
            Effect.orDie
          ),
        freePort: Effect.scoped(takenPort),
        takenPort
      })
    })
  )
  dockerContract("keeps the contract", Layer.merge(client, fixture), {
    run: TestClock.withLive,
    product: isPodman ? "Podman" : "Docker",
    checksHealth: !isPodman || existsSync("/run/systemd/system")
  })
  // Podman 5.8 starts a container that another one joins by itself, and tells signals by their numbers.
  if (!isPodman) {
    networkContract("keeps the contract of networks", Layer.merge(client, fixture), { run: TestClock.withLive })
    execContract("keeps the contract of commands", Layer.merge(client, fixture), { run: TestClock.withLive })
    endContract("keeps the contract of ends", Layer.merge(client, fixture), { run: TestClock.withLive })
    resourceContract("keeps the contract of resources", Layer.merge(client, fixture), { run: TestClock.withLive })
    imageVolumeContract("keeps the contract of image volumes", Layer.merge(client, fixture), {
      run: TestClock.withLive
    })
    securityContract("keeps the contract of security", Layer.merge(client, fixture), { run: TestClock.withLive })
  }
})
