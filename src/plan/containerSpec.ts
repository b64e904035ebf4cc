import { createHash } from "node:crypto"
import * as Redacted from "effect/Redacted"
import type { RestartPolicy, Workload } from "../workload/Workload.ts"
import type { BindMount, ContainerSpec, EngineRestartPolicy } from "../vm/engine/ContainerSpec.ts"
import { hostPath } from "../observation/MountPoints.ts"
import { digestLabel, workloadLabel } from "../observation/Ownership.ts"

const engineRestartPolicies = {
  Always: "always",
  OnFailure: "on-failure",
  Never: "no"
} as const satisfies Record<RestartPolicy, EngineRestartPolicy["name"]>

/** What the workload's container is created with, but for its labels. */
const unlabelled = (workload: Workload, name: string, mountRoot: string): ContainerSpec => {
  const [container] = workload.containers
  const volumes = new Map(workload.volumes.map((volume) => [volume.name, volume]))
  const binds: Array<string> = []
  const mounts: Array<BindMount> = []
  for (const mount of container.mounts) {
    const volume = volumes.get(mount.volume)
    if (volume === undefined) continue
    const source = hostPath(mountRoot, volume)
    if (volume._tag === "HostPath" && canBind(source, mount.path)) {
      binds.push(`${source}:${mount.path}${mount.readOnly ? ":ro" : ""}`)
    } else {
      mounts.push({ source, target: mount.path, readOnly: mount.readOnly })
    }
  }
  return {
    name,
    image: container.image.text,
    entrypoint: container.command,
    cmd: container.args,
    env: container.env.map(({ name, value }) => ({ name, value: Redacted.make(value) })),
    openStdin: container.stdin,
    tty: container.tty,
    binds,
    mounts,
    privileged: container.privileged,
    networkMode: "host",
    restartPolicy: { name: engineRestartPolicies[container.restartPolicy], maximumRetryCount: 0 },
    logConfig: { type: "json-file", config: { "max-size": "500m", "max-file": "3" } },
    labels: {}
  }
}

/** `Binds` separates its parts by colons, so a path with one in it goes through `Mounts`. */
export const canBind = (source: string, target: string): boolean => !source.includes(":") && !target.includes(":")

/**
 * What the workload's container is created with. The `slipway.workload` label is a hash of everything else, so that a
 * later run can tell whether a container is still what is declared; without a digest there is no digest label.
 */
export const containerSpec = (
  workload: Workload,
  options: { readonly name: string; readonly mountRoot: string; readonly digest: string | undefined }
): ContainerSpec => {
  const spec = unlabelled(workload, options.name, options.mountRoot)
  return {
    ...spec,
    labels: {
      [workloadLabel]: hash(spec),
      ...(options.digest === undefined ? {} : { [digestLabel]: options.digest })
    }
  }
}

/** SHA-256 of the spec without the name, which changes with every boot. */
const hash = (spec: ContainerSpec): string => {
  const env = spec.env.map(({ name, value }) => [name, Redacted.value(value)])
  const text = JSON.stringify({ ...spec, name: undefined, labels: undefined, env })
  return createHash("sha256").update(text).digest("hex")
}
