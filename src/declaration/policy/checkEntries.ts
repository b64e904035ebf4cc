import * as Result from "effect/Result"
import type { Check } from "../check/Check.ts"
import { nearest } from "../../text/nearest.ts"
import { allCapabilities, capabilityOf, linuxCapabilities, withoutPrefix } from "../../workload/capabilities.ts"
import { parsePortRange } from "./PortRange.ts"
import { parseRepositoryPrefix } from "../../workload/ImageReference.ts"
import { isProject } from "../../workload/SecretVersion.ts"
import { own } from "./checkSecretProject.ts"
import { isSysctlName } from "../check/Namespaces.ts"
import {
  PolicyCapabilityInvalid,
  PolicyDefaultInvalid,
  PolicyLogDriverInvalid,
  PolicyPathInvalid,
  PolicyPortInvalid,
  PolicyProjectInvalid,
  PolicyRegistryInvalid,
  PolicyRuntimeInvalid,
  PolicySysctlInvalid,
  PolicyVolumeInvalid
} from "./PolicyProblem.ts"
import type { DeclaredPolicy } from "./PolicySchema.ts"
import type { Place } from "../yaml/Places.ts"
import { VolumeSchema } from "../schema/VolumeSchema.ts"

type EntryCheck = Check<
  | PolicyCapabilityInvalid
  | PolicyDefaultInvalid
  | PolicyLogDriverInvalid
  | PolicyPathInvalid
  | PolicyPortInvalid
  | PolicyProjectInvalid
  | PolicyRegistryInvalid
  | PolicyRuntimeInvalid
  | PolicySysctlInvalid
  | PolicyVolumeInvalid,
  never
>

/** Reports each entry that could not match anything. */
export const checkEntries = (policy: DeclaredPolicy, check: EntryCheck): void => {
  const { capabilities, hostPaths, hostPorts, logDrivers, registries, runtimes, secretProjects, sysctls, volumes } =
    policy
  const standing = check.at(policy, "default")
  if (policy.default !== undefined && !standing.invalid && policy.default !== "allow" && policy.default !== "deny") {
    check.problem(standing, PolicyDefaultInvalid, {})
  }
  each(capabilities, check, (text, place) => {
    if (capabilityOf(text) !== undefined) return
    const suggestion = nearest(withoutPrefix(text), [...linuxCapabilities, allCapabilities])
    check.problem(place, PolicyCapabilityInvalid, { path: place.path, suggestion })
  })
  each(hostPaths, check, (text, place) => {
    if (!isUsablePath(text)) check.problem(place, PolicyPathInvalid, { path: place.path })
  })
  each(hostPorts, check, (text, place) => {
    if (parsePortRange(text) === undefined) check.problem(place, PolicyPortInvalid, { path: place.path })
  })
  each(logDrivers, check, (text, place) => {
    if (!isDriverName(text)) check.problem(place, PolicyLogDriverInvalid, { path: place.path })
  })
  each(registries, check, (text, place) => {
    const parsed = parseRepositoryPrefix(text)
    if (Result.isFailure(parsed)) {
      check.problem(place, PolicyRegistryInvalid, { path: place.path, detail: parsed.failure })
    }
  })
  each(runtimes, check, (text, place) => {
    if (!isRuntimeName(text)) check.problem(place, PolicyRuntimeInvalid, { path: place.path })
  })
  each(secretProjects, check, (text, place) => {
    if (text !== own && !isProject(text)) check.problem(place, PolicyProjectInvalid, { path: place.path })
  })
  each(sysctls, check, (text, place) => {
    if (!isSysctlName(text.replace(/\*$/, "x"))) check.problem(place, PolicySysctlInvalid, { path: place.path })
  })
  each(volumes, check, (text, place) => {
    if (volumeTypes.includes(text)) return
    check.problem(place, PolicyVolumeInvalid, { path: place.path, suggestion: nearest(text, volumeTypes) })
  })
}

const each = (
  entries: ReadonlyArray<string> = [],
  check: EntryCheck,
  f: (entry: string, place: Place) => void
): void => {
  for (const [index, entry] of entries.entries()) {
    const place = check.at(entries, index)
    if (!place.invalid) f(entry, place)
  }
}

/** A plugin's is an image reference. */
const isDriverName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/.test(text)

const isRuntimeName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)

const isUsablePath = (text: string): boolean =>
  text.startsWith("/") && !text.split("/").includes("..") && !/[*?]/.test(text)

/** The keys of a volume's source. */
export const volumeTypes: ReadonlyArray<string> = Object.keys(VolumeSchema.fields).filter((key) => key !== "name")
