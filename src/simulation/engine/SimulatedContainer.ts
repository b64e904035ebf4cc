import type { PublishedPort } from "../../vm/engine/ContainerNetwork.ts"
import type { ContainerSpec, EngineRestartPolicy } from "../../vm/engine/ContainerSpec.ts"
import type { EngineProduct } from "../../vm/engine/EngineProduct.ts"
import type { ContainerEvent, ContainerStatus, NetworkSummary } from "../../vm/engine/Inspection.ts"
import type { SimulatedImage } from "../network/SimulatedRegistry.ts"
import type { Behaviour, ListenedPort, Spell, StuckDescription } from "../VmDescription.ts"
import type { EndedBy, Inhabitant, MountSeen, Surroundings } from "./Surroundings.ts"

/** What happened to a simulated container, and when, in milliseconds since the VM's beginning. */
export interface Happened {
  readonly at: number
  readonly event: ContainerEvent
}

/** A container of the simulated engine. Its process is computed from the time; nothing runs. */
export class SimulatedContainer {
  readonly id: string
  readonly spec: ContainerSpec
  readonly image: SimulatedImage
  /** Those that its volumes are. */
  mountedImages: ReadonlyArray<SimulatedImage> = []
  name: string
  restartPolicy: EngineRestartPolicy
  status: ContainerStatus = "created"
  exitCode = 0
  hasRunOutOfMemory = false
  error = ""
  restartCount = 0
  health: "starting" | "healthy" | "unhealthy" | undefined
  readonly log: Array<string> = []
  readonly happened: Array<Happened> = []
  /** Those that have joined its process namespace. When it ends, the kernel kills all that are in there. */
  readonly inhabitants = new Set<Inhabitant>()
  readonly hostname: string
  seen: ReadonlyArray<MountSeen> = []
  /** What its process listens on. */
  listening: ReadonlyArray<ListenedPort> = []
  /** The wall clock when it last started. */
  startedAt: number | undefined
  /** When it was started, in milliseconds of virtual time. */
  readonly starts: Array<number> = []
  /** When it ended after each of its starts, and why. */
  readonly ends: Array<{ readonly at: number; readonly by: EndedBy }> = []
  /**
   * Its process hangs: probes of it fail, those of connections too, and commands in it exit with 1. Whoever has made it so
   * makes it well again; otherwise its next start does.
   */
  isUnwell = false
  /** It was stopped by a call, so the engine does not restart it; an `always` one until the engine itself comes up. */
  stoppedByCall = false
  /** What the engine fails to do with it. */
  stuck: StuckDescription = {}
  private failures = 0
  private next: { readonly at: number; readonly what: "exit" | "restart" | "health" | "out of memory" } | undefined
  /** It is being stopped: when it will end, and how. */
  private stopping: { readonly at: number; readonly exitCode: number } | undefined

  /** Since when it is paused. */
  private pausedAt: number | undefined

  readonly product: EngineProduct["name"]
  private surroundings: Surroundings | undefined
  /** The start of the container that it joined: the network of another start is another. */
  private joinedStart = 0
  private behaviour: Behaviour

  constructor(
    id: string,
    spec: ContainerSpec,
    image: SimulatedImage,
    product: EngineProduct["name"],
    hostname: string
  ) {
    this.hostname = hostname
    this.behaviour = behaviourOf(image, spec)
    this.id = id
    this.product = product
    this.spec = spec
    this.image = image
    this.name = spec.name
    this.restartPolicy = spec.restartPolicy
  }

  /** What its process has to say at its end. */
  get terminationMessage(): string | undefined {
    return this.behaviour._tag === "Exits" ? this.behaviour.terminationMessage : undefined
  }

