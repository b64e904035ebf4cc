const booleans: ReadonlySet<string> = new Set(["show-welcome", "open-iptables", "detached"])
const values: ReadonlySet<string> = new Set(["token", "mounted-volumes-path-prefix", "host-proc-path"])

/** The booleans of Go's flag package. Source: strconv.ParseBool. */
const truths: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true])),
  ...Object.fromEntries(["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false]))
}

/** Rewrites konlet's spelling of flags (one dash, `=true` or `=false`) as ours. Everything else stays as it is. */
export const translateKonletFlags = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.map((arg) => {
    const [, name, value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? []
    if (name === undefined) return arg
    if (booleans.has(name)) {
      const truth = value === undefined ? true : truths[value]
      return truth === undefined ? `--${name}=${value}` : truth ? `--${name}` : `--no-${name}`
    }
    return values.has(name) ? (value === undefined ? `--${name}` : `--${name}=${value}`) : arg
  })
