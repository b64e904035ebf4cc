import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import type { EngineProduct } from "../../vm/engine/EngineProduct.ts"
import type { ContainerHappening } from "../../vm/engine/Inspection.ts"
import type { Calls } from "../Calls.ts"
import { wallMillis } from "../host/SimulatedClock.ts"
import { hexOf, type SimulatedImage } from "../network/SimulatedRegistry.ts"
import { refused } from "./refused.ts"
import { SimulatedContainer } from "./SimulatedContainer.ts"
import { SimulatedEvents } from "./SimulatedEvents.ts"

/** The containers of a simulated engine, their names, and waiting for what becomes of them. */
export class SimulatedContainers {
  /** Newest first, as the engine lists them. */
  all: ReadonlyArray<SimulatedContainer> = []
  /** Those that have been removed too, oldest first. */
  readonly ever: Array<SimulatedContainer> = []
  readonly events = new SimulatedEvents()
  readonly #calls: Calls
  readonly #seed: string
  readonly #product: EngineProduct["name"]
  readonly #hostname: string
  /** Names that the engine keeps for containers that it no longer lists. */
  readonly #heldNames = new Map<string, string>()
  #made = 0
  /** Replaced, and completed, with each change. */
  #changed = Deferred.makeUnsafe<void>()

  constructor(calls: Calls, seed: string, product: EngineProduct["name"], hostname: string) {
    this.#calls = calls
    this.#seed = seed
    this.#product = product
    this.#hostname = hostname
  }

  /** Brings all containers up to the present, which it returns. */
  readonly settled: Effect.Effect<number> = Effect.suspend(() =>
    Effect.map(Effect.all([this.#calls.now, wallMillis]), ([now, wall]) => {
      for (const container of this.all) container.settle(now, wall)
      this.events.collect(this.all)
      return now
    })
  )

  /** Something has changed: whoever waits looks again. */
  readonly wake: Effect.Effect<void> = Effect.suspend(() => {
    const waiting = this.#changed
    this.#changed = Deferred.makeUnsafe<void>()
    return Deferred.succeed(waiting, undefined)
  })

  add(spec: ContainerSpec, image: SimulatedImage): SimulatedContainer {
    const id = hexOf(`${this.#seed} container ${this.#made++}`)
    const { networkMode } = spec
    const joined = networkMode !== "host" && networkMode._tag === "Container" ? this.named(networkMode.id) : undefined
    const container = new SimulatedContainer(
      id,
      // The engine replaces a name by its id.
      joined === undefined ? spec : { ...spec, networkMode: { _tag: "Container", id: joined.id } },
      image,
      this.#product,
      spec.hostname ?? (networkMode === "host" ? this.#hostname : (joined?.hostname ?? id.slice(0, 12)))
    )
    this.all = [container, ...this.all]
    this.ever.push(container)
    return container
  }

  remove(container: SimulatedContainer): void {
    this.all = this.all.filter((one) => one !== container)
    this.events.removed(container)
  }

  named(idOrName: string): SimulatedContainer | undefined {
    return this.all.find(({ id, name }) => id === idOrName || name === idOrName)
  }

  find(operation: string, idOrName: string): Effect.Effect<SimulatedContainer, DockerError> {
    return Effect.suspend(() => {
      const found = this.named(idOrName)
      return found === undefined ? refused(operation, 404, `No such container: ${idOrName}`) : Effect.succeed(found)
    })
  }

  /** Fails if the name is in use. */
  requireFree(operation: string, name: string): Effect.Effect<void, DockerError> {
    const holder = this.all.find((container) => container.name === name)?.id ?? this.#heldNames.get(name)
    if (holder === undefined) return Effect.void
    return refused(
      operation,
      409,
      `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`
    )
  }

  holdName(name: string): void {
    this.#heldNames.set(name, hexOf(`${this.#seed} ${name}`))
  }

  releaseNames(): void {
    this.#heldNames.clear()
  }

  /** Until it does not run, or has been started again. */
  untilEnded(container: SimulatedContainer): Effect.Effect<void> {
    return Effect.suspend(() => {
      const starts = container.starts.length
      return this.#until(
        () => [container],
        () => (!container.isUp || container.starts.length > starts ? undefined : "wait")
      )
    })
  }

  /**
   * What there is already of a container, one by one, then what comes. `next` is told how many were read, and returns
   * `none` at the end.
   */
  following<A>(container: SimulatedContainer, next: (read: number) => Option.Option<A> | "wait"): Stream.Stream<A> {
    return this.#following(() => [container], 0, next)
  }

  /** What happens to any container from now on; ends with the connection. */
  readonly happenings: Effect.Effect<Stream.Stream<ContainerHappening>> = Effect.suspend(() =>
    Effect.map(this.settled, () => {
      const { events } = this
      const { connection } = events
      return this.#following(
        () => this.all,
        events.all.length,
        (read) => {
          if (events.connection !== connection) return Option.none()
          const happened = events.all[read]
          return happened === undefined ? "wait" : Option.some(happened)
        }
      )
    })
  )

  #following<A>(
    containers: () => ReadonlyArray<SimulatedContainer>,
    from: number,
    next: (read: number) => Option.Option<A> | "wait"
  ): Stream.Stream<A> {
    let read = from
    return Stream.fromEffectRepeat(
      Effect.map(
        this.#until(containers, () => next(read)),
        Option.map((value) => (read++, value))
      )
    ).pipe(
      Stream.takeWhile(Option.isSome),
      Stream.map(({ value }) => value)
    )
  }

  /** Asks `look` now and whenever something happens, until it has an answer. */
  #until<A>(containers: () => ReadonlyArray<SimulatedContainer>, look: () => A | "wait"): Effect.Effect<A> {
    return Effect.flatMap(this.settled, (now) => {
      const found = look()
      if (found !== "wait") return Effect.succeed(found)
      const next = Math.min(...containers().map(({ nextAt = Infinity }) => nextAt))
      const wait = next === Infinity ? Duration.infinity : Duration.millis(next - now)
      return Effect.andThen(Effect.timeoutOption(Deferred.await(this.#changed), wait), this.#until(containers, look))
    })
  }
}
