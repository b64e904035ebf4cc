import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import { FileTree } from "../host/FileTree.ts"
import type { SimulatedFiles } from "../host/SimulatedFiles.ts"

const folder = "/var/lib/docker/rootfs/overlayfs"

interface Mounting {
  readonly id: string
  readonly spec: ContainerSpec
}

/** Where the engine mounts the images of a container's volumes. */
export const imageMountPoints = ({ id, spec }: Mounting): ReadonlyArray<string> =>
  (spec.imageMounts ?? []).map(({ source }) => `${folder}/${id}-${source}`)

/** It mounts them when the container is created, and not again; the container's own root is mounted as well. */
export const mountImages = (files: SimulatedFiles, container: Mounting): void => {
  const points = imageMountPoints(container)
  for (const target of points.length === 0 ? [] : [`${folder}/${container.id}`, ...points]) {
    const options = ["rw", "relatime"]
    files.mounts.push({ source: "overlay", target, type: "overlay", options, tree: new FileTree(), disk: undefined })
  }
}

export const areImagesMounted = (files: SimulatedFiles, container: Mounting): boolean =>
  imageMountPoints(container).every((point) => files.mounts.some(({ target }) => target === point))

/** The container is removed, or the engine goes down; its root alone is mounted again when it comes up. */
export const unmountImages = (files: SimulatedFiles, container: Mounting, keepsRoot: boolean): void => {
  const points = new Set([...imageMountPoints(container), ...(keepsRoot ? [] : [`${folder}/${container.id}`])])
  files.mounts = files.mounts.filter(({ target }) => !points.has(target))
}
