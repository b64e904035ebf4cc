import type { DeclaredContainer } from "../../workload/DeclaredWorkload.ts"
import type { SecurityContext } from "../../workload/SecurityContext.ts"

/** A container's rights in the words that Docker, Compose and Podman share. */
export interface EngineSecurity {
  /** `1000:1000` */
  readonly user: string | undefined
  readonly groups: ReadonlyArray<string>
  /** `CAP_NET_ADMIN`, or `ALL`. */
  readonly capAdd: ReadonlyArray<string>
  readonly capDrop: ReadonlyArray<string>
  readonly readOnly: boolean
  readonly noNewPrivileges: boolean
  /** `unconfined`, or the path of a profile. */
  readonly seccomp: string | undefined
  /** `unconfined`, or the name of a profile. */
  readonly appArmor: string | undefined
  /** `user:user_u` */
  readonly labels: ReadonlyArray<string>
  readonly unmasked: boolean
}

/** Where an operator of Slipway puts profiles. */
const seccompFolder = "/var/lib/slipway/seccomp"

export const engineSecurity = ({ security = {} }: DeclaredContainer): EngineSecurity => {
  const { runAsUser: user, runAsGroup: group, supplementalGroups = [], capabilities } = security
  return {
    user: user === undefined ? undefined : group === undefined ? `${user}` : `${user}:${group}`,
    groups: [...new Set(supplementalGroups)].map(String),
    capAdd: capabilities?.add ?? [],
    capDrop: capabilities?.drop ?? [],
    readOnly: security.readOnlyRootFilesystem === true,
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    seccomp: seccompOf(security),
    appArmor: appArmorOf(security),
    labels: Object.entries(security.seLinuxOptions ?? {}).flatMap(([part, value]) =>
      value === "" ? [] : [`${part}:${value}`]
    ),
    unmasked: security.procMount !== undefined
  }
}

const seccompOf = ({ seccompProfile: profile }: SecurityContext): string | undefined =>
  profile && (profile._tag === "Unconfined" ? "unconfined" : `${seccompFolder}/${profile.path}`)

const appArmorOf = ({ appArmorProfile: profile }: SecurityContext): string | undefined => {
  if (profile === undefined || profile._tag === "RuntimeDefault") return undefined
  return profile._tag === "Unconfined" ? "unconfined" : profile.name
}

/** The same as options of security, as Docker and Compose have them. */
export const securityOptions = ({
  noNewPrivileges,
  seccomp,
  appArmor,
  labels,
  unmasked
}: EngineSecurity): ReadonlyArray<string> => [
  ...(noNewPrivileges ? ["no-new-privileges"] : []),
  ...(seccomp === undefined ? [] : [`seccomp=${seccomp}`]),
  ...(appArmor === undefined ? [] : [`apparmor=${appArmor}`]),
  ...labels.map((label) => `label=${label}`),
  ...(unmasked ? ["systempaths=unconfined"] : [])
]

/** In cpus, as engines' options have it: `0.5`. */
export const cpusOf = (millis: number | undefined): string | undefined =>
  millis === undefined ? undefined : String(millis / 1000)

export const enginePolicies = { Always: "always", OnFailure: "on-failure", Never: "no" } as const

export const enginePulls = { Always: "always", IfNotPresent: "missing", Never: "never" } as const
