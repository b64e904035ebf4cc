import type { DnsSettings } from "../../workload/Workload.ts"
import { type HostEntry, type NetworkMode, noDns, type PublishedPort, sortedPorts } from "./ContainerNetwork.ts"
import type { Hooks } from "../../workload/Lifecycle.ts"
import type { EngineResources } from "./EngineResources.ts"
import type { ContainerNamespaces } from "./ContainerNamespaces.ts"
import { type ContainerSecurity, userText } from "./ContainerSecurity.ts"
import type { LogConfig } from "./LogConfig.ts"
import type { BindMount, ContainerSpec, ImageMount, RedactedVariable } from "./ContainerSpec.ts"

/** The part of an image that its containers inherit. */
export interface ImageConfig {
  readonly entrypoint: ReadonlyArray<string>
  readonly cmd: ReadonlyArray<string>
  readonly env: ReadonlyArray<RedactedVariable>
  /** Absent: the root. */
  readonly workingDir?: string | undefined
  /** Absent: SIGTERM. */
  readonly stopSignal?: string | undefined
  /** `name`, `1000` or `1000:1000`. Absent: root. */
  readonly user?: string | undefined
}

/** How the engine says that a container was created, with its image's part merged in. Names follow `ContainerSpec`. */
export interface ContainerConfig extends ImageConfig {
  readonly openStdin: boolean
  readonly stdinOnce?: true | undefined
  readonly tty: boolean
  readonly binds: ReadonlyArray<string>
  readonly mounts: ReadonlyArray<BindMount>
  /** Absent if there are none. */
  readonly imageMounts?: ReadonlyArray<ImageMount> | undefined
  readonly privileged: boolean
  readonly resources?: EngineResources | undefined
  /** The engine's own if none was declared. */
  readonly logConfig: LogConfig
  readonly networkMode: NetworkMode
  /** The engine's choice if none was declared: the host's name, that of the joined container, or the id's beginning. */
  readonly hostname: string
  readonly extraHosts: ReadonlyArray<HostEntry>
  readonly dns: DnsSettings
  readonly ports: ReadonlyArray<PublishedPort>
  /** In seconds. Absent: the engine's ten. */
  readonly stopTimeout?: number | undefined
  readonly hooks?: Hooks | undefined
  /** But for its user, which is with what the image brings. */
  readonly security?: Omit<ContainerSecurity, "user">
  readonly namespaces?: ContainerNamespaces
}

/**
 * What the engine merges from a spec and its image. An image's command belongs to its entrypoint: a spec with an
 * entrypoint does not inherit it. Variables of the image are added unless the spec has them. Source: `merge` in moby's
 * daemon/commit.go.
 */
export const mergedConfig = (spec: ContainerSpec, image: ImageConfig): ContainerConfig => {
  const {
    entrypoint,
    cmd = [],
    env,
    openStdin,
    tty,
    binds,
    mounts,
    privileged,
    logConfig = engineLog,
    networkMode
  } = spec
  const { hostname = "", extraHosts = [], dns = noDns, ports = [], stopSignal = image.stopSignal } = spec
  const { workingDir = image.workingDir, stdinOnce, resources, stopTimeout, hooks } = spec
  const { namespaces, imageMounts } = spec
  const { user: declaredUser, ...security } = spec.security ?? {}
  const user = userText(declaredUser, image.user)
  const declared = new Set(env.map(({ name }) => name))
  return {
    entrypoint: entrypoint ?? image.entrypoint,
    cmd: cmd.length === 0 && (entrypoint ?? []).length === 0 ? image.cmd : cmd,
    env: [...env, ...image.env.filter(({ name }) => !declared.has(name))],
    ...(workingDir === undefined ? {} : { workingDir }),
    openStdin,
    ...(stdinOnce === undefined ? {} : { stdinOnce }),
    tty,
    binds,
    mounts,
    ...(imageMounts === undefined ? {} : { imageMounts }),
    privileged,
    ...(resources === undefined ? {} : { resources }),
    logConfig,
    networkMode,
    hostname,
    extraHosts,
    dns,
    ports: sortedPorts(ports),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(stopTimeout === undefined || stopTimeout === 10 ? {} : { stopTimeout }),
    ...(hooks === undefined ? {} : { hooks }),
    ...(user === "" ? {} : { user }),
    ...(Object.keys(security).length === 0 ? {} : { security }),
    ...(namespaces === undefined ? {} : { namespaces })
  }
}

/** Without a word in daemon.json. */
const engineLog: LogConfig = { type: "json-file", config: {} }
