import type { ContainerPort } from "../../workload/Workload.ts"

/** The state of our rules, for one address family. */
export type FirewallState =
  /** Our chain accepts all tcp, udp and icmp, and both jumps to it are there. */
  | "Open"
  /** Our chain accepts these ports, and both jumps to it are there. */
  | { readonly _tag: "OpenPorts"; readonly ports: ReadonlyArray<FirewallPort> }
  /** Incomplete, or altered. */
  | "Partial"
  /** Nothing of ours. */
  | "Absent"
  /** The host lacks the family, or the program that manages it. */
  | "Unavailable"

export type AddressFamily = "ipv4" | "ipv6"

/** A port of the host, from 1 to 65535, that is open to the outside. */
export interface FirewallPort {
  readonly port: number
  readonly protocol: ContainerPort["protocol"]
}

/** What our chain is to accept: all tcp, udp and icmp, or a few ports. */
export type Accepted = "all" | ReadonlyArray<FirewallPort>

/** Each port once, in one order. */
export const distinctPorts = (ports: ReadonlyArray<FirewallPort>): ReadonlyArray<FirewallPort> =>
  [...new Map(ports.map(({ port, protocol }) => [`${protocol} ${port}`, { port, protocol }])).values()].toSorted(
    (a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol)
  )

/** Whether our rules accept just that. A family that the host lacks has nothing to open. */
export const isOpenFor = (state: FirewallState, accepted: Accepted): boolean => {
  if (state === "Unavailable") return true
  if (accepted === "all") return state === "Open"
  if (accepted.length === 0) return state === "Absent"
  return (
    typeof state === "object" && JSON.stringify(distinctPorts(state.ports)) === JSON.stringify(distinctPorts(accepted))
  )
}

/** Our chain in the filter table. */
export const chain = "SLIPWAY"

/** The built-in chains that jump to ours. */
const entryChains = ["INPUT", "FORWARD"] as const

/** The protocols that our chain accepts as a whole: iptables' names for them, and others that iptables-save may print. */
const protocols = (
  family: AddressFamily
): ReadonlyArray<readonly [name: string, ...aliases: ReadonlyArray<string>]> => [
  ["tcp", "6"],
  ["udp", "17"],
  family === "ipv4" ? ["icmp", "1"] : ["ipv6-icmp", "icmpv6", "58"]
]

/** The state of our chain and the jumps to it, from the output of iptables-save. */
export const firewallState = (saved: string, family: AddressFamily): Exclude<FirewallState, "Unavailable"> => {
  const { declared, rules } = parse(saved)
  const content = rules.filter((rule) => rule.chain === chain)
  const jumps = rules.filter(leadsToUs)
  if (!declared && jumps.length === 0) return "Absent"
  const isEntered =
    declared &&
    jumps.length === entryChains.length &&
    entryChains.every((entry) => jumps.some((rule) => rule.chain === entry && isPlainJump(rule)))
  if (!isEntered || content.length === 0) return "Partial"
  const wanted = protocols(family)
  const acceptsAll =
    content.length === wanted.length &&
    wanted.every((names, index) => {
      const words = content[index]?.words.join(" ")
      return names.some((name) => words === `-p ${name} -j ACCEPT`)
    })
  if (acceptsAll) return "Open"
  const ports = content.flatMap((rule) => acceptedPort(rule) ?? [])
  return ports.length === content.length ? { _tag: "OpenPorts", ports: distinctPorts(ports) } : "Partial"
}

/** A rule that accepts one port, and nothing less or more. */
const acceptedPort = ({ words }: Rule): FirewallPort | undefined => {
  const text = words.join(" ")
  const [, protocol, port] = /^-p (tcp|udp|sctp) -m \1 --dport ([1-9]\d{0,4}) -j ACCEPT$/.exec(text) ?? []
  return protocol === "tcp" || protocol === "udp" || protocol === "sctp" ? { port: Number(port), protocol } : undefined
}

