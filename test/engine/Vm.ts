import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Vitest } from "@effect/vitest"
import { assert, inject } from "vitest"
import { networkLabel } from "../../src/observation/Ownership.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { startup } from "../../src/startup/startup.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { HostRandom } from "../../src/vm/host/HostRandom.ts"
import { MetadataProvider } from "../../src/vm/metadata/MetadataProvider.ts"
import { SecretManager } from "../../src/vm/secrets/SecretManager.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { type Engine, startEngine } from "./engineProcess.ts"
import { engineUnderTest } from "./engines.ts"
import { makeMetadataServer, type MetadataContent } from "./MetadataServer.ts"
import { makeSecretManagerServer, type SecretManagerServer } from "./SecretManagerServer.ts"
import { layerRealHost } from "./RealHost.ts"

/** A VM made of this machine: an engine and a metadata server of its own, and the host's real commands. */
export class Vm extends Context.Service<
  Vm,
  {
    readonly engine: Engine
    readonly metadataHost: string
    readonly metadata: MetadataContent
    readonly secretManager: SecretManagerServer
    /** Runs the docker command against the engine; gives what it printed. */
    readonly docker: (...args: ReadonlyArray<string>) => Effect.Effect<string>
    /** `docker inspect`, one object. */
    readonly inspect: (container: string) => Effect.Effect<Inspection>
    /** Names of all containers, in the engine's order. */
    readonly containers: Effect.Effect<ReadonlyArray<string>>
  }
>()("slipway/test/Vm") {}

/** What `docker inspect` prints of a container, as far as tests look. */
export interface Inspection {
  readonly Id: string
  readonly Name: string
  readonly Config: Record<string, unknown> & {
    readonly Env: ReadonlyArray<string>
    readonly Labels: Record<string, string>
  }
  readonly HostConfig: Record<string, unknown> & { readonly RestartPolicy: { readonly Name: string } }
  readonly Mounts: ReadonlyArray<Record<string, unknown>>
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly StartedAt: string }
}

/** Of what Podman does otherwise the tests know. */
export const isPodman = engineUnderTest().serves === "podman"

/** The registries that the global set-up has filled. Only called where the tests run at all. */
export const bench = () => {
  const found = inject("bench")
  if (found === undefined) throw new Error("no bench: these tests are to be skipped")
  return found
}

const vm = Layer.effect(
  Vm,
  Effect.gen(function* () {
    const runner = yield* CommandRunner
    const directory = (yield* Effect.orDie(
      runner.run({ program: "mktemp", args: ["-d", "/tmp/slipway-vm-XXXXXX"] })
    )).stdout.trim()
    const proxy = bench().googleProxy
    const engine = yield* Effect.acquireRelease(
      Effect.promise(() => startEngine(directory, { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: "127.0.0.1" })),
      (engine) => Effect.promise(() => engine.stop())
    )
    const { host, content } = yield* makeMetadataServer
    const secretManager = yield* makeSecretManagerServer
    const docker = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
      const result = yield* Effect.orDie(runner.run({ program: "docker", args: ["-H", engine.host, ...args] }))
      if (result.exitCode !== 0) return yield* Effect.die(new Error(`docker ${args.join(" ")}: ${result.stderr}`))
      return result.stdout
    })
    const { mountRoot } = yield* HostFixture
    yield* Effect.addFinalizer(() =>
      Effect.all([removeContainers(docker), removeNetworks(docker), unmountAll(runner, mountRoot)])
    )
    return Vm.of({
      engine,
      metadataHost: host,
      metadata: content,
      secretManager,
      docker,
      inspect: (container) => Effect.map(docker("inspect", container), (json) => (JSON.parse(json) as [Inspection])[0]),
      containers: Effect.map(docker("ps", "--all", "--format", "{{.Names}}"), (text) =>
        text.split("\n").filter((name) => name !== "")
      )
    })
  })
)

const services = Layer.unwrap(
  Effect.gen(function* () {
    const { engine, metadataHost, secretManager } = yield* Vm
    return Layer.merge(
      DockerClient.layer({ _tag: "Socket", path: engine.socketPath }),
      SecretManager.layer(secretManager.url).pipe(
        Layer.provideMerge(MetadataProvider.layer(metadataHost)),
        Layer.provide(NodeHttpClient.layerNodeHttp)
      )
    )
  })
)

/** Everything that the flow needs, for real. */
export const layerVm = services.pipe(
  Layer.provideMerge(vm),
  Layer.provideMerge(Layer.merge(layerRealHost("default"), HostRandom.layerSeed("host/first-boot")))
)

