import * as Effect from "effect/Effect"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import { engineFailure } from "../../vm/engine/EngineFailure.ts"

/** Where the simulated engine listens. */
export const engineAddress = "unix:///var/run/docker.sock"

/** The engine refuses a request, in its own words. */
export const refused = (operation: string, statusCode: number, message: string): Effect.Effect<never, DockerError> =>
  Effect.fail(engineFailure(operation, engineAddress, { statusCode, code: undefined, message }))

/** It refuses if there is an error. */
export const failIf = (error: DockerError | undefined): Effect.Effect<void, DockerError> =>
  error === undefined ? Effect.void : Effect.fail(error)
