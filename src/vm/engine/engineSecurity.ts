import * as Schema from "effect/Schema"
import { capabilityOf } from "../../workload/capabilities.ts"
import type { SeLinuxOptions } from "../../workload/SecurityContext.ts"
import type { ContainerSecurity } from "./ContainerSecurity.ts"

/** A container's security, as the engine's API writes it in `HostConfig`. Its user is in `Config`. */
export const securityBody = (security: ContainerSecurity | undefined): object => {
  if (security === undefined) return {}
  const { supplementalGroups, capAdd, capDrop, readonlyRootfs, unmasked } = security
  const options = securityOptions(security)
  return {
    ...(supplementalGroups === undefined ? {} : { GroupAdd: supplementalGroups.map(String) }),
    ...(capAdd === undefined ? {} : { CapAdd: capAdd }),
    ...(capDrop === undefined ? {} : { CapDrop: capDrop }),
    ...(readonlyRootfs === undefined ? {} : { ReadonlyRootfs: true }),
    // Left out they are the engine's own.
    ...(unmasked === undefined ? {} : { MaskedPaths: [], ReadonlyPaths: [] }),
    ...(options.length === 0 ? {} : { SecurityOpt: options })
  }
}

const labelParts = ["user", "role", "type", "level"] as const

const securityOptions = ({ noNewPrivileges, seccomp, appArmor, seLinux }: ContainerSecurity): ReadonlyArray<string> => [
  ...(noNewPrivileges === undefined ? [] : ["no-new-privileges"]),
  ...(seccomp === undefined ? [] : [`seccomp=${seccomp}`]),
  ...(appArmor === undefined ? [] : [`apparmor=${appArmor}`]),
  ...labelParts.flatMap((part) => (seLinux?.[part] ? [`label=${part}:${seLinux[part]}`] : []))
]

const Strings = Schema.optional(Schema.NullOr(Schema.Array(Schema.String)))

/** The part of `HostConfig` that tells of it. */
export const securityFields = {
  GroupAdd: Strings,
  CapAdd: Strings,
  CapDrop: Strings,
  ReadonlyRootfs: Schema.optional(Schema.Boolean),
  SecurityOpt: Strings,
  MaskedPaths: Strings
}
const SecurityFields = Schema.Struct(securityFields)

/** What a container was created with, but for its user; undefined where there is nothing to tell. */
export const containerSecurity = (host: typeof SecurityFields.Type): Omit<ContainerSecurity, "user"> | undefined => {
  const supplementalGroups = (host.GroupAdd ?? []).flatMap((group) => (/^\d+$/.test(group) ? Number(group) : []))
  const capAdd = capabilities(host.CapAdd)
  const capDrop = capabilities(host.CapDrop)
  const options = host.SecurityOpt ?? []
  const seccomp = optionOf(options, "seccomp")
  const appArmor = optionOf(options, "apparmor")
  const seLinux = seLinuxOf(options)
  const security: ContainerSecurity = {
    ...(supplementalGroups.length === 0 ? {} : { supplementalGroups: supplementalGroups.toSorted(ascending) }),
    ...(capAdd.length === 0 ? {} : { capAdd }),
    ...(capDrop.length === 0 ? {} : { capDrop }),
    ...(host.ReadonlyRootfs === true ? { readonlyRootfs: true } : {}),
    ...(options.some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)) ? { noNewPrivileges: true } : {}),
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(appArmor === undefined ? {} : { appArmor }),
    ...(seLinux === undefined ? {} : { seLinux }),
    // Of a privileged container the engine tells none at all.
    ...(host.MaskedPaths?.length === 0 ? { unmasked: true } : {})
  }
  return Object.keys(security).length === 0 ? undefined : security
}

export const ascending = (one: number, other: number): number => one - other

const capabilities = (names: ReadonlyArray<string> | null | undefined): ReadonlyArray<string> =>
  (names ?? []).map((name) => capabilityOf(name) ?? name).toSorted()

/** The value of `name=value`, or of `name:value` as engines wrote it before. */
const optionOf = (options: ReadonlyArray<string>, name: string): string | undefined =>
  options.find((option) => option.startsWith(`${name}=`) || option.startsWith(`${name}:`))?.slice(name.length + 1)

/** `label=disable`, which the engine adds by itself where it sees no use for labels, is none. */
const seLinuxOf = (options: ReadonlyArray<string>): SeLinuxOptions | undefined => {
  const parts = labelParts.map((part) => {
    const start = `label=${part}:`
    return [part, options.find((option) => option.startsWith(start))?.slice(start.length) ?? ""] as const
  })
  return parts.every(([, value]) => value === "")
    ? undefined
    : (Object.fromEntries(parts) as Record<(typeof labelParts)[number], string>)
}
