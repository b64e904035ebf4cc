import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import { CommandRunner } from "../vm/host/CommandRunner.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import { HostIdentity } from "../vm/host/HostIdentity.ts"
import { machineIdentity } from "../vm/host/machineIdentity.ts"
import { HostRandom, hostSeed } from "../vm/host/HostRandom.ts"
import { type AttachedDisk, MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { SecretManager } from "../vm/secrets/SecretManager.ts"
import { Processes } from "../vm/host/Processes.ts"
import { Prober } from "../vm/probes/Prober.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"
import { WelcomeScript } from "../vm/host/WelcomeScript.ts"
import type { VmServices } from "../vm/VmServices.ts"
import { type Call, type Calls, makeCalls } from "./Calls.ts"
import type { SimulatedContainer } from "./engine/SimulatedContainer.ts"
import { HostInForce, type HostServices, layerHostServices } from "./hostServices.ts"
import { makeSimulatedClock } from "./host/SimulatedClock.ts"
import { makeDisks, type SimulatedDisk } from "./host/SimulatedDisks.ts"
import { placeContainer } from "./engine/placeContainer.ts"
import { factsOf } from "./engine/simulatedFacts.ts"
import { makeSimulatedEngine, type SimulatedEngine } from "./engine/SimulatedEngine.ts"
import { SimulatedFiles } from "./host/SimulatedFiles.ts"
import { socketTable } from "./host/simulatedSockets.ts"
import { makeSimulatedHost, type SimulatedHost } from "./host/SimulatedHost.ts"
import { makeSimulatedMetadata, type MetadataManners } from "./network/SimulatedMetadata.ts"
import { makeSimulatedSecretManager } from "./network/SimulatedSecretManager.ts"
import type { SimulatedSecrets } from "./network/SimulatedSecrets.ts"
import { makeSimulatedProber } from "./network/SimulatedProber.ts"
import { SimulatedNetwork } from "./network/SimulatedNetwork.ts"
import { hexOf, makeImage } from "./network/SimulatedRegistry.ts"
import { type ImageDescription, simulatedAddress, type VmDescription } from "./VmDescription.ts"

/** A VM in memory: what tests inspect, and change from outside. */
export class SimulatedVm extends Context.Service<
  SimulatedVm,
  {
    readonly engine: SimulatedEngine
    readonly host: SimulatedHost
    /** Milliseconds since its beginning. */
    readonly now: Effect.Effect<number>
    /**
     * Its wall clock jumps by so many milliseconds, backwards if negative, as NTP makes it do at boot. No time passes.
     */
    readonly jumpClock: (millis: number) => void
    /** Every call to any of its services, in order. */
    readonly transcript: ReadonlyArray<Call>
    readonly disk: (deviceName: string) => SimulatedDisk
    /** `undefined` if there is none of this name. */
    readonly container: (name: string) => SimulatedContainer | undefined
    readonly setDeclaration: (text: string | undefined) => void
    /** How metadata deals with whoever asks for the declaration from now on. */
    readonly setMetadataManners: (manners: MetadataManners) => void
    /** The token that metadata returns from now on; null removes the service account. */
    readonly setToken: (token: string | null) => void
    /** What is in Secret Manager, and how it answers. */
    readonly secrets: SimulatedSecrets
    /** Whether Secret Manager can be reached from now on. */
    readonly setSecretManager: (isReachable: boolean) => void
    readonly setDiskMode: (deviceName: string, mode: AttachedDisk["mode"]) => void
    /** The cloud takes the VM back, or says from now on that it does not. The machine does not stop by itself. */
    readonly setPreempted: (isPreempted: boolean) => void
    /** What has been written into the guest attributes of the namespace `slipway`, by its key. */
    readonly guestAttributes: ReadonlyMap<string, string>
    /** Pushes an image to its registry; a tag moves to it. */
    readonly publish: (image: ImageDescription) => void
    readonly withdraw: (reference: string) => void
    /**
     * The machine reboots: a new boot id, no mounts, no firewall rules, and the engine starts containers by their
     * policies.
     */
    readonly reboot: Effect.Effect<void>
    /** Only the engine restarts. */
    readonly restartEngine: Effect.Effect<void>
    /** The fault of each call from now on; none if undefined. */
    readonly setFaults: Calls["setFaults"]
    /** The agent restarts after a crash. */
    readonly restartAgent: () => void
  }
>()("slipway/simulation/SimulatedVm") {
  /**
   * A VM as described, with all services that the startup flow needs. Each build of the layer is a separate VM, with a
   * network of its own unless one is given.
   */
  static readonly layer = (
    description: VmDescription = {},
    network?: SimulatedNetwork
  ): Layer.Layer<SimulatedVm | VmServices> =>
    Layer.fresh(
      layerMemories(description).pipe(
        Layer.provideMerge(layerHostServices),
        Layer.provideMerge(
          Layer.effectContext(Effect.suspend(() => makeVm(description, network ?? new SimulatedNetwork())))
        )
      )
    )
}

/** One of many VMs, which share a network and what `layerSharedHostServices` builds. It has no transcript. */
export const layerOfMany = (
  description: VmDescription,
  network: SimulatedNetwork,
  shared: Context.Context<HostServices>
): Layer.Layer<SimulatedVm | VmServices> =>
  Layer.fresh(
    Layer.provideMerge(
      layerMemories(description),
      Layer.effectContext(
        Effect.map(makeVm(description, network, false), (own) =>
          Context.merge(shared, Context.add(own, HostInForce, Context.get(own, CommandRunner)))
        )
      )
    )
  )

/** Those that remember something of their VM. */
const layerMemories = (description: VmDescription) =>
  Layer.mergeAll(WelcomeScript.layer(), StatusFile.layer(), layerIdentity(description))

const layerIdentity = ({ hostname = "vm", address = simulatedAddress }: VmDescription) =>
  Layer.effect(
    HostIdentity,
    Effect.map(HostFiles, (files) =>
      HostIdentity.of({
        name: Effect.succeed(hostname),
        address: Effect.succeedSome(address),
        machine: machineIdentity(files)
      })
    )
  )

const makeVm = Effect.fnUntraced(function* (description: VmDescription, network: SimulatedNetwork, isRecorded = true) {
  const hostname = description.hostname ?? "vm"
  const seed = `${description.seed ?? 0}`
  const calls = yield* makeCalls(seed, isRecorded)
  const { clock, jump: jumpClock } = yield* makeSimulatedClock
  const files = new SimulatedFiles()
  for (const directory of ["/etc/profile.d", "/mnt", "/run", "/var/lib"]) files.root.makeDirectory(directory)
  files.write("/dev/null", "")
  for (let number = 0; number < (description.gpus ?? 0); number++) files.write(`/dev/nvidia${number}`, "")
  for (const [path, target] of Object.entries(description.links ?? {})) files.link(path, target)
  files.write("/sys/class/dmi/id/product_uuid", `${hexOf(`${seed}/${hostname}`).slice(0, 32)}\n`)
  const disks = makeDisks(description.disks ?? [])
  const publish = (image: ImageDescription) => network.registry.publish(image.reference, makeImage(image))
  let now = 0
  let bootedAt = 0
  let boot = 0

  const engine = makeSimulatedEngine({
    calls,
    files,
    network,
    seed: `${seed}/${hostname}`,
    hostname,
    bytesPerSecond: description.bytesPerSecond ?? 50_000_000,
    product: description.engine ?? "Docker",
    apiVersion: description.apiVersion,
    imageStore: description.imageStore,
    facts: factsOf(description)
  })
  const host = makeSimulatedHost({
    calls: {
      ...calls,
      // The host's programs are plain functions, which read the time noted here.
      receive: (received, answer) =>
        calls.receive(
          received,
          Effect.flatMap(calls.now, (at) => ((now = at), answer))
        )
    },
    files,
    disks,
    hasIpv6: description.ipv6 ?? true,
    hasXfsprogs: description.xfsprogs ?? true,
    uptime: () => now - bootedAt,
    bootTime: () => `boot ${boot}`,
    sockets: (protocol) => socketTable(engine.containers, protocol),
    isHeld: (disk) => engine.containers.some(({ isUp, seen }) => isUp && seen.some(({ on }) => on === disk))
  })

  for (const image of description.images ?? []) {
    if (image.remote ?? true) publish(image)
    if (image.local ?? false) engine.load(image.reference, makeImage(image))
  }
  for (const network of description.networks ?? []) engine.addNetwork(network)
  yield* Effect.forEach(description.containers ?? [], (container) => placeContainer(engine, container))

  const metadata = makeSimulatedMetadata(description, calls, network)

  const secretManager = makeSimulatedSecretManager(description, calls, metadata.provider)

  const vm = SimulatedVm.of({
    engine,
    host,
    now: calls.now,
    jumpClock,
    transcript: calls.transcript,
    disk: (deviceName) => {
      const found = disks.find(({ link }) => link.endsWith(`google-${deviceName}`))
      if (found === undefined) throw new Error(`the simulated VM has no disk ${deviceName}`)
      return found
    },
    container: (name) => engine.containers.find((container) => container.name === name),
    setDeclaration: metadata.setDeclaration,
    setMetadataManners: metadata.setManners,
    setToken: metadata.setToken,
    secrets: secretManager.secrets,
    setSecretManager: secretManager.setReachable,
    setDiskMode: metadata.setDiskMode,
    setPreempted: metadata.setPreempted,
    guestAttributes: metadata.guestAttributes,
    publish,
    withdraw: (reference) => network.registry.withdraw(reference),
    reboot: Effect.gen(function* () {
      yield* engine.halt
      files.reboot()
      host.setSystemState("running")
      metadata.setPreempted(false)
      host.ipv4.clear()
      host.ipv6?.clear()
      boot += 1
      now = yield* calls.now
      bootedAt = now
      yield* engine.resume
    }),
    restartEngine: Effect.andThen(engine.halt, engine.resume),
    setFaults: calls.setFaults,
    restartAgent: calls.restartAgent
  })

  // Read when a run begins: the boot may have changed by then.
  const hostRandom = HostRandom.of({
    get seed() {
      return hostSeed(`${hostname}-${seed}`, `boot-${boot}`)
    }
  })
  return Context.make(SimulatedVm, vm).pipe(
    Context.add(Clock.Clock, clock),
    Context.add(CommandRunner, host.runner),
    Context.add(DockerClient, engine.client),
    Context.add(MetadataProvider, metadata.provider),
    Context.add(SecretManager, secretManager.manager),
    Context.add(Prober, makeSimulatedProber(calls, engine)),
    Context.add(Processes, calls.processes),
    Context.add(HostRandom, hostRandom),
    Context.add(Random.Random, yield* Random.withSeed(Effect.service(Random.Random), hostRandom.seed))
  )
})
