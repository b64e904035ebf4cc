import * as Effect from "effect/Effect"
import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import type { ContainerDescription } from "../VmDescription.ts"
import type { SimulatedEngine } from "./SimulatedEngine.ts"

/** Places a container that exists before the first run. */
export const placeContainer = Effect.fnUntraced(function* (engine: SimulatedEngine, container: ContainerDescription) {
  const { status, running = true, stuck = {} } = container
  const placed = yield* engine.place(specOf(container), running && status === undefined)
  placed.status = status ?? placed.status
  placed.stuck = stuck
})

const specOf = ({
  name,
  image,
  labels,
  restartPolicy,
  networkMode,
  hostname,
  ports
}: ContainerDescription): ContainerSpec => ({
  name,
  image,
  entrypoint: undefined,
  cmd: undefined,
  env: [],
  openStdin: false,
  tty: false,
  binds: [],
  mounts: [],
  privileged: false,
  networkMode: networkMode ?? "host",
  ...(hostname === undefined ? {} : { hostname }),
  ...(ports === undefined ? {} : { ports }),
  restartPolicy: { name: restartPolicy ?? "no", maximumRetryCount: 0 },
  logConfig: { type: "json-file", config: {} },
  labels: labels ?? {}
})
