/** The filter table of one address family, as iptables keeps it. */
export class SimulatedFirewall {
  private chains = new Map<string, { readonly policy: string; rules: Array<string> }>()

  constructor() {
    this.clear()
  }

  /** As after a boot. */
  clear(): void {
    this.chains = new Map(["INPUT", "FORWARD", "OUTPUT"].map((name) => [name, { policy: "ACCEPT", rules: [] }]))
  }

  /** As `iptables-save -t filter` prints it. */
  save(): string {
    const chains = [...this.chains]
    return [
      "*filter",
      ...chains.map(([name, { policy }]) => `:${name} ${policy} [0:0]`),
      ...chains.flatMap(([name, { rules }]) => rules.map((rule) => `-A ${name} ${rule}`)),
      "COMMIT",
      ""
    ].join("\n")
  }

  /** As `iptables-restore --noflush`: all or nothing. Returns an error message, if any. */
  restore(script: string): string | undefined {
    const next = new Map([...this.chains].map(([name, { policy, rules }]) => [name, { policy, rules: [...rules] }]))
    for (const [index, line] of script.split("\n").entries()) {
      if (line === "" || line === "COMMIT" || line === "*filter") continue
      const failed = apply(next, line)
      if (failed !== undefined) return `iptables-restore: line ${index + 1} failed: ${failed}`
    }
    this.chains = next
    return undefined
  }
}

const apply = (
  chains: Map<string, { readonly policy: string; rules: Array<string> }>,
  line: string
): string | undefined => {
  const declared = /^:(\S+) (\S+)/.exec(line)
  if (declared !== null) {
    const [, name = "", policy = "-"] = declared
    chains.set(name, { policy: chains.get(name)?.policy ?? policy, rules: [] })
    return undefined
  }
  const [, verb, name = "", rest = ""] = /^-([AIDX]) (\S+) ?(.*)$/.exec(line) ?? []
  const chain = chains.get(name)
  if (verb === undefined || chain === undefined) return `no chain by that name: ${name}`
  if (verb === "A") chain.rules.push(rest)
  if (verb === "I") {
    const [, at = "1", rule = rest] = /^(\d+) (.*)$/.exec(rest) ?? []
    chain.rules.splice(Number(at) - 1, 0, rule)
  }
  if (verb === "D") {
    const index = chain.rules.indexOf(rest)
    if (index === -1) return "no such rule"
    chain.rules.splice(index, 1)
  }
  if (verb === "X") {
    const used = [...chains.values()].some(({ rules }) => rules.some((rule) => rule.endsWith(`-j ${name}`)))
    if (used || chain.rules.length > 0) return "the chain is in use"
    chains.delete(name)
  }
  return undefined
}
