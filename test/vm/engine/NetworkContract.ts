import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { ContainerSpec } from "../../../src/vm/engine/ContainerSpec.ts"
import { DockerClient } from "../../../src/vm/engine/DockerClient.ts"
import { reapingSandboxImage, sandboxArchitecture, sandboxImage } from "../../../src/vm/engine/SandboxImage.ts"
import { created, DockerFixture, type DockerHost, found, reasonOf, specOf } from "./DockerContract.ts"
import { type EngineRun, engineTest } from "./engineTest.ts"

const label = "contract.network"
let made = 0

/** A bridge network, removed when the test ends. */
const network = Effect.gen(function* () {
  const docker = yield* DockerClient
  const name = `contract-network-${made++}`
  const id = yield* Effect.acquireRelease(docker.createNetwork({ name, labels: { [label]: "of ours" } }), () =>
    Effect.ignore(docker.removeNetwork(name))
  )
  return { id, name }
})

const architecture = Effect.gen(function* () {
  const found = sandboxArchitecture(yield* (yield* DockerClient).architecture)
  return found ?? assert.fail("there is no sandbox for this machine")
})

const imported = Effect.gen(function* () {
  const docker = yield* DockerClient
  const { archive, changes, reference } = sandboxImage
  yield* docker.importImage(archive(yield* architecture), reference, changes)
})

/** A container of the sandbox's image on a network of its own, or as told; removed when the test ends. */
const sandbox = Effect.fnUntraced(function* (changed: Partial<ContainerSpec> = {}) {
  yield* imported
  const { name } = yield* network
  return yield* created(
    "runs",
    {
      image: sandboxImage.reference.text,
      networkMode: { _tag: "Network", name },
      stopSignal: "SIGKILL",
      ...changed
    },
    false
  )
})