/** Boots the VM with the declaration as its metadata has it. Its mounts are the host's own, below its mount root. */
export const boot = Effect.fnUntraced(function* (declaration: string, settings: Partial<typeof defaultSettings> = {}) {
  const { metadata } = yield* Vm
  const { mountRoot } = yield* HostFixture
  metadata.attributes["gce-container-declaration"] = declaration
  return yield* startup({
    ...defaultSettings,
    declaration: Option.none(),
    mountRoot,
    confirm: Duration.millis(700),
    ...settings
  })
})

/** Boots what must come up. */
export const started = Effect.fnUntraced(function* (...args: Parameters<typeof boot>) {
  const report = yield* boot(...args)
  return report._tag === "Running" ? report : assert.fail(`the run came to ${report._tag}`)
})

/** The same of one container. */
export const startedAlone = Effect.fnUntraced(function* (...args: Parameters<typeof boot>) {
  const report = yield* started(...args)
  assert.lengthOf(report.containers, 1)
  return { ...report, ...report.containers[0] }
})

/** What is known of the VM's one container, which runs; whatever else is there fails the test. */
export const onlyRunning = Effect.gen(function* () {
  const vm = yield* Vm
  const names = yield* vm.containers
  assert.lengthOf(names, 1, `there are ${names.join(", ")}`)
  const found = yield* vm.inspect(names[0]!)
  assert.strictEqual(found.State.Status, "running")
  return found
})

/** What a shell in the one container prints. */
export const inside = Effect.fnUntraced(function* (script: string) {
  const { docker } = yield* Vm
  const { Id } = yield* onlyRunning
  return (yield* docker("exec", Id, "/bin/busybox", "sh", "-c", script)).trim()
})

/** What a program of the host prints, which must succeed. */
export const runOnHost = Effect.fnUntraced(function* (program: string, ...args: ReadonlyArray<string>) {
  const runner = yield* CommandRunner
  const { exitCode, stdout, stderr } = yield* runner.run({ program, args })
  assert.strictEqual(exitCode, 0, stderr)
  return stdout.trim()
})

/** As after a reboot: nothing runs, nothing is mounted. */
export const reboot = Effect.gen(function* () {
  const { engine } = yield* Vm
  const { mountRoot } = yield* HostFixture
  yield* Effect.promise(engine.halt)
  yield* unmountAll(yield* CommandRunner, mountRoot)
  yield* Effect.promise(engine.resume)
})

/** Leaves the VM as it was before its first boot, for the next test. */
export const clear = Effect.gen(function* () {
  const { docker, metadata, secretManager } = yield* Vm
  const { mountRoot, statePath } = yield* HostFixture
  const runner = yield* CommandRunner
  yield* removeContainers(docker)
  yield* unmountAll(runner, mountRoot)
  yield* Effect.orDie(runner.run({ program: "rm", args: ["-r", "-f", "--one-file-system", "--", statePath] }))
  metadata.attributes = {}
  metadata.disks = []
  metadata.token = undefined
  metadata.expiredTokens = 0
  metadata.preemptible = false
  metadata.preempted = false
  metadata.asked.length = 0
  secretManager.clear()
})

const removeContainers = Effect.fnUntraced(function* (docker: Vm["Service"]["docker"]) {
  const ids = (yield* docker("ps", "--all", "--quiet")).split("\n").filter((id) => id !== "")
  if (ids.length > 0) yield* docker("rm", "--force", ...ids)
})

/** An engine that ends leaves the bridges of its networks to the machine, which has room for some thirty. */
const removeNetworks = Effect.fnUntraced(function* (docker: Vm["Service"]["docker"]) {
  const ids = (yield* docker("network", "ls", "--quiet", "--filter", `label=${networkLabel}`)).split("\n")
  for (const id of ids.filter((id) => id !== "")) yield* docker("network", "rm", id)
})

/** Unmounts all that is at and below the mount root, as a shutdown does. */
export const unmountAll = Effect.fnUntraced(function* (runner: CommandRunner["Service"], mountRoot: string) {
  const { stdout } = yield* runner.run({ program: "cat", args: ["/proc/self/mounts"] })
  const targets = stdout
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((target) => target === mountRoot || target.startsWith(`${mountRoot}/`))
  for (const target of targets.toReversed()) yield* runner.run({ program: "umount", args: [target] })
}, Effect.orDie)

/** Defines tests of a VM on which nothing is left of the test before. */
export const onClearVm =
  (it: Vitest.MethodsNonLive<Layer.Success<typeof layerVm>>) =>
  <E>(title: string, body: () => Effect.Effect<void, E, Layer.Success<typeof layerVm> | Scope.Scope>) =>
    it.effect(title, () => Effect.andThen(clear, Effect.suspend(body)))
