/** Where the cause of a failed engine call lies, and so who can fix it. */
export type FailureOrigin =
  /** The image's registry. */
  | "registry"
  /** Anything between the VM and the registry. */
  | "network"
  /** The proxy that the engine is configured to use. */
  | "proxy"
  /** The Docker engine. */
  | "engine"
  /** The filesystem on which the engine keeps its data. */
  | "disk"
  /** The VM's clock. */
  | "clock"
  /** The content that was pushed under the image's name. */
  | "image"
  /** The declaration: a name, a path, a command. */
  | "declaration"
  /** The VM's kernel, devices and rights. */
  | "host"
