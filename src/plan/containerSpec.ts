import { sha256 } from "../vm/host/sha256.ts"
import * as Redacted from "effect/Redacted"
import { imageMark, mountSource } from "../observation/MountPoints.ts"
import {
  containerLabel,
  digestLabel,
  type Role,
  roleLabel,
  restsOnLabel,
  runtimeLabel,
  secretsLabel,
  volumeImagesLabel,
  workloadLabel
} from "../observation/Ownership.ts"
import { containerResources } from "./containerResources.ts"
import type { ProfilesObservation } from "../observation/observeSecurity.ts"
import { hooksText } from "../vm/engine/hooksLabel.ts"
import type { NetworkSpec } from "./podNetwork.ts"
import { securitySpec } from "./securitySpec.ts"
import { secretsLabelText } from "./rotatedSecrets.ts"
import { type ContainerNamespaces, joiningAt } from "../vm/engine/ContainerNamespaces.ts"
import { type ObservedImage, volumeImagesText } from "../observation/volumeImages.ts"
import type { BindMount, ContainerSpec, EngineRestartPolicy, ImageMount } from "../vm/engine/ContainerSpec.ts"
import { type LogConfig, logConfig, logOptions } from "../vm/engine/LogConfig.ts"
import type { VolumeGroup } from "../workload/VolumeGroup.ts"
import { grantedLogging } from "../workload/Logging.ts"
import type { Container, FilesVolume, ImageVolume, Volume, VolumeMount } from "../workload/Workload.ts"
import { filesIdentity } from "./filesIdentity.ts"

/** What a container's spec depends on, besides its declaration. */
export interface SpecOptions {
  readonly role: Role
  /** Its name in the engine. */
  readonly name: string
  /** The workload's. */
  readonly volumes: ReadonlyArray<Volume>
  /** To which the volumes are given. */
  readonly volumeGroup?: VolumeGroup | undefined
  readonly mountRoot: string
  /** The manifest digest that its image reference stands for; if it is not known there is no label for it. */
  readonly digest: string | undefined
  /** The host's profiles, where the workload names any. */
  readonly profiles?: ProfilesObservation | undefined
  /** The images that it mounts. */
  readonly volumeImages?: ReadonlyArray<ObservedImage>
  readonly network: NetworkSpec
  /** Absent where it has all its own. */
  readonly namespaces?: ContainerNamespaces | undefined
  /** The workload's. */
  readonly runtime?: string | undefined
  /** The number of its first GPU, if it has any. Default 0. */
  readonly firstGpu?: number
  /** Identifies what starts before it and serves it: see `restsOn`. */
  readonly restsOn: string | undefined
}

/**
 * What a container is created with. The `slipway.workload` label is a hash of everything that does not vary from boot
 * to boot, by which a later run sees whether a container is still what is declared.
 */
export const containerSpec = (container: Container, options: SpecOptions): ContainerSpec => {
  const spec = unlabelled(container, options)
  const { command = spec.entrypoint, args = spec.cmd } = container.identity ?? {}
  const { role, digest, restsOn, volumeImages = [] } = options
  const images = volumeImagesText(volumeImages)
  const mounted = filesOf(container, options.volumes)
  const secrets = secretsLabelText([...container.env, ...mounted.flatMap(({ files }) => files)])
  return {
    ...spec,
    labels: {
      [workloadLabel]: hash({ ...spec, entrypoint: command, cmd: args }),
      ...(digest === undefined ? {} : { [digestLabel]: digest }),
      ...(container.name === "" ? {} : { [containerLabel]: container.name }),
      ...(role === "main" ? {} : { [roleLabel]: role }),
      ...(secrets === undefined ? {} : { [secretsLabel]: secrets }),
      ...(spec.runtime === undefined ? {} : { [runtimeLabel]: spec.runtime }),
      ...(images === undefined ? {} : { [volumeImagesLabel]: images }),
      ...(restsOn === undefined ? {} : { [restsOnLabel]: restsOn })
    }
  }
}

/** Identifies the containers that start before another, by their hashes, in order. */
export const restsOn = (before: ReadonlyArray<ContainerSpec>): string | undefined =>
  before.length === 0 ? undefined : sha256(before.map(({ labels }) => labels[workloadLabel]).join("\n"))

/**
 * Whether a mount goes into `Binds`, for which the engine creates a missing directory. `Mounts` fails without its source,
 * and has options that `Binds` lacks; the parts of a bind are separated by colons, so a path that has one cannot be in it.
 */
export const isBind = (volume: Volume, { path, recursiveReadOnly, subPath }: VolumeMount): boolean =>
  volume._tag === "HostPath" &&
  volume.type === undefined &&
  recursiveReadOnly === undefined &&
  subPath === undefined &&
  !volume.path.includes(":") &&
  !path.includes(":")

const propagations = { HostToContainer: "rslave", Bidirectional: "rshared" } as const

const bindMount = (source: string, mount: VolumeMount): BindMount => ({
  source,
  target: mount.path,
  readOnly: mount.readOnly,
  ...(mount.propagation === undefined ? {} : { propagation: propagations[mount.propagation] }),
  ...(mount.recursiveReadOnly === "Disabled" ? { readOnlyNonRecursive: true } : {}),
  ...(mount.recursiveReadOnly === "Enabled" ? { readOnlyForceRecursive: true } : {})
})

