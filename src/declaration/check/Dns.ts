import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import { checkIpAddress, type IpAddressInvalid } from "./IpAddress.ts"
import { isDnsName } from "../../workload/dnsName.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { nameServers, searchDomains } from "../schema/limits.ts"
import { position } from "../yaml/Position.ts"
import type { DnsSettings } from "../../workload/Workload.ts"

/** A DNS policy that does not exist. */
export class DnsPolicyInvalid extends Schema.TaggedError<DnsPolicyInvalid>()("DnsPolicyInvalid", {
  ...position,
  policy: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.policy}" is not a DNS policy`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write Default for the VM's name servers, or None for those of dnsConfig alone.")
  }
}

const mistakes = {
  "no name server": ["dnsPolicy None needs a name server", 'Name one in "dnsConfig:", "nameservers:".'],
  "too many name servers": ["dnsConfig names more than 3 name servers", "Keep three: a resolver uses no more."],
  "too many searches": ["dnsConfig names more than 32 search domains", "Keep 32 of them."],
  "searches too long": ["dnsConfig's search domains are longer than 2048 characters together", "Shorten the list."],
  "search invalid": [
    "dnsConfig has a search domain that is none",
    "Use lower-case letters, digits, dashes and underscores, joined by single dots."
  ],
  "option invalid": [
    "an option of dnsConfig has no name, or white space in it",
    "Write it as {name: edns0}, or as {name: ndots, value: 2}."
  ]
} as const

/** Something about `dnsConfig` that a resolver could not use. */
export class DnsConfigInvalid extends Schema.TaggedError<DnsConfigInvalid>()("DnsConfigInvalid", {
  ...position,
  why: Schema.Literals(Object.keys(mistakes) as ReadonlyArray<keyof typeof mistakes>)
}) {
  override get message(): string {
    return mistakes[this.why][0]
  }
  get advice(): string {
    return mistakes[this.why][1]
  }
}

/** Kubernetes would ask the VM's name servers as well. */
export class NameServersReplaced extends Schema.TaggedClass<NameServersReplaced>()("NameServersReplaced", position) {
  get message(): string {
    return "the name servers of dnsConfig take the place of the VM's"
  }
  get advice(): string {
    return 'Write "dnsPolicy: None" if that is meant, or remove them.'
  }
}

/** Without a cluster, `ClusterFirst` and `ClusterFirstWithHostNet` come to `Default`: the VM's name servers. */
const policies = ["Default", "None", "ClusterFirst", "ClusterFirstWithHostNet"]

/** As glibc's resolver. */
const maximumSearchesLength = 2048

/** Checks `dnsPolicy` and `dnsConfig`. What is left empty is the VM's. */
export const checkDns = (
  spec: DeclaredSpec,
  check: Check<DnsPolicyInvalid | DnsConfigInvalid | IpAddressInvalid, NameServersReplaced>
): DnsSettings => {
  const { dnsConfig, dnsPolicy = "Default" } = spec
  const { nameservers, searches, options } = dnsConfig
  const policy = check.at(spec, "dnsPolicy")
  const servers = check.at(dnsConfig, "nameservers")
  if (!policy.invalid && !policies.includes(dnsPolicy)) {
    check.slip(policy, DnsPolicyInvalid, {
      policy: check.quote(spec, "dnsPolicy"),
      suggestion: nearest(dnsPolicy, policies)
    })
  }
  if (dnsPolicy === "None" && nameservers.length === 0 && !servers.invalid) {
    check.slip(policy, DnsConfigInvalid, { why: "no name server" })
  }
  if (nameservers.length > nameServers.maxItems) check.slip(servers, DnsConfigInvalid, { why: "too many name servers" })
  if (searches.length > searchDomains.maxItems) {
    check.slip(check.at(dnsConfig, "searches"), DnsConfigInvalid, { why: "too many searches" })
  } else if (searches.join(" ").length > maximumSearchesLength) {
    check.slip(check.at(dnsConfig, "searches"), DnsConfigInvalid, { why: "searches too long" })
  }
  const addresses = nameservers.filter((_, index) => checkIpAddress(nameservers, index, check))
  const domains = searches.filter((search, index) => {
    const place = check.at(searches, index)
    // With a dot at its end a name is complete; alone it is the root. Unlike other names it may have underscores.
    const isDomain = search === "." || isDnsName(search.replace(/\.$/, "").replaceAll("_", "0"))
    if (!place.invalid && !isDomain) check.slip(place, DnsConfigInvalid, { why: "search invalid" })
    return isDomain
  })
  const words = options.filter((option, index) => {
    const place = check.at(options, index)
    const isWord = option.name !== "" && !/\s/.test(option.name + option.value)
    const isReported = place.invalid || check.at(option, "name").invalid
    if (!isWord && !isReported) check.slip(place, DnsConfigInvalid, { why: "option invalid" })
    return isWord
  })
  if (nameservers.length > 0 && dnsPolicy !== "None" && spec.hostNetwork === false) {
    check.warning(servers, NameServersReplaced, {})
  }
  return {
    nameservers: addresses,
    searches: domains,
    options: words.map(({ name, value }) => (value === "" ? name : `${name}:${value}`))
  }
}
