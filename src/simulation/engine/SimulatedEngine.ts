import * as Effect from "effect/Effect"
import type { NetworkSpec } from "../../vm/engine/ContainerNetwork.ts"
import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../../vm/engine/DockerClient.ts"
import type { EngineFacts } from "../../vm/engine/EngineFacts.ts"
import type { EngineProduct } from "../../vm/engine/EngineProduct.ts"
import type { NetworkSummary } from "../../vm/engine/Inspection.ts"
import type { Calls } from "../Calls.ts"
import { wallMillis } from "../host/SimulatedClock.ts"
import type { SimulatedFiles } from "../host/SimulatedFiles.ts"
import type { SimulatedNetwork } from "../network/SimulatedNetwork.ts"
import type { SimulatedImage } from "../network/SimulatedRegistry.ts"
import type { VmDescription } from "../VmDescription.ts"
import { containerRequests } from "./containerRequests.ts"
import { unmountImages } from "./engineMounts.ts"
import type { EngineParts } from "./EngineParts.ts"
import { EngineRequests } from "./EngineRequests.ts"
import { imageRequests } from "./imageRequests.ts"
import { networkRequests } from "./networkRequests.ts"
import { execRequests } from "./execRequests.ts"
import { outputRequests } from "./outputRequests.ts"
import type { SimulatedContainer } from "./SimulatedContainer.ts"
import { SimulatedContainers } from "./SimulatedContainers.ts"
import { SimulatedImages } from "./SimulatedImages.ts"
import { SimulatedNetworks } from "./SimulatedNetworks.ts"
import { startContainer, surroundingsOf } from "./startContainer.ts"

/** The simulated VM's Docker engine. */
export interface SimulatedEngine {
  readonly containers: ReadonlyArray<SimulatedContainer>
  /** Those that have been removed too, oldest first. */
  readonly containersEver: ReadonlyArray<SimulatedContainer>
  /** By `domain/path:tag`. */
  readonly images: ReadonlyMap<string, SimulatedImage>
  readonly networks: ReadonlyArray<NetworkSummary>
  readonly client: DockerClient["Service"]
  /** Brings all containers up to the present, which it returns. */
  readonly settled: Effect.Effect<number>
  /** Adds an image without a pull. */
  readonly load: (reference: string, image: SimulatedImage) => void
  /** Adds a network without a call. */
  readonly addNetwork: (spec: NetworkSpec) => void
  /** Adds a container without a call. */
  readonly place: (spec: ContainerSpec, running: boolean) => Effect.Effect<SimulatedContainer>
  /** The engine keeps the name, until it goes down, for a container that it no longer lists. */
  readonly holdName: (name: string) => void
  /** Somebody pauses a container that runs. */
  readonly pause: (idOrName: string) => Effect.Effect<void>
  /** The connections of those who listen to its events are cut. */
  readonly cutEvents: Effect.Effect<void>
  /** The engine begins to go down, as by SIGTERM: it is not reached any more by whoever was not connected before. */
  readonly close: Effect.Effect<void>
  /** The machine or the engine goes down: no process is left. */
  readonly halt: Effect.Effect<void>
  /** It comes up again, and starts the containers whose restart policy says so, as far as they can be started. */
  readonly resume: Effect.Effect<void>
}

export const makeSimulatedEngine = (options: {
  readonly calls: Calls
  readonly files: SimulatedFiles
  readonly network: SimulatedNetwork
  readonly seed: string
  readonly hostname: string
  readonly bytesPerSecond: number
  readonly product: EngineProduct["name"]
  readonly apiVersion: string | undefined
  readonly imageStore: VmDescription["imageStore"]
  readonly facts: EngineFacts
}): SimulatedEngine => {
  const { calls, files, network, seed, hostname, bytesPerSecond, product, apiVersion, facts } = options
  const containers = new SimulatedContainers(calls, seed, product, hostname)
  const networks = new SimulatedNetworks(seed)
  const images = new SimulatedImages(options.imageStore)
  const requests = new EngineRequests(calls, containers.settled)
  const engine: EngineParts = {
    calls,
    files,
    network,
    product,
    apiVersion,
    facts,
    bytesPerSecond,
    requests,
    containers,
    images,
    networks
  }

  const client = DockerClient.of({
    ping: requests.receive({
      name: "ping",
      subject: "",
      latencyMillis: 2,
      answer: Effect.succeed<EngineProduct>({ name: product, version: undefined, apiVersion })
    }),
    dataRoots: requests.receive({
      name: "info",
      subject: "",
      latencyMillis: 15,
      answer: Effect.succeed(["/var/lib/docker"])
    }),
    facts: requests.receive({
      name: "info",
      subject: "",
      latencyMillis: 15,
      answer: Effect.succeed(facts)
    }),
    logPlugins: requests.receive({
      name: "plugins",
      subject: "",
      latencyMillis: 3,
      answer: Effect.succeed([])
    }),
    architecture: requests.receive({
      name: "version",
      subject: "",
      latencyMillis: 3,
      answer: Effect.succeed("amd64")
    }),
    ...networkRequests(engine),
    ...containerRequests(engine),
    ...imageRequests(engine),
    ...execRequests(engine),
    ...outputRequests(engine)
  })

  return {
    get containers() {
      return containers.all
    },
    containersEver: containers.ever,
    get images() {
      return images.byReference
    },
    get networks() {
      return networks.all
    },
    client,
    settled: containers.settled,
    addNetwork: (spec) => void networks.add(spec),
    load: (reference, image) => images.load(reference, image),
    place: Effect.fnUntraced(function* (spec, running) {
      const image = images.named(spec.image)
      if (image === undefined) return yield* Effect.die(new Error(`no image ${spec.image} for container ${spec.name}`))
      const container = containers.add(spec, image)
      if (running) container.start(yield* calls.now, yield* wallMillis, surroundingsOf(engine, container))
      return container
    }),
    holdName: (name) => containers.holdName(name),
    pause: Effect.fnUntraced(function* (idOrName) {
      const container = containers.named(idOrName)
      const now = yield* containers.settled
      if (container?.pause(now) !== true) return yield* Effect.die(new Error(`${idOrName} does not run`))
      containers.events.paused(container)
      yield* containers.wake
    }),
    cutEvents: Effect.suspend(() => {
      containers.events.connection += 1
      return containers.wake
    }),
    close: Effect.sync(() => void (requests.isClosing = true)),
    halt: Effect.gen(function* () {
      calls.abandonWork()
      containers.releaseNames()
      const now = yield* containers.settled
      for (const container of containers.all) {
        container.halt(now)
        unmountImages(files, container, true)
      }
      requests.isUp = false
      containers.events.collect(containers.all)
      containers.events.connection += 1
      yield* containers.wake
    }),
    // The worst order: a container that joins another's network fails, as the other, which is older, is started after it.
    // Engines 20.10 and 26.1 start all at once, and do not retry.
    resume: Effect.gen(function* () {
      requests.isUp = true
      requests.isClosing = false
      for (const container of containers.all) {
        if (container.startsWithEngine) yield* Effect.ignore(startContainer(engine, container))
      }
    })
  }
}
