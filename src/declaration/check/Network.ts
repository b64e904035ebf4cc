import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import { checkDns, type DnsConfigInvalid, type DnsPolicyInvalid, type NameServersReplaced } from "./Dns.ts"
import { isDnsLabel, isDnsName } from "../../workload/dnsName.ts"
import { checkIpAddress, type IpAddressInvalid } from "./IpAddress.ts"
import { position } from "../yaml/Position.ts"
import type { HostAlias, Network } from "../../workload/Workload.ts"

/** A host name that Kubernetes would refuse. */
export class HostNameInvalid extends Schema.TaggedError<HostNameInvalid>()("HostNameInvalid", {
  ...position,
  /** As in `spec.hostname`. */
  path: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return `${this.path} is not a host name: "${this.found}"`
  }
  get advice(): string {
    return this.path === "spec.hostname"
      ? "Use at most 63 lower-case letters, digits and dashes, and begin and end with a letter or a digit."
      : "Use lower-case letters, digits and dashes, joined by single dots."
  }
}

/** A field that only the Pod's own network has a use for. */
export class HostNetworkIgnores extends Schema.TaggedClass<HostNetworkIgnores>()("HostNetworkIgnores", {
  ...position,
  /** As in `spec.hostname`. */
  path: Schema.String
}) {
  get message(): string {
    return `${this.path} has no effect on the host's network`
  }
  get advice(): string {
    return 'Remove it, or give the Pod a network of its own by "hostNetwork: false" in "spec".'
  }
}

/** Which network the containers share. Unlike in Kubernetes, it is the host's if nothing is said: so it was with konlet. */
export const networkOf = (spec: DeclaredSpec, check: Check<never, never>): Network["_tag"] =>
  spec.hostNetwork === false && !check.at(spec, "hostNetwork").invalid ? "Pod" : "Host"

/** Checks host name, aliases and name servers, which only a network of the Pod's own has. */
export const checkNetwork = (
  spec: DeclaredSpec,
  check: Check<
    HostNameInvalid | IpAddressInvalid | DnsPolicyInvalid | DnsConfigInvalid,
    HostNetworkIgnores | NameServersReplaced
  >
): Network => {
  const network = networkOf(spec, check)
  const hostname = checkHostname(spec, check)
  const hostAliases = checkHostAliases(spec, check)
  const dns = checkDns(spec, check)
  if (network === "Pod") return { _tag: "Pod", hostname, hostAliases, dns }
  const { nameservers, searches, options } = dns
  const ignored = [
    ...(hostname === undefined ? [] : [check.at(spec, "hostname")]),
    ...(spec.hostAliases.length === 0 ? [] : [check.at(spec, "hostAliases")]),
    ...(nameservers.length + searches.length + options.length === 0 ? [] : [check.at(spec, "dnsConfig")])
  ]
  for (const place of ignored) check.warning(place, HostNetworkIgnores, { path: place.path })
  return { _tag: "Host" }
}

const checkHostname = (spec: DeclaredSpec, check: Check<HostNameInvalid, never>): string | undefined => {
  const place = check.at(spec, "hostname")
  if (place.invalid || spec.hostname === "") return undefined
  if (isDnsLabel(spec.hostname)) return spec.hostname
  check.slip(place, HostNameInvalid, { path: place.path, found: check.quote(spec, "hostname") })
  return undefined
}

const checkHostAliases = (
  { hostAliases }: DeclaredSpec,
  check: Check<HostNameInvalid | IpAddressInvalid, never>
): ReadonlyArray<HostAlias> =>
  hostAliases.flatMap((alias) => {
    const { ip, hostnames } = alias
    const isAddress = checkIpAddress(alias, "ip", check)
    const names = hostnames.filter((name, index) => {
      const place = check.at(hostnames, index)
      const isName = isDnsName(name)
      if (!isName && !place.invalid) {
        check.slip(place, HostNameInvalid, { path: place.path, found: check.quote(hostnames, index) })
      }
      return isName
    })
    return isAddress && names.length > 0 ? [{ ip, hostnames: names }] : []
  })
