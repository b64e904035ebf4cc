import * as Effect from "effect/Effect"
import type { KeptContainer } from "../plan/Step.ts"
import { DockerError } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"

/** A container as a run knows it: by its id, whatever somebody names it meanwhile; people know it by the plan's name. */
export type KnownContainer = Pick<ContainerInspection, "id" | "name">

/** A container of which a plan has a step: one that was there before, or one that a step before it creates. */
interface Planned {
  readonly name: string
  readonly kept?: Pick<KeptContainer, "id"> | undefined
}

/** What this run has created, by the names under which it did. A plan is made before there are any ids. */
export class Created {
  readonly #ids = new Map<string, string>()

  add({ id, name }: KnownContainer): void {
    this.#ids.set(name, id)
  }

  /** Undefined where it was not created, or whether it was is not known. */
  idOf(name: string): string | undefined {
    return this.#ids.get(name)
  }

  known({ name, kept }: Planned): KnownContainer {
    return { id: kept?.id ?? this.idOf(name) ?? name, name }
  }

  /** Does something with a container by its id; an error tells it by its name. */
  with<A, E, R>(
    planned: Planned,
    does: (container: KnownContainer) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | DockerError, R> {
    return Effect.suspend(() => {
      const container = this.known(planned)
      return Effect.mapError(does(container), (error) => (error instanceof DockerError ? error.of(container) : error))
    })
  }
}
