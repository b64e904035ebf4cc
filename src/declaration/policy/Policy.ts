import type { PortRange } from "./PortRange.ts"

/**
 * What the host allows declarations to do to it. Passed to `decodeDeclaration`, or in `Settings`, where it applies to every
 * declaration of the run, whatever its source.
 *
 * It judges what is declared, not what is on the VM. The engine follows symbolic links: allow only directories in which
 * nobody but the host creates entries. A privileged container can do anything, whatever else is forbidden. Disks and
 * `emptyDir` are not host paths. Containers that already run are not affected.
 *
 * What is undefined is allowed; an empty list allows nothing. In a policy's text `default: deny` makes it the other way
 * round.
 */
export interface Policy {
  /** The name of its file, for messages. */
  readonly file: string
  /** Whether a container may be privileged. */
  readonly privileged?: boolean | undefined
  /**
   * Whether a container may run as root. If not, its user is declared (`runAsUser`), or its image has the number of
   * one: that is judged before anything is stopped.
   */
  readonly runAsRoot?: boolean | undefined
  /**
   * Whether a container may be without the engine's confinement: its seccomp profile, and what it hides of /proc and
   * /sys.
   */
  readonly unconfined?: boolean | undefined
  /** Which capabilities may be added, with or without `CAP_`; `ALL` allows all. */
  readonly capabilities?: ReadonlyArray<string> | undefined
  /** Whether a container may have GPUs. */
  readonly gpus?: boolean | undefined
  /** Whether a Pod may be on the host's network, on which it reaches whatever the host does. */
  readonly hostNetwork?: boolean | undefined
  /** Whether containers may see the host's processes. */
  readonly hostPID?: boolean | undefined
  /** Whether containers may share the host's System V IPC. */
  readonly hostIPC?: boolean | undefined
  /**
   * Absolute paths of the host that may be mounted, with everything below them. `/` allows all. A path that is not absolute
   * allows nothing.
   */
  readonly hostPaths?: ReadonlyArray<string> | undefined
  /** The ports of the host on which what is declared may be reached. */
  readonly hostPorts?: ReadonlyArray<PortRange> | undefined
  /** Log drivers besides `json-file`, which is the default. `default` is the one of the engine's daemon.json. */
  readonly logDrivers?: ReadonlyArray<string> | undefined
  /**
   * Where images may come from: `domain[/path]`, by whole components, as in `gcr.io` or `docker.io/library`. Anything else
   * allows nothing.
   */
  readonly registries?: ReadonlyArray<string> | undefined
  /** Runtimes that a Pod may name. One that names none has the engine's default, which is always allowed. */
  readonly runtimes?: ReadonlyArray<string> | undefined
  /**
   * Projects whose secrets of Secret Manager may be read, as declarations name them (by id or number). `own` is the VM's,
   * which a secret without a project belongs to.
   */
  readonly secretProjects?: ReadonlyArray<string> | undefined
  /** Settings of the kernel, by name, or as `net.ipv4.*` by how their names begin. */
  readonly sysctls?: ReadonlyArray<string> | undefined
  /** The kinds of volumes, by the key of their source. */
  readonly volumes?: ReadonlyArray<string> | undefined
}
