import * as Effect from "effect/Effect"
import type { StepRecord } from "../apply/apply.ts"
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

/** The same, as it is bound to be by what was done, where the engine does not say. */
export const asDone = (
  containers: ReadonlyArray<DownContainer>,
  steps: ReadonlyArray<Pick<StepRecord, "step">>
): ReadonlyArray<DownedContainer> => {
  const ended = (tag: "Stop" | "Remove", id: string) =>
    steps.some(({ step: { action } }) => action._tag === tag && action.container.id === id)
  return containers.map((container) => ({
    ...container,
    status: ended("Remove", container.id) ? "gone" : ended("Stop", container.id) ? "exited" : container.status,
    exitCode: undefined
  }))
}
