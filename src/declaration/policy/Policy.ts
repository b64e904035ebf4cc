/**
 * What the host allows declarations to do to it. Passed to `decodeDeclaration`, or in `Settings`, where it applies to every
 * declaration of the run, whatever its source.
 *
 * It judges what is declared, not what is on the VM. The engine follows symbolic links: allow only directories in which
 * nobody but the host creates entries. A privileged container can do anything, whatever else is forbidden. Disks and
 * `emptyDir` are not host paths. Containers that already run are not affected.
 */
export interface Policy {
  /** The name of its file, for messages. */
  readonly file: string
  /** Whether a container may be privileged. */
  readonly privileged: boolean
  /**
   * Absolute paths of the host that may be mounted, with everything below them. `/` or undefined allows all, an empty list
   * none. A path that is not absolute allows nothing.
   */
  readonly hostPaths: ReadonlyArray<string> | undefined
  /**
   * Where images may come from: `domain[/path]`, by whole components, as in `gcr.io` or `docker.io/library`. Undefined
   * allows every image, an empty list none. Anything else allows nothing.
   */
  readonly registries: ReadonlyArray<string> | undefined
}
