import type { EngineFacts } from "../../vm/engine/EngineFacts.ts"
import type { VmDescription } from "../VmDescription.ts"

/** What a simulated engine tells of its machine by default: of an e2-medium with Container-Optimized OS. */
export const defaultFacts: EngineFacts = {
  cpus: 2,
  memoryBytes: 4 * 2 ** 30,
  cgroupVersion: 2,
  unlimited: [],
  kernelVersion: "6.1.112+",
  operatingSystem: "Container-Optimized OS from Google",
  securityOptions: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
  runtimes: ["runc", "io.containerd.runc.v2"],
  cdiDevices: [],
  logDrivers: ["awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "splunk", "syslog"]
}

export const factsOf = ({ facts }: VmDescription): EngineFacts => ({ ...defaultFacts, ...facts })
