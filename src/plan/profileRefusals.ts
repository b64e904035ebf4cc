import type { Observation } from "../observation/Observation.ts"
import { named } from "../text/named.ts"
import type { SeccompProfileFound } from "../vm/host/SecurityProfiles.ts"
import { allContainers, type Container, type Workload } from "../workload/Workload.ts"
import { SeccompProfileUnusable, SecurityUnavailable } from "./ProfileRefused.ts"

/** Profiles that containers name and that cannot be used, of those that stay too: what they have now cannot be told. */
export const profileRefusals = (
  workload: Workload,
  observation: Observation
): ReadonlyArray<SeccompProfileUnusable | SecurityUnavailable> =>
  allContainers(workload).flatMap((container) => [
    ...seccompRefusals(container, observation),
    ...appArmorRefusals(container, observation)
  ])

const seccompRefusals = (
  { name: container, security }: Container,
  { engineFacts, profiles }: Observation
): ReadonlyArray<SeccompProfileUnusable | SecurityUnavailable> => {
  const profile = security?.seccompProfile
  if (profile?._tag !== "Localhost") return []
  if (engineFacts !== undefined && !hasOption(engineFacts.securityOptions, "seccomp")) {
    return [new SecurityUnavailable({ container, what: "seccomp" })]
  }
  const found = profiles?.seccomp.get(profile.path)
  if (found === undefined || found._tag === "Found") return []
  return [new SeccompProfileUnusable({ container, path: found.path, why: whyUnusable(found) })]
}

const whyUnusable = (found: Exclude<SeccompProfileFound, { readonly _tag: "Found" }>): string => {
  switch (found._tag) {
    case "Missing":
      return "there is no such file"
    case "Outside":
      return `it leads out of its folder, to ${found.target}`
    case "Invalid":
      return found.why
  }
}

/** As the kubelet does, what names a profile, the engine's included, is refused where there is no AppArmor. */
const appArmorRefusals = (
  { name: container, security }: Container,
  { engineFacts, profiles }: Observation
): ReadonlyArray<SecurityUnavailable> => {
  const profile = security?.appArmorProfile
  if (profile === undefined || profile._tag === "Unconfined") return []
  if (engineFacts !== undefined && !hasOption(engineFacts.securityOptions, "apparmor")) {
    return [new SecurityUnavailable({ container, what: "AppArmor" })]
  }
  if (profile._tag === "RuntimeDefault" || profiles?.appArmor?.has(profile.name) !== false) return []
  return [new SecurityUnavailable({ container, what: "AppArmor profile", profile: profile.name })]
}

/** `name=seccomp,profile=default` */
const hasOption = (options: ReadonlyArray<string>, name: string): boolean =>
  options.some((option) => option.split(",").includes(`name=${name}`))

/** Labels on a host that does not look at them. */
export const securityWarnings = (workload: Workload, { engineFacts }: Observation): ReadonlyArray<string> =>
  engineFacts === undefined || hasOption(engineFacts.securityOptions, "selinux")
    ? []
    : allContainers(workload).flatMap(({ name, security }) =>
        security?.seLinuxOptions === undefined
          ? []
          : [`seLinuxOptions of the container ${named(name)}have no effect: the engine does not use SELinux`]
      )
