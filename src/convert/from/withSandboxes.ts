import type { DockerContainer } from "./DockerContainer.ts"
import { joins } from "./dockerPodNetwork.ts"
import { imageName } from "./labelOf.ts"

/** What only waits, so that others share its namespaces, is no container of a Pod, which has a sandbox of its own. */
export const withSandboxes = (containers: ReadonlyArray<DockerContainer>): ReadonlyArray<DockerContainer> =>
  containers.map((one) => {
    const isPause = imageName(one.image.value) === "pause" && one.command === undefined
    const isJoined = containers.some(({ network, ipc, pid }) => [network, ipc, pid].some((mode) => joins(mode, [one])))
    return isPause && isJoined ? { ...one, role: "sandbox" } : one
  })
