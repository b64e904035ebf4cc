import { notTogether, runFlags } from "./dockerRunFlags.ts"

/** The reason for a flag of `docker run` that says the same. */
const asFlag = (name: string): string => runFlags[name]?.lost ?? ""

const windows = asFlag("cpu-count")
const nothing = asFlag("annotation")

/**
 * The keys of a service: undefined where one is carried over, else why it is not. Source: schema/compose-spec.json of
 * compose-spec/compose-spec.
 */
export const serviceKeys: Readonly<Record<string, string | undefined>> = {
  annotations: nothing,
  attach: asFlag("attach"),
  blkio_config: asFlag("blkio-weight"),
  build: "Nothing is built on the VM: build the image, push it, and name it as image.",
  cap_add: undefined,
  cap_drop: undefined,
  cgroup: asFlag("cgroupns"),
  cgroup_parent: asFlag("cgroup-parent"),
  command: undefined,
  configs: undefined,
  container_name: undefined,
  cpu_count: windows,
  cpu_percent: windows,
  cpu_period: undefined,
  cpu_quota: undefined,
  cpu_rt_period: nothing,
  cpu_rt_runtime: nothing,
  cpu_shares: undefined,
  cpus: undefined,
  cpuset: "No field of a declaration says which CPUs: `cpus` limits how many.",
  credential_spec: windows,
  depends_on: undefined,
  deploy: undefined,
  develop: "It is about developing the service.",
  device_cgroup_rules: asFlag("device-cgroup-rule"),
  devices: asFlag("device"),
  dns: undefined,
  dns_opt: undefined,
  dns_search: undefined,
  domainname: asFlag("domainname"),
  entrypoint: undefined,
  env_file: undefined,
  environment: undefined,
  expose: undefined,
  extends: undefined,
  external_links: notTogether.link,
  extra_hosts: undefined,
  gpus: undefined,
  group_add: undefined,
  healthcheck: undefined,
  hostname: undefined,
  image: undefined,
  init: asFlag("init"),
  ipc: undefined,
  isolation: windows,
  label_file: asFlag("label"),
  labels: asFlag("label"),
  links: undefined,
  logging: undefined,
  mac_address: asFlag("mac-address"),
  mem_limit: undefined,
  mem_reservation: undefined,
  mem_swappiness: asFlag("memory-swappiness"),
  memswap_limit: undefined,
  models: "No declaration has models.",
  network_mode: undefined,
  networks: undefined,
  oom_kill_disable: nothing,
  oom_score_adj: nothing,
  pid: undefined,
  pids_limit: asFlag("pids-limit"),
  platform: asFlag("platform"),
  ports: undefined,
  post_start: undefined,
  pre_stop: undefined,
  privileged: undefined,
  profiles: undefined,
  provider: "A declaration has containers alone.",
  pull_policy: undefined,
  pull_refresh_after: "An image is asked for at each run, or never.",
  read_only: undefined,
  restart: undefined,
  runtime: undefined,
  scale: undefined,
  secrets: undefined,
  security_opt: undefined,
  shm_size: undefined,
  stdin_open: undefined,
  stop_grace_period: undefined,
  stop_signal: undefined,
  storage_opt: asFlag("storage-opt"),
  sysctls: undefined,
  tmpfs: undefined,
  tty: undefined,
  ulimits: asFlag("ulimit"),
  use_api_socket: asFlag("use-api-socket"),
  user: undefined,
  userns_mode: asFlag("userns"),
  uts: asFlag("uts"),
  volumes: undefined,
  volumes_from: undefined,
  working_dir: undefined
}

/** Values that ask for what holds anyway. */
export const idleValues: Readonly<Record<string, ReadonlyArray<string>>> = {
  attach: ["true"],
  init: ["false"],
  oom_kill_disable: ["false"],
  oom_score_adj: ["0"],
  use_api_socket: ["false"],
  pids_limit: ["0", "-1"],
  mem_swappiness: ["0"],
  cgroup: ["private"]
}

const scheduler = "There is one VM, and nothing that schedules."

/** What `deploy` may have, and why it is not carried over. */
export const deployKeys: Readonly<Record<string, string | undefined>> = {
  endpoint_mode: scheduler,
  labels: asFlag("label"),
  mode: scheduler,
  placement: scheduler,
  replicas: undefined,
  resources: undefined,
  restart_policy: undefined,
  rollback_config: "Slipway goes back by itself if a new container does not come up.",
  update_config: scheduler
}