const acceptRules = (accepted: Accepted, family: AddressFamily): ReadonlyArray<string> =>
  accepted === "all"
    ? protocols(family).map(([name]) => `-A ${chain} -p ${name} -j ACCEPT`)
    : distinctPorts(accepted).map(
        ({ port, protocol }) => `-A ${chain} -p ${protocol} -m ${protocol} --dport ${port} -j ACCEPT`
      )

/**
 * Input for `iptables-restore --noflush`: rewrites our chain, inserts missing jumps ahead of anything that may drop,
 * and deletes superfluous or conditional ones. Touches nothing else, and is idempotent.
 */
export const openScript = (saved: string, family: AddressFamily, accepted: Accepted = "all"): string => {
  const jumps = parse(saved).rules.filter(leadsToUs)
  const kept = entryChains.flatMap((entry) => {
    const first = jumps.find((rule) => rule.chain === entry && isPlainJump(rule))
    return first === undefined ? [] : [first]
  })
  return script([
    // Under --noflush this creates the chain, or empties it if it exists.
    `:${chain} - [0:0]`,
    ...acceptRules(accepted, family),
    // -D deletes the first matching rule, so a jump that stays may move; one remains.
    ...jumps.filter((rule) => !kept.includes(rule)).map(deletion),
    ...entryChains
      .filter((entry) => !kept.some((rule) => rule.chain === entry))
      .map((entry) => `-I ${entry} 1 -j ${chain}`)
  ])
}

/**
 * Input for `iptables-restore --noflush` that deletes our chain and every jump to it; undefined if there is nothing to
 * delete.
 */
export const closeScript = (saved: string): string | undefined => {
  const { declared, rules } = parse(saved)
  const jumps = rules.filter(leadsToUs)
  if (!declared && jumps.length === 0) return undefined
  return script([`:${chain} - [0:0]`, ...jumps.map(deletion), `-X ${chain}`])
}

const script = (lines: ReadonlyArray<string>): string => ["*filter", ...lines, "COMMIT", ""].join("\n")

interface Rule {
  readonly chain: string
  /** The rest of the line as printed, quoted as iptables-restore reads it. */
  readonly text: string
  readonly words: ReadonlyArray<string>
}

const deletion = (rule: Rule): string => `-D ${rule.chain} ${rule.text}`

/** It jumps to our chain from another, under whatever condition. */
const leadsToUs = (rule: Rule): boolean =>
  rule.chain !== chain &&
  rule.words.some((word, index) => word === chain && /^(-j|--jump|-g|--goto)$/.test(rule.words[index - 1] ?? ""))

const isPlainJump = ({ words }: Rule): boolean => words.length === 2 && words[0] === "-j" && words[1] === chain

/** Reads the filter table; skips other tables, comments, policies and counters (`-c`). */
const parse = (saved: string): { readonly declared: boolean; readonly rules: ReadonlyArray<Rule> } => {
  let table = "filter"
  let declared = false
  const rules: Array<Rule> = []
  for (const line of saved.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1).trim()
    if (table !== "filter") continue
    if (line.startsWith(`:${chain} `)) declared = true
    const [, chainName, text] = /^(?:\[\d+:\d+\] )?-A (\S+) (.*\S)\s*$/.exec(line) ?? []
    if (chainName !== undefined && text !== undefined) rules.push({ chain: chainName, text, words: words(text) })
  }
  return { declared, rules }
}

/**
 * Words as iptables-restore splits them: at white space outside quotes; a backslash escapes within quotes. An unclosed
 * quote extends to the end; searching for its end at every quote would take minutes for a long line.
 */
const words = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/"((?:[^"\\]|\\[^])*)(?:"|\\?$)|[^\s"]+/g)].map(([word, quoted]) =>
    // A quoted word is free text, never an option or a target.
    quoted === undefined ? word : `"${quoted}"`
  )
