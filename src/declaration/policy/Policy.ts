/**
 * What the host allows a declaration to do to it. Given to `decodeDeclaration`, or in `Settings`, whose policy holds for
 * every declaration of the run, wherever it came from.
 *
 * It judges what is declared, not what is on the VM. Whoever can write below an allowed host path can put a symbolic
 * link there, and the engine follows it: allow directories in which only the host makes entries. A privileged container
 * can do anything, whatever else is forbidden. Disks and `emptyDir` are no host paths. What already runs goes on.
 */
export interface Policy {
  /** The file's name, or what else it was read from; messages name it. */
  readonly file: string
  /** Whether a container may be privileged. */
  readonly privileged: boolean
  /**
   * Directories and files of the host, absolute, that may be mounted, with all below them. `/` stands for all, and so
   * does undefined; an empty list for none. What is not absolute stands for nothing.
   */
  readonly hostPaths: ReadonlyArray<string> | undefined
  /**
   * Where images may come from: `domain[/path]`, by whole components, as in `gcr.io` or `docker.io/library`. Undefined
   * stands for everywhere, an empty list for nowhere. What is no such prefix stands for nothing.
   */
  readonly registries: ReadonlyArray<string> | undefined
}
