import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { ContainerDescription, VmDescription } from "../../src/simulation/VmDescription.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"

const images = [
  { reference: "sandbox", local: true },
  { reference: "app", local: true },
  { reference: "web", local: true, listensOn: [{ port: 80 }] },
  { reference: "dns", local: true, listensOn: [{ port: 80, protocol: "udp" }] }
] as const satisfies VmDescription["images"]
const networks = [{ name: "pods", labels: {} }]
const onNetwork = { networkMode: { _tag: "Network", name: "pods" } } as const satisfies Partial<ContainerDescription>

const onVm = <E>(
  containers: ReadonlyArray<ContainerDescription>,
  body: (vm: SimulatedVm["Service"], docker: DockerClient["Service"]) => Effect.Effect<void, E>
) =>
  Effect.gen(function* () {
    return yield* body(yield* SimulatedVm, yield* DockerClient)
  }).pipe(Effect.provide(SimulatedVm.layer({ images, networks, containers })), runInVirtualTime)

const settle = (docker: DockerClient["Service"]) =>
  Effect.andThen(Effect.sleep(Duration.seconds(1)), docker.listContainers)

describe("containers on simulated networks", () => {
  it.effect("join another's: with the engine that starts again they are started only if that one runs already", () =>
    onVm(
      [
        { name: "sandbox", image: "sandbox", ...onNetwork, restartPolicy: "always" },
        {
          name: "app",
          image: "app",
          networkMode: { _tag: "Container", id: "sandbox" },
          restartPolicy: "always"
        }
      ],
      (vm, docker) =>
        Effect.gen(function* () {
          const [app, sandbox] = [vm.container("app")!, vm.container("sandbox")!]
          assert.deepStrictEqual([app.hostname, app.isUp, app.isCutOff], [sandbox.hostname, true, false])
          yield* vm.reboot
          assert.deepStrictEqual([sandbox.isUp, app.isUp], [true, false])
          assert.match(app.error, /^cannot join network of a non running container/)
          yield* docker.startContainer(app.id)
          assert.deepStrictEqual([app.isUp, app.isCutOff], [true, false])
          // Its network is that of the start that it joined.
          yield* docker.stopContainer(sandbox.id, Duration.seconds(1))
          assert.deepStrictEqual([app.isUp, app.isCutOff], [true, true])
          yield* docker.startContainer(sandbox.id)
          assert.isTrue(app.isCutOff)
          yield* docker.stopContainer(app.id, Duration.seconds(1))
          yield* docker.startContainer(app.id)
          assert.isFalse(app.isCutOff)
        })
    )
  )

  it.effect("listen on a port once in each network, and on the host only if it is not published", () =>
    onVm(
      [
        { name: "first", image: "web" },
        { name: "second", image: "web" },
        { name: "other protocol", image: "dns" },
        { name: "own network", image: "web", ...onNetwork },
        { name: "joined", image: "web", networkMode: { _tag: "Container", id: "own network" } },
        { name: "publishing", image: "app", ...onNetwork, ports: [{ containerPort: 1, protocol: "tcp", hostPort: 81 }] }
      ],
      (vm, docker) =>
        Effect.gen(function* () {
          const status = Effect.map(settle(docker), (all) =>
            Object.fromEntries(all.map(({ names: [name = ""], status, exitCode }) => [name, exitCode ?? status]))
          )
          assert.deepStrictEqual(yield* status, {
            first: "running",
            second: 1,
            "other protocol": "running",
            "own network": "running",
            joined: 1,
            publishing: "running"
          })
          assert.deepStrictEqual(vm.container("second")!.log, ["listen tcp :80: bind: address already in use"])
          yield* docker.stopContainer(vm.container("first")!.id, Duration.seconds(1))
          yield* docker.startContainer(vm.container("second")!.id)
          assert.strictEqual((yield* status)["second"], "running")
        })
    )
  )
})
