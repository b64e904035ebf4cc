import * as Effect from "effect/Effect"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import { engineFailure } from "../../vm/engine/EngineFailure.ts"
import type { EngineCall } from "../CallName.ts"
import type { Calls } from "../Calls.ts"
import { engineAddress } from "./refused.ts"

/** A request to the simulated engine. */
export interface EngineRequest<A> {
  readonly name: EngineCall
  /** On what: a container's name or id, an image. */
  readonly subject: string
  readonly latencyMillis: number
  readonly answer: Effect.Effect<A, DockerError>
  /** The reference, if a registry is asked for an image: a failure is the registry's then. */
  readonly image?: string
  /** What happens when a fault makes it fail. */
  readonly onFault?: () => void
  /** The effect of a request that stops half-way. */
  readonly half?: Effect.Effect<void>
}

/** How the simulated engine receives requests: recorded and timed, and only while it is up. */
export class EngineRequests {
  isUp = true
  /** It goes down: it takes no new connection, and serves those that it has. */
  isClosing = false
  readonly #calls: Calls
  readonly #settled: Effect.Effect<number>

  /** `settled` brings all containers up to the time before a request is answered. */
  constructor(calls: Calls, settled: Effect.Effect<number>) {
    this.#calls = calls
    this.#settled = settled
  }

  readonly receive = <A>(request: EngineRequest<A>): Effect.Effect<A, DockerError> => this.#receive(request, false)

  /** A change to a container is carried through even if the client hangs up. */
  readonly change = <A>(request: EngineRequest<A>): Effect.Effect<A, DockerError> => this.#receive(request, true)

  #receive<A>(
    { name, subject, latencyMillis, answer, image, onFault, half }: EngineRequest<A>,
    outlivesCaller: boolean
  ) {
    const operation = `${name} ${subject}`.trim()
    return this.#calls.receive(
      {
        name: `docker ${name}`,
        subject,
        latencyMillis,
        failure: ({ says, statusCode = 500 } = { says: "a fault" }) => {
          onFault?.()
          return engineFailure(operation, engineAddress, { statusCode, code: undefined, message: says }, image)
        },
        outlivesCaller,
        ...(half === undefined ? {} : { half })
      },
      Effect.suspend(() =>
        this.isUp && !(this.isClosing && name === "ping")
          ? Effect.andThen(this.#settled, answer)
          : Effect.fail(
              engineFailure(operation, engineAddress, { statusCode: undefined, code: "ECONNREFUSED", message: "" })
            )
      )
    )
  }
}
