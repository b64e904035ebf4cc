import type { ContainerHappening } from "../../vm/engine/Inspection.ts"
import type { SimulatedContainer } from "./SimulatedContainer.ts"

/** What a simulated engine tells of its containers, in the order in which it happened, as far as that is known. */
export class SimulatedEvents {
  readonly all: Array<ContainerHappening> = []
  /** Those that listen are cut off when this changes. */
  connection = 0
  /** How much of each container has been told. */
  readonly #told = new WeakMap<SimulatedContainer, { readonly starts: number; readonly happened: number }>()

  /** Tells what has happened to the containers since the last time. */
  collect(containers: ReadonlyArray<SimulatedContainer>): void {
    const fresh = containers.flatMap((container) => {
      const { starts, happened } = this.#told.get(container) ?? { starts: 0, happened: 0 }
      this.#told.set(container, { starts: container.starts.length, happened: container.happened.length })
      return [
        ...container.starts.slice(starts).map((at) => ({ at, container, event: { _tag: "Started" } as const })),
        ...container.happened
          .slice(happened)
          .flatMap(({ at, event }) => (event._tag === "Signalled" ? [] : [{ at, container, event }]))
      ]
    })
    for (const { container, event } of fresh.toSorted((one, other) => one.at - other.at)) this.#tell(container, event)
  }

  /** It has another name by now. */
  renamed(container: SimulatedContainer): void {
    this.collect([container])
    this.#tell(container, { _tag: "Renamed" })
  }

  paused(container: SimulatedContainer): void {
    this.collect([container])
    this.#tell(container, { _tag: "Paused" })
  }

  unpaused(container: SimulatedContainer): void {
    this.collect([container])
    this.#tell(container, { _tag: "Unpaused" })
  }

  /** It has been removed. */
  removed(container: SimulatedContainer): void {
    this.collect([container])
    this.#tell(container, { _tag: "Destroyed" })
  }

  #tell({ id, name, spec: { labels } }: SimulatedContainer, event: ContainerHappening["event"]): void {
    this.all.push({ _tag: "Happened", id, name, labels, event })
  }
}
