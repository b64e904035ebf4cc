import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import type { ImageDescription } from "../../src/simulation/VmDescription.ts"
import { dockerContract, DockerFixture, type ImageRole } from "../vm/engine/DockerContract.ts"
import { endContract } from "../vm/engine/EndContract.ts"
import { execContract } from "../vm/engine/ExecContract.ts"
import { networkContract } from "../vm/engine/NetworkContract.ts"
import { imageVolumeContract } from "../vm/engine/ImageVolumeContract.ts"
import { resourceContract } from "../vm/engine/ResourceContract.ts"
import { securityContract } from "../vm/engine/SecurityContract.ts"

const token = "the-token"
const reference = (role: ImageRole): string =>
  role === "newer" ? "registry.example/runs:2" : `registry.example/${role}:1`
const images: ReadonlyArray<ImageDescription> = [
  {
    reference: reference("runs"),
    programs: ["/bin/sh"],
    cmd: ["/bin/sh"],
    env: { FROM_IMAGE: "image" },
    behaviour: { _tag: "Runs", log: ["up"] },
    commands: {
      "/bin/sh -c echo out; echo err >&2; exit 4": { _tag: "Exits", afterMillis: 10, exitCode: 4, log: ["out", "err"] },
      "/bin/sh -c while dd if=/dev/zero of=/dev/null bs=64M count=1 || :; do sleep 1; done": {
        _tag: "Runs",
        stopsAfterMillis: 60_000,
        memory: { afterMillis: 10, bytes: 64 * 2 ** 20, ofChild: true }
      }
    }
  },
  { reference: reference("newer") },
  { reference: reference("stubborn"), behaviour: { _tag: "Runs", stopsAfterMillis: 60_000 } },
  { reference: reference("done"), behaviour: { _tag: "Exits", afterMillis: 20, exitCode: 0 } },
  {
    reference: reference("fails"),
    behaviour: { _tag: "Exits", afterMillis: 20, exitCode: 3, log: ["started", "no database"] }
  },
  {
    reference: reference("healthy"),
    behaviour: { _tag: "Runs", health: { afterMillis: 100, status: "healthy" } }
  },
  {
    reference: reference("unhealthy"),
    behaviour: { _tag: "Runs", health: { afterMillis: 100, status: "unhealthy" } }
  },
  { reference: reference("closed"), token },
  { reference: reference("numbered"), user: "1000:2000" },
  { reference: "registry.example/listener", local: true, listensOn: [{ port: 9_000 }] }
]
const containers = [{ name: "listener", image: "registry.example/listener" }]

let port = 20_000
const fixtureOf = ({ engine }: SimulatedVm["Service"]): DockerFixture["Service"] => ({
  image: reference,
  token,
  absentPath: "/srv/absent",
  pause: engine.pause,
  freePort: Effect.sync(() => port++),
  takenPort: Effect.succeed(9_000)
})

describe("the simulated engine", () => {
  for (const [name, kind] of [
    ["Docker, with a graph driver", { engine: "Docker", imageStore: "graph driver" }],
    ["Docker, with the containerd store", { engine: "Docker", imageStore: "containerd" }],
    ["Docker 28", { engine: "Docker", imageStore: "graph driver", apiVersion: "1.51" }],
    ["Podman", { engine: "Podman", imageStore: "graph driver" }]
  ] as const) {
    const layer = Layer.effect(DockerFixture, Effect.map(SimulatedVm, fixtureOf)).pipe(
      Layer.provideMerge(SimulatedVm.layer({ images, containers, ...kind }))
    )
    dockerContract(`keeps the contract as ${name}`, layer, { run: runInVirtualTime, product: kind.engine })
    execContract(`keeps the contract of commands as ${name}`, layer, { run: runInVirtualTime })
    endContract(`keeps the contract of ends as ${name}`, layer, { run: runInVirtualTime })
    resourceContract(`keeps the contract of resources as ${name}`, layer, { run: runInVirtualTime })
    imageVolumeContract(`keeps the contract of image volumes as ${name}`, layer, { run: runInVirtualTime })
    // What Podman does otherwise is not simulated.
    if (kind.engine === "Podman") continue
    networkContract(`keeps the contract of networks as ${name}`, layer, { run: runInVirtualTime })
    securityContract(`keeps the contract of security as ${name}`, layer, { run: runInVirtualTime })
  }
})
