import * as Effect from "effect/Effect"
import type { DownContainer } from "../plan/planDown.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DownedContainer } from "./DownReport.ts"

/** What became of the containers that `down` has found. */
export const lastLook = Effect.fnUntraced(function* (containers: ReadonlyArray<DownContainer>) {
  if (containers.length === 0) return []
  const docker = yield* DockerClient
  const all = yield* docker.listContainers.pipe(attempt("LIST", "list containers"))
  const found = new Map(all.map((container) => [container.id, container]))
  return containers.map((container): DownedContainer => {
    const { status = "gone", exitCode } = found.get(container.id) ?? {}
    return { ...container, status, exitCode }
  })
})
