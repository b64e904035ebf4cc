import * as Option from "effect/Option"
import { type ContainerConfig, mergedConfig } from "../../vm/engine/ContainerConfig.ts"
import type { ContainerInspection } from "../../vm/engine/Inspection.ts"
import { imageMountPoints } from "./engineMounts.ts"
import type { SimulatedContainer } from "./SimulatedContainer.ts"

/** What the engine tells of a container. */
export const inspectContainer = (container: SimulatedContainer): ContainerInspection => {
  const { id, name, image, spec, status, exitCode, error, startedAt, restartCount, restartPolicy, health } = container
  const isPodman = container.product === "Podman"
  const config = { ...mergedConfig(spec, image.config), hostname: container.hostname }
  return {
    id,
    name,
    imageId: image.id,
    image: spec.image,
    labels: spec.labels,
    // Podman has no state for a container that waits for its restart.
    status: status === "restarting" && isPodman ? "exited" : status,
    exitCode,
    ...(container.hasRunOutOfMemory ? { hasRunOutOfMemory: true } : {}),
    error,
    startedAt: Option.fromUndefinedOr(startedAt),
    restartCount,
    restartPolicy,
    health: Option.fromNullishOr(health),
    address: container.isUp && container.namespace === id ? addressOf(id) : undefined,
    ...(spec.imageMounts === undefined ? {} : { imageMountPoints: imageMountPoints(container) }),
    config: isPodman ? asPodmanTells(config) : config
  }
}

/** Some address of the engine's bridge networks. */
export const addressOf = (id: string): string =>
  `172.18.${Number.parseInt(id.slice(0, 2), 16)}.${(Number.parseInt(id.slice(2, 4), 16) % 253) + 2}`

/** Podman lists all mounts as binds, with options that nobody declared, and no log options. */
const asPodmanTells = (config: ContainerConfig): ContainerConfig => ({
  ...config,
  binds: [
    ...config.binds.map((bind) => `${bind}${/:.*:/.test(bind) ? "," : ":"}rprivate,rbind`),
    ...config.mounts.map(({ source, target, readOnly }) => `${source}:${target}:${readOnly ? "ro," : ""}rprivate,rbind`)
  ],
  mounts: [],
  logConfig: { ...config.logConfig, config: {} }
})
