import { openIptables } from "./kinds.ts"

/** konlet's flags that are yes or no here too. */
const booleans: ReadonlySet<string> = new Set(["show-welcome", "detached"])
const values: ReadonlySet<string> = new Set(["token", "mounted-volumes-path-prefix", "host-proc-path"])

/** The booleans of Go's flag package. Source: strconv.ParseBool. */
const truths: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true])),
  ...Object.fromEntries(["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false]))
}

/**
 * Rewrites spellings that the command line's parser does not know. Everything else stays as it is.
 *
 * konlet's flags may have one dash, and `=true` or `=false`. `--open-iptables`, which was yes or no, is a choice: its
 * old spellings, `--no-open-iptables` too, are choices as well, and a choice may follow as a word of its own.
 */
export const normalizeFlags = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = args.indexOf("--")
  return end === -1 ? normalizeAll(args) : [...normalizeAll(args.slice(0, end)), ...args.slice(end)]
}

/** What stands before `--`: what follows it is no flag. */
const normalizeAll = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const normalized: Array<string> = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!
    const [, name, value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? []
    const next = args[index + 1]
    if (name === "open-iptables" && value === undefined && next !== undefined && choiceOf(next) !== undefined) {
      normalized.push(`--open-iptables=${choiceOf(next)}`)
      index++
    } else normalized.push(normalize(arg, name, value))
  }
  return normalized
}

const normalize = (arg: string, name: string | undefined, value: string | undefined): string => {
  if (name === "no-open-iptables" && value === undefined) return "--open-iptables=no"
  if (name === "open-iptables") {
    return value === undefined ? "--open-iptables" : `--open-iptables=${choiceOf(value) ?? value}`
  }
  if (name !== undefined && booleans.has(name)) {
    const truth = value === undefined ? true : truths[value]
    return truth === undefined ? `--${name}=${value}` : truth ? `--${name}` : `--no-${name}`
  }
  if (name !== undefined && values.has(name)) return value === undefined ? `--${name}` : `--${name}=${value}`
  return arg
}

/** The choice that a value of `--open-iptables` stands for. */
const choiceOf = (value: string): string | undefined => {
  const truth = truths[value]
  if (truth !== undefined) return truth ? "all" : "no"
  return openIptables.choices.find((choice) => choice === value)
}