/**
 * Where a container has the mark by which it does not start after a boot: see `imageMark`. Engines make a /dev for
 * each.
 */
const markTarget = "/dev/slipway"

const imageMount = ({ image }: ImageVolume, { path, subPath }: VolumeMount): ImageMount => ({
  source: image.text,
  target: path,
  ...(subPath === undefined ? {} : { subPath })
})

/** `host:container[:options]` */
const bindText = (source: string, { path, readOnly, propagation }: VolumeMount): string => {
  const options = [...(readOnly ? ["ro"] : []), ...(propagation === undefined ? [] : [propagations[propagation]])]
  return [source, path, ...(options.length === 0 ? [] : [options.join(",")])].join(":")
}

const unlabelled = (
  container: Container,
  { role, name, volumes, volumeGroup, mountRoot, network, namespaces, runtime, profiles, firstGpu = 0 }: SpecOptions
): ContainerSpec => {
  const resources = container.resources && containerResources(container.resources, firstGpu)
  const security = securitySpec(container, profiles)
  const logging = logConfigOf(container)
  const contents = filesOf(container, volumes).map((volume) => [
    volume.name,
    Redacted.value(filesIdentity(volume, volumeGroup))
  ])
  const byName = new Map(volumes.map((volume) => [volume.name, volume]))
  const binds: Array<string> = []
  const mounts: Array<BindMount> = []
  const imageMounts: Array<ImageMount> = []
  for (const mount of container.mounts) {
    const volume = byName.get(mount.volume)
    if (volume === undefined) continue
    if (volume._tag === "Image") {
      imageMounts.push(imageMount(volume, mount))
      continue
    }
    const source = mountSource(mountRoot, volume, mount)
    if (isBind(volume, mount)) binds.push(bindText(source, mount))
    else mounts.push(bindMount(source, mount))
  }
  if (imageMounts.length > 0) mounts.push({ source: imageMark(mountRoot), target: markTarget, readOnly: true })
  return {
    name,
    image: container.image.text,
    entrypoint: container.command,
    cmd: container.args,
    env: container.env.map(({ name, value, identity }) => ({
      name,
      value: Redacted.make(value),
      ...(identity === undefined ? {} : { identity })
    })),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    openStdin: container.stdin,
    ...(container.stdinOnce === undefined ? {} : { stdinOnce: container.stdinOnce }),
    tty: container.tty,
    binds,
    mounts,
    ...(imageMounts.length === 0 ? {} : { imageMounts }),
    privileged: container.privileged,
    ...(resources === undefined ? {} : { resources }),
    ...network,
    restartPolicy: { name: restartPolicyOf(container, role), maximumRetryCount: 0 },
    ...(logging === undefined ? {} : { logConfig: logging }),
    labels: {},
    ...(security === undefined ? {} : { security }),
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(contents.length === 0 ? {} : { contents: Redacted.make(JSON.stringify(contents)) }),
    ...(runtime === undefined ? {} : { runtime }),
    ...endOf(container),
    ...(container.terminationMessage === undefined ? {} : { terminationMessage: container.terminationMessage })
  }
}

/** The volumes of files that it mounts. */
const filesOf = ({ mounts }: Container, volumes: ReadonlyArray<Volume>): ReadonlyArray<FilesVolume> => {
  const used = new Set(mounts.map(({ volume }) => volume))
  return volumes.filter((volume): volume is FilesVolume => volume._tag === "Files" && used.has(volume.name))
}

/** How it ends, and what is done then and at its beginning. */
const endOf = ({
  lifecycle = {},
  gracePeriod
}: Container): Pick<ContainerSpec, "stopSignal" | "stopTimeout" | "hooks"> => {
  const { stopSignal, ...hooks } = lifecycle
  return {
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(gracePeriod === undefined ? {} : { stopTimeout: gracePeriod }),
    ...(Object.keys(hooks).length === 0 ? {} : { hooks })
  }
}

const logConfigOf = ({ logging }: Container): LogConfig | undefined => {
  const granted = grantedLogging(logging)
  return granted && logConfig(granted.driver, granted.options)
}

/** The run waits for an init container and retries it itself; a sandbox or sidecar never ends. */
const restartPolicyOf = (container: Container, role: Role): EngineRestartPolicy["name"] =>
  role === "main" ? engineRestartPolicies[container.restartPolicy] : role === "init" ? "no" : "always"

const engineRestartPolicies = {
  Always: "always",
  OnFailure: "on-failure",
  Never: "no"
} as const satisfies Record<Container["restartPolicy"], EngineRestartPolicy["name"]>

/** Leaves out the names, its own and its sandbox's, which change with every boot. */
const hash = (spec: ContainerSpec): string => {
  const { networkMode } = spec
  const network = typeof networkMode === "object" && networkMode._tag === "Container" ? "sandbox" : networkMode
  const namespaces = spec.namespaces && joiningAt(spec.namespaces, "sandbox")
  const env = spec.env.map(({ name, value, identity }) => [name, identity ?? Redacted.value(value)])
  const log = spec.logConfig && { type: spec.logConfig.type, config: logOptions(spec.logConfig) }
  return sha256(
    JSON.stringify({
      ...spec,
      name: undefined,
      networkMode: network,
      labels: undefined,
      env,
      logConfig: log,
      namespaces,
      hooks: spec.hooks && hooksText(spec.hooks),
      contents: spec.contents && Redacted.value(spec.contents)
    })
  )
}
