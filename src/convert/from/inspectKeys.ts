import { runFlags } from "./dockerRunFlags.ts"

const asFlag = (name: string): string => runFlags[name]?.lost ?? ""

const nothing = asFlag("annotation")
const windows = asFlag("cpu-count")
const io = asFlag("blkio-weight")

/** What a container's HostConfig has: undefined where it is carried over, else why it is not. Source: the API, v1.51. */
export const hostConfigKeys: Readonly<Record<string, string | undefined>> = {
  Annotations: nothing,
  AutoRemove: asFlag("rm"),
  Binds: undefined,
  BlkioDeviceReadBps: io,
  BlkioDeviceReadIOps: io,
  BlkioDeviceWriteBps: io,
  BlkioDeviceWriteIOps: io,
  BlkioWeight: io,
  BlkioWeightDevice: io,
  CapAdd: undefined,
  CapDrop: undefined,
  Cgroup: asFlag("cgroup-parent"),
  CgroupParent: asFlag("cgroup-parent"),
  CgroupnsMode: asFlag("cgroupns"),
  ConsoleSize: asFlag("attach"),
  ContainerIDFile: asFlag("cidfile"),
  CpuCount: windows,
  CpuPercent: windows,
  CpuPeriod: undefined,
  CpuQuota: undefined,
  CpuRealtimePeriod: nothing,
  CpuRealtimeRuntime: nothing,
  CpuShares: undefined,
  CpusetCpus: asFlag("cpuset-cpus"),
  CpusetMems: nothing,
  DeviceCgroupRules: asFlag("device-cgroup-rule"),
  DeviceRequests: undefined,
  Devices: asFlag("device"),
  Dns: undefined,
  DnsOptions: undefined,
  DnsSearch: undefined,
  ExtraHosts: undefined,
  GroupAdd: undefined,
  IOMaximumBandwidth: windows,
  IOMaximumIOps: windows,
  Init: asFlag("init"),
  IpcMode: undefined,
  Isolation: windows,
  KernelMemory: asFlag("kernel-memory"),
  KernelMemoryTCP: asFlag("kernel-memory"),
  Links: undefined,
  LogConfig: undefined,
  MaskedPaths: undefined,
  Memory: undefined,
  MemoryReservation: undefined,
  MemorySwap: undefined,
  MemorySwappiness: asFlag("memory-swappiness"),
  Mounts: undefined,
  NanoCpus: undefined,
  NetworkMode: undefined,
  OomKillDisable: nothing,
  OomScoreAdj: nothing,
  PidMode: undefined,
  PidsLimit: asFlag("pids-limit"),
  PortBindings: undefined,
  Privileged: undefined,
  PublishAllPorts: asFlag("publish-all"),
  ReadonlyPaths: undefined,
  ReadonlyRootfs: undefined,
  RestartPolicy: undefined,
  Runtime: undefined,
  SecurityOpt: undefined,
  ShmSize: undefined,
  StorageOpt: asFlag("storage-opt"),
  Sysctls: undefined,
  Tmpfs: undefined,
  UTSMode: asFlag("uts"),
  Ulimits: asFlag("ulimit"),
  UsernsMode: asFlag("userns"),
  VolumeDriver: asFlag("volume-driver"),
  VolumesFrom: undefined
}

/** The same of its Config. */
export const configKeys: Readonly<Record<string, string | undefined>> = {
  ArgsEscaped: windows,
  AttachStderr: undefined,
  AttachStdin: undefined,
  AttachStdout: undefined,
  Cmd: undefined,
  Domainname: asFlag("domainname"),
  Entrypoint: undefined,
  Env: undefined,
  ExposedPorts: undefined,
  Healthcheck: undefined,
  Hostname: undefined,
  Image: undefined,
  Labels: asFlag("label"),
  MacAddress: asFlag("mac-address"),
  NetworkDisabled: "No Pod is without a network.",
  OnBuild: undefined,
  OpenStdin: undefined,
  Shell: undefined,
  StdinOnce: undefined,
  StopSignal: undefined,
  StopTimeout: undefined,
  Tty: undefined,
  User: undefined,
  Volumes: undefined,
  WorkingDir: undefined
}

/** What Docker or Podman writes itself where nothing is asked for, beside nothing. */
export const idleHostConfig: Readonly<Record<string, ReadonlyArray<string>>> = {
  CgroupManager: ["cgroupfs", "systemd"],
  CgroupMode: ["private", "host"],
  CgroupnsMode: ["private", "host"],
  Cgroups: ["default"],
  Isolation: ["default"],
  MemorySwappiness: ["-1"],
  PidsLimit: ["-1"],
  UTSMode: ["private"]
}

/** The same of its Config. */
export const idleConfig: Readonly<Record<string, ReadonlyArray<string>>> = {
  HealthcheckOnFailureAction: ["none"],
  Passwd: ["true"],
  Umask: ["0022"],
  sdNotifyMode: ["container"]
}
