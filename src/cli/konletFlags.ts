const booleans = ["show-welcome", "open-iptables", "detached"]
const values = ["token", "mounted-volumes-path-prefix", "host-proc-path"]

/**
 * konlet's flags as its units have them, with one dash and with `=true` or `=false`, in our own spelling. Everything else
 * stays as it is.
 */
export const fromKonletFlags = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.map((arg) => {
    const [, name, value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? []
    if (name === undefined) return arg
    if (booleans.includes(name)) {
      if (value === undefined || value === "true") return `--${name}`
      return value === "false" ? `--no-${name}` : arg
    }
    return values.includes(name) ? (value === undefined ? `--${name}` : `--${name}=${value}`) : arg
  })
