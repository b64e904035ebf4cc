/** The state of our rules, for one address family. */
export type FirewallState =
  /** Our chain and both jumps to it, as they should be. */
  | "Open"
  /** Incomplete, or altered. */
  | "Partial"
  /** Nothing of ours. */
  | "Absent"
  /** The host lacks the family, or the program that manages it. */
  | "Unavailable"

export type AddressFamily = "ipv4" | "ipv6"

/** Our chain in the filter table. */
export const chain = "SLIPWAY"

/** The built-in chains that jump to ours. */
const entryChains = ["INPUT", "FORWARD"] as const

/** What our chain accepts, as iptables names it, and under which names iptables-save may show it. */
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
  const wanted = protocols(family)
  const isWhole =
    declared &&
    content.length === wanted.length &&
    wanted.every((names, index) => {
      const words = content[index]?.words.join(" ")
      return names.some((name) => words === `-p ${name} -j ACCEPT`)
    }) &&
    jumps.length === entryChains.length &&
    entryChains.every((entry) => jumps.some((rule) => rule.chain === entry && isPlainJump(rule)))
  return isWhole ? "Open" : "Partial"
}

/**
 * Input for `iptables-restore --noflush`: rewrites our chain, inserts missing jumps ahead of anything that may drop,
 * and deletes superfluous or conditional ones. Touches nothing else, and is idempotent.
 */
export const openScript = (saved: string, family: AddressFamily): string => {
  const jumps = parse(saved).rules.filter(leadsToUs)
  const kept = entryChains.flatMap((entry) => {
    const first = jumps.find((rule) => rule.chain === entry && isPlainJump(rule))
    return first === undefined ? [] : [first]
  })
  return script([
    // Under --noflush this creates the chain, or empties it if it exists.
    `:${chain} - [0:0]`,
    ...protocols(family).map(([name]) => `-A ${chain} -p ${name} -j ACCEPT`),
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
