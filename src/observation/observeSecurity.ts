import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { attempt } from "../timing/Retries.ts"
import { type SeccompProfileFound, SecurityProfiles } from "../vm/host/SecurityProfiles.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"

/** The host's profiles that a workload names. */
export interface ProfilesObservation {
  /** By path, each that is declared. */
  readonly seccomp: ReadonlyMap<string, SeccompProfileFound>
  /** The AppArmor profiles that the kernel has; undefined if none is declared, or the kernel does not tell. */
  readonly appArmor: ReadonlySet<string> | undefined
}

/** Reads the host's profiles, only where a container is to have one. */
export const observeProfiles = Effect.fnUntraced(function* (workload: Workload) {
  const contexts = allContainers(workload).flatMap(({ security }) => security ?? [])
  const paths = new Set(
    contexts.flatMap(({ seccompProfile }) => (seccompProfile?._tag === "Localhost" ? [seccompProfile.path] : []))
  )
  const hasAppArmor = contexts.some(({ appArmorProfile }) => appArmorProfile?._tag === "Localhost")
  if (paths.size === 0 && !hasAppArmor) return {}
  const profiles = yield* SecurityProfiles
  const found = yield* Effect.forEach(paths, (path) =>
    Effect.map(
      profiles.seccomp(path).pipe(attempt("INSPECT", `read the seccomp profile ${path}`)),
      (profile) => [path, profile] as const
    )
  )
  const appArmor = hasAppArmor ? yield* profiles.appArmor : Option.none()
  const observation: ProfilesObservation = {
    seccomp: new Map(found),
    appArmor: Option.getOrUndefined(Option.map(appArmor, (names) => new Set(names)))
  }
  return { profiles: observation }
})

/** Whether the engine has to be asked what its machine has. */
export const needsSecurityFacts = (workload: Workload): boolean =>
  allContainers(workload).some(
    ({ security }) =>
      security?.appArmorProfile !== undefined ||
      security?.seLinuxOptions !== undefined ||
      security?.seccompProfile?._tag === "Localhost"
  )
