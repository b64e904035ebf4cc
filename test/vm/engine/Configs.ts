import type { ContainerConfig, ImageConfig } from "../../../src/vm/engine/ContainerConfig.ts"

/** Of an image that brings nothing, and of a container that was created from it with nothing declared. */
export const plainImage: ImageConfig = { entrypoint: [], cmd: [], env: [] }
export const plainContainer: ContainerConfig = {
  ...plainImage,
  openStdin: false,
  tty: false,
  binds: [],
  mounts: [],
  privileged: false,
  logConfig: { type: "json-file", config: {} },
  networkMode: "host",
  hostname: "",
  extraHosts: [],
  dns: { nameservers: [], searches: [], options: [] },
  ports: []
}