  get isUp(): boolean {
    return this.status === "running" || this.status === "paused"
  }
  /** Whose network it has: the host's, its own, or that of the container whose id it is. */
  get namespace(): string {
    const { networkMode } = this.spec
    if (networkMode === "host") return networkMode
    return networkMode._tag === "Container" ? networkMode.id : this.id
  }
  /** Whether its process is not well at this time. */
  isUnwellAt(now: number, spells: ReadonlyArray<Spell> = []): boolean {
    const start = this.starts.at(-1) ?? now
    return (
      this.isUnwell ||
      spells.some(({ since, fromMillis, untilMillis = Infinity }) => {
        const at = since === "start" ? now - start : now
        return at >= fromMillis && at < untilMillis
      })
    )
  }
  /** It has the network of another container. */
  get hasJoined(): boolean {
    return ![this.id, "host"].includes(this.namespace)
  }
  /** What is published for it while it runs: on a network of the engine's only. */
  get publishedPorts(): ReadonlyArray<PublishedPort> {
    return this.namespace === this.id ? (this.spec.ports ?? []) : []
  }
  isOn({ id, name }: NetworkSummary): boolean {
    const { networkMode } = this.spec
    return networkMode !== "host" && networkMode._tag === "Network" && [id, name].includes(networkMode.name)
  }
  /** It runs, but the container whose network it joined has been stopped or restarted: nothing reaches it any more. */
  get isCutOff(): boolean {
    const joined = this.surroundings?.joined
    return this.isUp && joined !== undefined && (!joined.isUp || joined.starts.length !== this.joinedStart)
  }
  /** When it next changes by itself; undefined if it does not. */
  get nextAt(): number | undefined {
    const times = [this.status === "paused" ? undefined : this.next?.at, this.stopping?.at].filter(
      (at) => at !== undefined
    )
    return times.length === 0 ? undefined : Math.min(...times)
  }
  /** It runs, but is being stopped. */
  get isStopping(): boolean {
    return this.stopping !== undefined
  }

  /** Whether the engine fails at this now. Asking counts as a call. */
  failsAt(what: "removal" | "inspection" | "stop" | "rename"): boolean {
    const { calls = Infinity } = this.stuck
    return this.stuck[what] !== undefined && this.failures++ < calls
  }
  /** The engine is removing it, or has failed to. */
  get isBeingRemoved(): boolean {
    return this.status === "dead" || this.status === "removing"
  }

  /** The program that its command names, if its image lacks it. */
  get missingProgram(): string | undefined {
    const [program] = [...(this.spec.entrypoint ?? []), ...(this.spec.cmd ?? [])]
    const { programs } = this.image
    return program === undefined || programs === undefined || programs.includes(program) ? undefined : program
  }

  /** Its process starts. `wallMillis` is the wall clock's time then. */
  start(now: number, wallMillis: number, surroundings: Surroundings): void {
    const taken = surroundings.takenPort()
    this.status = "running"
    this.startedAt = wallMillis
    this.error = ""
    this.exitCode = 0
    this.hasRunOutOfMemory = false
    this.surroundings = surroundings
    this.seen = surroundings.seen
    surroundings.processes?.inhabitants.add(this)
    this.joinedStart = surroundings.joined?.starts.length ?? 0
    this.listening = taken === undefined ? this.image.listensOn : []
    this.behaviour = taken === undefined ? behaviourOf(this.image, this.spec) : failsToListen(taken)
    this.starts.push(now)
    this.isUnwell = false
    this.stoppedByCall = false
    const { behaviour } = this
    this.log.push(...(behaviour.log ?? []))
    this.health = undefined
    this.next = undefined
    if (behaviour._tag === "Exits") this.next = { at: now + behaviour.afterMillis, what: "exit" }
    else if ((behaviour.memory?.bytes ?? 0) > surroundings.memoryBytes) {
      this.next = { at: now + behaviour.memory!.afterMillis, what: "out of memory" }
    } else if (behaviour.health !== undefined) {
      this.health = "starting"
      this.next = { at: now + behaviour.health.afterMillis, what: "health" }
    }
  }

  /**
   * Brings it up to the present, at which the wall clock says `wallMillis`: exits, restarts and health checks that are
   * due.
   */
  settle(now: number, wallMillis: number): void {
    for (;;) {
      const { stopping } = this
      if (stopping !== undefined && stopping.at <= Math.min(now, this.next?.at ?? now)) {
        this.end(stopping.at, stopping.exitCode, "stop")
        continue
      }
      if (this.next === undefined || this.next.at > now || this.status === "paused") return
      const { at, what } = this.next
      this.next = undefined
      const { behaviour } = this
      if (what === "exit" && behaviour._tag === "Exits") this.end(at, behaviour.exitCode, "itself")
      if (what === "out of memory") {
        this.hasRunOutOfMemory = true
        this.happened.push({ at, event: { _tag: "OutOfMemory" } })
        if (behaviour._tag === "Runs" && behaviour.memory?.ofChild !== true) this.end(at, 137, "itself")
      }
      if (what === "restart") this.restart(at, wallMillis - (now - at))
      if (what === "health" && behaviour._tag === "Runs" && behaviour.health !== undefined) {
        this.health = behaviour.health.status
        this.happened.push({ at, event: { _tag: "Health", health: behaviour.health.status } })
      }
    }
  }

