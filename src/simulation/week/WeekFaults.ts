import type { Call, Fault, PlainFault } from "../Calls.ts"
import type { MetadataManners } from "../network/SimulatedMetadata.ts"
import type { WeekFault } from "./WeekEvent.ts"
import type { Cause } from "./Disturbance.ts"

/** Something that does not work until a time. */
export interface ActiveFault {
  readonly what: WeekFault
  readonly until: number
}

interface Chance {
  readonly nextDoubleUnsafe: () => number
}

/** How likely a call fails where calls fail at times. */
const rate = 0.08

/** Faults after which the caller lives on. */
const kinds: ReadonlyArray<PlainFault> = ["fail", "lose", "late", "hang", "lag"]

const asksRegistry = new Set<Call["name"]>(["docker pull", "docker resolve digest"])
const changesContainers = new Set<Call["name"]>([
  "docker create",
  "docker start",
  "docker stop",
  "docker remove",
  "docker rename",
  "docker update"
])
const writesDisk = new Set<Call["name"]>(["docker create", "docker pull", "docker import"])
/** May take half an hour by their deadlines, which is longer than is waited for a fault to be over. */
const worksOnDisks = /^run (fsck|mkfs|chgrp)/
const writesFiles = /^run (tee|install)$/

/** The fault of a call while these are active. */
export const faultIn = (active: ReadonlyArray<ActiveFault>, call: Call, chance: Chance): Fault | undefined => {
  for (const { what, until } of active) {
    if (call.at >= until) continue
    const fault = faultOf(what, call, chance)
    if (fault !== undefined) return fault
  }
  return undefined
}

const faultOf = (what: WeekFault, { name, subject }: Call, chance: Chance): Fault | undefined => {
  switch (what) {
    case "metadata refuses":
      return name.startsWith("metadata ") ? "fail" : undefined
    case "metadata is silent":
      return name.startsWith("metadata ") ? "hang" : undefined
    case "the registry is away":
      return asksRegistry.has(name)
        ? {
            says: `Get "https://${subject.split("/", 1).join()}/v2/": dial tcp 192.0.2.1:443: connect: connection refused`
          }
        : undefined
    case "the engine hangs":
      return name.startsWith("docker ") ? "hang" : undefined
    case "the engine fails at times":
      if (!changesContainers.has(name) || chance.nextDoubleUnsafe() >= 0.4) return undefined
      return chance.nextDoubleUnsafe() < 0.5 ? "fail" : "lose"
    case "calls fail at times": {
      if (chance.nextDoubleUnsafe() >= rate) return undefined
      const kind = kinds[Math.floor(chance.nextDoubleUnsafe() * kinds.length)]
      return (kind === "hang" || kind === "lag") && worksOnDisks.test(name) ? "late" : kind
    }
    case "the disk is full":
      if (writesDisk.has(name)) return { says: "write /var/lib/docker/tmp/layer: no space left on device" }
      // What is in memory can be written.
      return writesFiles.test(name) && !subject.startsWith("/run/") ? "fail" : undefined
    case "probes are not answered":
      return name.startsWith("probe ") || name === "docker exec" ? "hang" : undefined
    case "metadata does not wait":
    case "metadata has old tags":
    case "metadata reads late":
    case "metadata polls late":
      return undefined
  }
}

/** What metadata does otherwise than it should. */
export const mannersIn = (active: ReadonlyArray<ActiveFault>): MetadataManners => {
  const isActive = (what: WeekFault) => active.some((one) => one.what === what)
  return {
    ...(isActive("metadata does not wait") ? { polls: "at once" as const } : {}),
    ...(isActive("metadata has old tags") ? { polls: "with an old tag" as const } : {}),
    ...(isActive("metadata polls late") ? { late: "polls" as const } : {}),
    ...(isActive("metadata reads late") ? { late: "reads" as const } : {})
  }
}

export const causeOfFault = (what: WeekFault): Cause => {
  if (what.startsWith("metadata")) return "metadata"
  if (what === "the registry is away") return "the registry"
  if (what === "the disk is full") return "the disk"
  if (what === "probes are not answered") return "a failing probe"
  return what === "calls fail at times" ? "failing calls" : "the engine"
}
