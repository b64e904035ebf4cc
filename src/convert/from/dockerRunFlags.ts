import { noSwap } from "./dockerLimits.ts"

/** The flags of `docker run`, by their long names. Source: `docker run --help` and `addFlags` of docker/cli 28. */
export interface RunFlag {
  readonly short?: string
  /** It takes no value but `=true` and `=false`. */
  readonly isSwitch?: true
  /** Never carried over, for this reason. */
  readonly lost?: string
  /** It asks for what holds anyway. */
  readonly holds?: true
  /** It is on unless it is switched off. */
  readonly isOn?: true
}

const nothing = "No field of a declaration says it."
const ofClient = "It is about the command that starts the container, not about the container."
const engineOnly =
  "No field of a declaration says it: set it for all containers in the engine's daemon.json, or leave it out."
const windows = "It is for Windows."
const onNetwork = "A Pod's network is the engine's choice."
const io = "No field of a declaration limits what is read from and written to disks."

/** Where a container is named that is not converted with it. */
export const notTogether = {
  link: "Containers reach each other at localhost: convert both together into one Pod.",
  volumesFrom: "Containers share volumes by being in one Pod: convert them together."
}

export const runFlags: Readonly<Record<string, RunFlag>> = {
  "add-host": {},
  annotation: { lost: nothing },
  attach: { short: "a", lost: ofClient },
  "blkio-weight": { lost: io },
  "blkio-weight-device": { lost: io },
  "cap-add": {},
  "cap-drop": {},
  "cgroup-parent": { lost: engineOnly },
  cgroupns: { lost: engineOnly },
  cidfile: { lost: ofClient },
  "cpu-count": { lost: windows },
  "cpu-percent": { lost: windows },
  "cpu-period": {},
  "cpu-quota": {},
  "cpu-rt-period": { lost: nothing },
  "cpu-rt-runtime": { lost: nothing },
  "cpu-shares": { short: "c" },
  cpus: {},
  "cpuset-cpus": { lost: "No field of a declaration says which CPUs: `--cpus` limits how many." },
  "cpuset-mems": { lost: nothing },
  detach: { short: "d", isSwitch: true, holds: true },
  "detach-keys": { lost: ofClient },
  device: {
    lost: "Devices are not passed on but for GPUs. A privileged container may have one as a hostPath of type CharDevice or BlockDevice."
  },
  "device-cgroup-rule": { lost: "Devices are not passed on but for GPUs: a privileged container has all." },
  "device-read-bps": { lost: io },
  "device-read-iops": { lost: io },
  "device-write-bps": { lost: io },
  "device-write-iops": { lost: io },
  "disable-content-trust": { isSwitch: true, isOn: true, lost: ofClient },
  dns: {},
  "dns-option": {},
  "dns-search": {},
  domainname: {
    lost: "There is no cluster domain: write dnsConfig with searches, if names are to be looked up in it."
  },
  entrypoint: {},
  env: { short: "e" },
  "env-file": {},
  expose: {},
  gpus: {},
  "group-add": {},
  "health-cmd": {},
  "health-interval": {},
  "health-retries": {},
  "health-start-interval": { lost: "A probe has one period." },
  "health-start-period": {},
  "health-timeout": {},
  help: { isSwitch: true, lost: ofClient },
  hostname: { short: "h" },
  init: {
    isSwitch: true,
    lost: "No init is put before the program. Put one into the image (tini), if it leaves processes behind."
  },
  interactive: { short: "i", isSwitch: true },
  "io-maxbandwidth": { lost: windows },
  "io-maxiops": { lost: windows },
  ip: { lost: onNetwork },
  ip6: { lost: onNetwork },
  ipc: {},
  isolation: { lost: windows },
  "kernel-memory": { lost: "Engines ignore it." },
  label: { short: "l", lost: "Containers have Slipway's own labels alone. Labels of the Pod are in its metadata." },
  "label-file": { lost: "Containers have Slipway's own labels alone. Labels of the Pod are in its metadata." },
  link: {},
  "link-local-ip": { lost: onNetwork },
  "log-driver": {},
  "log-opt": {},
  "mac-address": { lost: onNetwork },
  memory: { short: "m" },
  "memory-reservation": {},
  "memory-swap": {},
  "memory-swappiness": { lost: noSwap },
  mount: {},
  name: {},
  network: {},
  "network-alias": {},
  "no-healthcheck": { isSwitch: true },
  "oom-kill-disable": { isSwitch: true, lost: nothing },
  "oom-score-adj": { lost: nothing },
  pid: {},
  "pids-limit": { lost: engineOnly },
  platform: { lost: "The image is that of the VM's own platform." },
  privileged: { isSwitch: true },
  publish: { short: "p" },
  "publish-all": {
    short: "P",
    isSwitch: true,
    lost: "The ports that an image exposes are not known here: write each as a port."
  },
  pull: {},
  quiet: { short: "q", isSwitch: true, lost: ofClient },
  "read-only": { isSwitch: true },
  restart: {},
  rm: {
    isSwitch: true,
    lost: "A container that has ended stays until the next one takes its place, so that its end can be looked into."
  },
  runtime: {},
  "security-opt": {},
  "shm-size": {},
  "sig-proxy": { isSwitch: true, isOn: true, lost: ofClient },
  "stop-signal": {},
  "stop-timeout": {},
  "storage-opt": { lost: engineOnly },
  sysctl: {},
  tmpfs: {},
  tty: { short: "t", isSwitch: true },
  ulimit: { lost: engineOnly.replace("daemon.json", "daemon.json (default-ulimits)") },
  "use-api-socket": { isSwitch: true, lost: "Mount the engine's socket as a hostPath, /var/run/docker.sock." },
  user: { short: "u" },
  userns: { lost: engineOnly },
  uts: { lost: nothing },
  volume: { short: "v" },
  "volume-driver": { lost: "Volumes are directories and disks of the VM." },
  "volumes-from": {},
  workdir: { short: "w" }
}

/** Other spellings that docker takes. */
export const runAliases: Readonly<Record<string, string>> = {
  net: "network",
  "net-alias": "network-alias",
  "dns-opt": "dns-option"
}