  /** What its restart policy does. If that fails it stays ended. */
  private restart(at: number, wallMillis: number): void {
    if (this.surroundings === undefined) return
    // Podman decides when it cleans up.
    if (this.product === "Podman" && this.restartPolicy.name === "no") return this.cancelRestart()
    const obstacle = this.surroundings.obstacle()
    if (obstacle !== undefined) {
      this.error = obstacle
      return this.cancelRestart()
    }
    this.restartCount += 1
    this.start(at, wallMillis, this.surroundings)
  }

  /** Its processes are frozen: what they would do comes as much later. Whether it could be paused. */
  pause(now: number): boolean {
    if (this.status !== "running") return false
    this.status = "paused"
    this.pausedAt = now
    return true
  }

  /** They go on. Whether it was paused. */
  unpause(now: number): boolean {
    if (this.status !== "paused" || this.pausedAt === undefined) return false
    if (this.next !== undefined) this.next = { ...this.next, at: this.next.at + now - this.pausedAt }
    this.status = "running"
    this.pausedAt = undefined
    return true
  }

  /** SIGTERM now, SIGKILL after the grace period. Of two stops the one that is over first ends it. */
  beginStop(now: number, graceMillis: number): void {
    // Podman answers that it does not run, and restarts it all the same.
    if (this.status === "restarting" && this.product === "Podman") return
    this.stoppedByCall = true
    if (this.status === "restarting") return this.cancelRestart()
    if (!this.isUp) return
    // The signal reaches what is paused, and lets it go on. Source: moby's daemon/kill.go.
    this.unpause(now)
    if (this.product === "Docker") this.happened.push({ at: now, event: { _tag: "Signalled" } })
    const { behaviour } = this
    const isKilled = this.spec.stopSignal === "SIGKILL"
    const wanted = isKilled ? Infinity : behaviour._tag === "Runs" ? (behaviour.stopsAfterMillis ?? 200) : 200
    const stopping =
      wanted > graceMillis
        ? { at: now + (isKilled ? 0 : graceMillis), exitCode: 137 }
        : { at: now + wanted, exitCode: 143 }
    if (this.stopping === undefined || stopping.at < this.stopping.at) this.stopping = stopping
  }

  /** Its process ends, and its restart policy applies. */
  end(at: number, exitCode: number, by: EndedBy = "itself"): void {
    this.next = undefined
    this.stopping = undefined
    this.exitCode = exitCode
    this.status = "exited"
    this.ends.push({ at, by })
    this.happened.push({ at, event: { _tag: "Died", exitCode } })
    for (const one of this.inhabitants) if (one.isUp) one.end(at, 137, "namespace")
    this.inhabitants.clear()
    const { name, maximumRetryCount } = this.restartPolicy
    const restarts =
      !this.stoppedByCall &&
      (name === "always" ||
        name === "unless-stopped" ||
        (name === "on-failure" && exitCode !== 0 && (maximumRetryCount === 0 || this.restartCount < maximumRetryCount)))
    if (!restarts) return
    this.status = "restarting"
    // 100 ms, doubled each time up to a minute. Source: Docker's restart manager. Podman restarts once it has cleaned
    // up.
    const pause = this.product === "Podman" ? 100 : Math.min(100 * 2 ** this.restartCount, 60_000)
    this.next = { at: at + pause, what: "restart" }
  }

  /** It was waiting for its restart, which is cancelled. */
  cancelRestart(): void {
    this.next = undefined
    this.status = "exited"
  }

  /** The engine or the machine goes down: its process is killed, which does not count as a stop by a call. */
  halt(now: number): void {
    if (this.status === "restarting") this.cancelRestart()
    if (!this.isUp) return
    const wasStopped = this.stoppedByCall
    this.stoppedByCall = true
    this.end(now, 137, "engine")
    this.stoppedByCall = wasStopped
  }

  /** Whether its restart policy starts it when the engine comes up. Source: moby's restartmanager. */
  get startsWithEngine(): boolean {
    const { name } = this.restartPolicy
    return this.starts.length > 0 && (name === "always" || (name === "unless-stopped" && !this.stoppedByCall))
  }
}

/** As the engine does: a declared entrypoint leaves out the image's command too. */
const behaviourOf = (
  { behaviour, behaviourWith, config }: SimulatedImage,
  { entrypoint, cmd }: ContainerSpec
): Behaviour => {
  const args = cmd ?? (entrypoint === undefined ? config.cmd : [])
  return behaviourWith([...(entrypoint ?? config.entrypoint), ...args].join(" ")) ?? behaviour
}

const failsToListen = ({ port, protocol = "tcp" }: ListenedPort): Behaviour => ({
  _tag: "Exits",
  afterMillis: 50,
  exitCode: 1,
  log: [`listen ${protocol} :${port}: bind: address already in use`]
})
