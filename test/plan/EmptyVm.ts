import type { Observation } from "../../src/observation/Observation.ts"

/** A VM that was just made: the engine holds nothing, no disk is attached, and the firewall has no rule of ours. */
export const emptyVm: Observation = {
  wallMillis: 0,
  mountRoot: "/mnt/r",
  containers: [],
  lost: [],
  unusableNames: [],
  foreignNames: [],
  images: new Map(),
  imageConfigs: new Map(),
  mounts: [{ source: "/dev/sda1", target: "/", type: "ext4", options: ["rw"] }],
  attached: [],
  disks: [],
  volumes: {
    kinds: new Map(),
    dangling: new Map(),
    emptyDirs: { paths: new Map(), found: [] },
    files: { identities: new Map(), entries: [] },
    sharing: new Map(),
    subPaths: new Map(),
    engine: undefined,
    kernel: undefined
  },
  firewall: { ipv4: "Absent", ipv6: "Absent" },
  networks: [],
  takenPorts: [],
  unready: [],
  unhooked: [],
  stopped: []
}
