/** Where the cause of a failed call to the engine lies, and so who can mend it. */
export type FailureOrigin =
  /** The image's registry. */
  | "registry"
  /** What lies between the VM and the registry. */
  | "network"
  /** The proxy that the engine is told to use. */
  | "proxy"
  /** The Docker engine. */
  | "engine"
  /** The filesystem on which the engine keeps its data. */
  | "disk"
  /** The VM's clock. */
  | "clock"
  /** What was pushed under the image's name. */
  | "image"
  /** What was declared: a name, a path, a command. */
  | "declaration"
  /** The VM's kernel, devices and rights. */
  | "host"