/** What a Docker engine does with networks, and with containers that have one of another. */
export const networkContract = (name: string, layer: Layer.Layer<DockerHost, unknown>, options: EngineRun): void => {
  const test = engineTest(layer, options)

  describe(name, () => {
    test(
      "a network is created once, found by its label, and removed",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { id, name } = yield* network
        const listed = yield* docker.listNetworks(label)
        assert.deepStrictEqual(
          listed.filter((one) => one.id === id),
          [{ id, name, labels: { [label]: "of ours" } }]
        )
        assert.isFalse((yield* docker.listNetworks("contract.other")).some((one) => one.id === id))
        assert.strictEqual((yield* reasonOf(docker.createNetwork({ name, labels: {} })))._tag, "Conflict")
        assert.strictEqual(yield* docker.removeNetwork(name), "removed")
        assert.strictEqual(yield* docker.removeNetwork(name), "absent")
        assert.isFalse((yield* docker.listNetworks(label)).some((one) => one.id === id))
      })
    )

    test(
      "an image is made of a tar, without a registry",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        yield* imported
        const held = Option.getOrThrow(yield* docker.inspectImage(sandboxImage.reference))
        assert.deepStrictEqual(held.config.entrypoint, ["/pause"])
        assert.isAbove(held.sizeBytes, 0)
        // Again: the tag moves to an image of the same content.
        yield* imported
        assert.isTrue(Option.isSome(yield* docker.inspectImage(sandboxImage.reference)))
        const wrong = docker.importImage(sandboxImage.archive("amd64"), sandboxImage.reference, ["COPY a b"])
        assert.strictEqual((yield* reasonOf(wrong))._tag, "RequestRefused")
      })
    )

    test(
      "a container tells its network, name, hosts, DNS settings and ports; while it runs, its address and what is published",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { freePort } = yield* DockerFixture
        const ports = [
          { containerPort: 53, protocol: "udp", hostPort: yield* freePort },
          { containerPort: 80, protocol: "tcp", hostPort: yield* freePort },
          { containerPort: 80, protocol: "tcp", hostPort: yield* freePort, hostIp: "127.0.0.1" }
        ] as const
        const declared = {
          hostname: "pod",
          extraHosts: [
            { name: "db", address: "192.0.2.1" },
            { name: "db6", address: "2001:db8::1" }
          ],
          dns: { nameservers: ["192.0.2.53"], searches: ["example.org"], options: ["ndots:2"] },
          stopSignal: "SIGKILL"
        } as const
        const { id, spec } = yield* sandbox({ ...declared, ports: ports.toReversed() })
        const summary = Effect.map(docker.listContainers, (all) => all.find((one) => one.id === id))
        const fresh = yield* found(id)
        const { hostname, extraHosts, dns, stopSignal, networkMode } = fresh.config
        assert.deepStrictEqual({ hostname, extraHosts, dns, stopSignal }, declared)
        assert.deepStrictEqual(networkMode, spec.networkMode)
        assert.sameDeepMembers([...fresh.config.ports], [...ports])
        assert.deepStrictEqual([fresh.address, (yield* summary)?.ports], [undefined, []])
        yield* docker.startContainer(id)
        assert.match((yield* found(id)).address ?? "", /^\d+\.\d+\.\d+\.\d+$/)
        assert.sameDeepMembers([...((yield* summary)?.ports ?? [])], [...ports])
        const name = networkMode !== "host" && networkMode._tag === "Network" ? networkMode.name : ""
        assert.strictEqual(yield* docker.removeNetwork(name), "in use")
        // It has no default action for SIGTERM.
        yield* docker.stopContainer(id, Duration.minutes(5))
        const ended = yield* found(id)
        assert.deepStrictEqual([ended.status, ended.exitCode, ended.address], ["exited", 137, undefined])
        assert.strictEqual(yield* docker.removeNetwork(name), "removed")
        assert.strictEqual((yield* reasonOf(docker.startContainer(id)))._tag, "NotFound")
      })
    )

    test(
      "a container joins another's network while that runs, and runs on when it ends",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const shared = yield* sandbox({ hostname: "pod" })
        const joining = yield* created("runs", { networkMode: { _tag: "Container", id: shared.id } })
        const start = docker.startContainer(joining.id)
        assert.strictEqual((yield* reasonOf(start))._tag, "Conflict")
        assert.match((yield* found(joining.id)).error, /cannot join network( namespace)? of a non running container/)
        yield* docker.startContainer(shared.id)
        yield* start
        const up = yield* found(joining.id)
        assert.deepStrictEqual(
          [up.status, up.error, up.address, up.config.hostname, up.config.networkMode],
          ["running", "", undefined, "pod", { _tag: "Container", id: shared.id }]
        )
        yield* docker.stopContainer(shared.id, Duration.seconds(1))
        assert.strictEqual((yield* found(joining.id)).status, "running")
        yield* docker.stopContainer(joining.id, Duration.seconds(10))
        assert.strictEqual((yield* reasonOf(start))._tag, "Conflict")
        yield* docker.startContainer(shared.id)
        yield* start
        yield* docker.removeContainer(shared.id)
        assert.strictEqual((yield* found(joining.id)).status, "running")
        yield* docker.stopContainer(joining.id, Duration.seconds(10))
        const reason = yield* reasonOf(start)
        assert.deepStrictEqual([reason._tag, reason.detail.includes(shared.id)], ["NotFound", true])
      })
    )

    test(
      "a container joins another's processes while that runs, and is killed when it ends",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { archive, changes, reference } = reapingSandboxImage
        yield* docker.importImage(archive(yield* architecture), reference, changes)
        const shared = yield* created(
          "runs",
          { image: reference.text, networkMode: "host", stopSignal: "SIGKILL" },
          false
        )
        const pid = { _tag: "Container", id: shared.id } as const
        const joining = yield* created("runs", { namespaces: { pid } })
        assert.isTrue(yield* Effect.isFailure(docker.startContainer(joining.id)))
        assert.match(
          (yield* found(joining.id)).error,
          /cannot join PID namespace of a non running container|is not running$/
        )
        yield* docker.startContainer(shared.id)
        yield* docker.startContainer(joining.id)
        const up = yield* found(joining.id)
        assert.deepStrictEqual([up.status, up.error, up.config.namespaces], ["running", "", { pid }])
        yield* docker.stopContainer(shared.id, Duration.seconds(1))
        yield* docker.awaitEnd(joining.id)
        const killed = yield* found(joining.id)
        assert.deepStrictEqual([killed.status, killed.exitCode], ["exited", 137])
      })
    )

    test(
      "the IPC of another container can be joined if that runs and may be shared",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const [shared, alone] = [yield* sandbox({ namespaces: { ipc: "shareable" } }), yield* sandbox()]
        const joiningOf = (id: string) => created("runs", { namespaces: { ipc: { _tag: "Container", id } } })
        const joining = yield* joiningOf(shared.id)
        assert.isTrue(yield* Effect.isFailure(docker.startContainer(joining.id)))
        yield* docker.startContainer(shared.id)
        yield* docker.startContainer(alone.id)
        yield* docker.startContainer(joining.id)
        const ipc = { _tag: "Container", id: shared.id } as const
        assert.deepStrictEqual((yield* found(joining.id)).config.namespaces, { ipc })
        const refused = yield* joiningOf(alone.id)
        assert.isTrue(yield* Effect.isFailure(docker.startContainer(refused.id)))
        assert.match((yield* found(refused.id)).error, /non-shareable IPC/)
      })
    )

    test(
      "a name is as good as an id, for as long as the container has it: the engine keeps the id",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const shared = yield* sandbox()
        yield* docker.startContainer(shared.id)
        const joining = yield* created("runs", { networkMode: { _tag: "Container", id: shared.name } })
        yield* docker.renameContainer(shared.id, `${shared.name}-renamed`)
        yield* docker.startContainer(joining.id)
        assert.deepStrictEqual((yield* found(joining.id)).config.networkMode, { _tag: "Container", id: shared.id })
      })
    )

    test(
      "what belongs to a network is refused for a container that joins another's",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { freePort } = yield* DockerFixture
        const shared = yield* sandbox()
        const networkMode = { _tag: "Container", id: shared.id } as const
        yield* created("runs")
        for (const changed of [
          { hostname: "other" },
          { extraHosts: [{ name: "db", address: "192.0.2.1" }] },
          { dns: { nameservers: ["192.0.2.53"], searches: [], options: [] } },
          { ports: [{ containerPort: 80, protocol: "tcp", hostPort: yield* freePort }] }
        ] as const) {
          const spec = yield* specOf("runs", { ...changed, networkMode })
          assert.strictEqual((yield* reasonOf(docker.createContainer(spec)))._tag, "RequestRefused")
        }
      })
    )

    test(
      "a port of the host is published once, and not while something else listens on it",
      Effect.gen(function* () {
        const docker = yield* DockerClient
        const { freePort, takenPort } = yield* DockerFixture
        const hostPort = yield* freePort
        const publishing = (hostPort: number, protocol: "tcp" | "udp" = "tcp") =>
          sandbox({ ports: [{ containerPort: 80, protocol, hostPort }] })
        const first = yield* publishing(hostPort)
        const second = yield* publishing(hostPort)
        yield* docker.startContainer(first.id)
        const reason = yield* reasonOf(docker.startContainer(second.id))
        assert.strictEqual(reason._tag, "PortTaken")
        assert.include(reason.detail, `${hostPort}`)
        const refused = yield* found(second.id)
        assert.deepStrictEqual([refused.status, refused.exitCode], ["created", 128])
        yield* docker.startContainer((yield* publishing(hostPort, "udp")).id)
        yield* docker.stopContainer(first.id, Duration.seconds(1))
        yield* docker.startContainer(second.id)
        assert.strictEqual((yield* reasonOf(docker.startContainer(first.id)))._tag, "PortTaken")

        const taken = yield* publishing(yield* takenPort)
        assert.strictEqual((yield* reasonOf(docker.startContainer(taken.id)))._tag, "PortTaken")
      })
    )
  })
}
