import * as Option from "effect/Option"
import { type ContainerConfig, mergedConfig } from "../../vm/engine/ContainerConfig.ts"
import type { ContainerSpec, EngineRestartPolicy } from "../../vm/engine/ContainerSpec.ts"
import type { EngineProduct } from "../../vm/engine/EngineProduct.ts"
import type { ContainerEvent, ContainerInspection, ContainerStatus } from "../../vm/engine/Inspection.ts"
import type { SimulatedDisk } from "../host/SimulatedDisks.ts"
import type { SimulatedImage } from "../network/SimulatedRegistry.ts"
import type { StuckDescription } from "../VmDescription.ts"

/** What a container found behind one of its mounts when it started. */
export interface MountSeen {
  readonly source: string
  readonly target: string
  /** The mount that the source was on, or the host's root. */
  readonly on: "tmpfs" | "root" | SimulatedDisk
  /** Where that is mounted: at the source itself, or at a parent directory. */
  readonly mountedAt: string
}

export interface Happened {
  readonly at: number
  readonly event: ContainerEvent
}

/** A container of the simulated engine. Its process is computed from the time; nothing runs. */
export class SimulatedContainer {
  readonly id: string
  readonly spec: ContainerSpec
  readonly image: SimulatedImage
  name: string
  restartPolicy: EngineRestartPolicy
  status: ContainerStatus = "created"
  exitCode = 0
  error = ""
  restartCount = 0
  health: "starting" | "healthy" | "unhealthy" | undefined
  readonly log: Array<string> = []
  readonly happened: Array<Happened> = []
  seen: ReadonlyArray<MountSeen> = []
  /** The wall clock when it last started. */
  startedAt: number | undefined
  /** When it was started, in milliseconds of virtual time. */
  readonly starts: Array<number> = []
  /** It was stopped by a call, so the engine does not restart it, not even when the engine itself restarts. */
  stoppedByCall = false
  /** What the engine fails to do with it. */
  stuck: StuckDescription = {}
  private failures = 0
  private next: { readonly at: number; readonly what: "exit" | "restart" | "health" } | undefined
  /** It is being stopped: when it will end, and how. */
  private stopping: { readonly at: number; readonly exitCode: number } | undefined

  private readonly product: EngineProduct["name"]

  constructor(id: string, spec: ContainerSpec, image: SimulatedImage, product: EngineProduct["name"]) {
    this.id = id
    this.product = product
    this.spec = spec
    this.image = image
    this.name = spec.name
    this.restartPolicy = spec.restartPolicy
  }

  get isUp(): boolean {
    return this.status === "running" || this.status === "paused"
  }
  /** When it next changes by itself; undefined if it does not. */
  get nextAt(): number | undefined {
    const times = [this.next?.at, this.stopping?.at].filter((at) => at !== undefined)
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
  inspect(): ContainerInspection {
    const { id, name, image, spec, status, exitCode, error, startedAt, restartCount, restartPolicy, health } = this
    const labels = spec.labels
    const config = mergedConfig(spec, image.config)
    return {
      id,
      name,
      imageId: image.id,
      image: spec.image,
      labels,
      // Podman has no state for a container that waits for its restart.
      status: status === "restarting" && this.product === "Podman" ? "exited" : status,
      exitCode,
      error,
      startedAt: Option.fromUndefinedOr(startedAt),
      restartCount,
      restartPolicy,
      health: Option.fromNullishOr(health),
      config: this.product === "Podman" ? asPodmanTells(config) : config
    }
  }

  /** Its process starts. `wallMillis` is the wall clock's time then. */
  start(now: number, wallMillis: number, seen: ReadonlyArray<MountSeen>): void {
    this.status = "running"
    this.startedAt = wallMillis
    this.error = ""
    this.exitCode = 0
    this.seen = seen
    this.starts.push(now)
    this.stoppedByCall = false
    const { behaviour } = this.image
    this.log.push(...(behaviour.log ?? []))
    this.health = undefined
    this.next = undefined
    if (behaviour._tag === "Exits") this.next = { at: now + behaviour.afterMillis, what: "exit" }
    else if (behaviour.health !== undefined) {
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
        this.end(stopping.at, stopping.exitCode)
        continue
      }
      if (this.next === undefined || this.next.at > now) return
      const { at, what } = this.next
      this.next = undefined
      const { behaviour } = this.image
      if (what === "exit" && behaviour._tag === "Exits") this.end(at, behaviour.exitCode)
      if (what === "restart") {
        this.restartCount += 1
        this.start(at, wallMillis - (now - at), this.seen)
      }
      if (what === "health" && behaviour._tag === "Runs" && behaviour.health !== undefined) {
        this.health = behaviour.health.status
        this.happened.push({ at, event: { _tag: "Health", health: behaviour.health.status } })
      }
    }
  }

  /** SIGTERM now, SIGKILL after the grace period. Of two stops the one that is over first ends it. */
  beginStop(now: number, graceMillis: number): void {
    // Podman answers that it does not run, and restarts it all the same.
    if (this.status === "restarting" && this.product === "Podman") return
    this.stoppedByCall = true
    if (this.status === "restarting") return this.cancelRestart()
    if (!this.isUp) return
    const { behaviour } = this.image
    const wanted = behaviour._tag === "Runs" ? (behaviour.stopsAfterMillis ?? 200) : 200
    const stopping =
      wanted > graceMillis ? { at: now + graceMillis, exitCode: 137 } : { at: now + wanted, exitCode: 143 }
    if (this.stopping === undefined || stopping.at < this.stopping.at) this.stopping = stopping
  }

  /** Its process ends, and its restart policy applies. */
  end(at: number, exitCode: number): void {
    this.next = undefined
    this.stopping = undefined
    this.exitCode = exitCode
    this.status = "exited"
    this.happened.push({ at, event: { _tag: "Died", exitCode } })
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
    this.end(now, 137)
    this.stoppedByCall = wasStopped
  }

  /** Whether its restart policy starts it when the engine comes up. */
  get startsWithEngine(): boolean {
    const { name } = this.restartPolicy
    return this.starts.length > 0 && !this.stoppedByCall && (name === "always" || name === "unless-stopped")
  }
}

/** Podman lists all mounts as binds, with options that nobody declared, and no log options. */
const asPodmanTells = (config: ContainerConfig): ContainerConfig => ({
  ...config,
  binds: [
    ...config.binds.map((bind) => `${bind}${/:.*:/.test(bind) ? "," : ":"}rprivate,rbind`),
    ...config.mounts.map(({ source, target, readOnly }) => `${source}:${target}:${readOnly ? "ro," : ""}rprivate,rbind`)
  ],
  mounts: [],
  logConfig: { ...config.logConfig, config: {} }
})
