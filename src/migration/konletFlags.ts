import { defaultMountRoot } from "../workload/mountRoot.ts"

/** konlet's flags in its unit, as settings of ours. */
export interface KonletFlags {
  /** Variables and their values, for those that are not as they are without a flag. */
  readonly settings: ReadonlyMap<string, string>
  /** It passes a token, which is not kept. */
  readonly hasToken: boolean
}

/** The booleans of Go's flag package that say no. Source: strconv.ParseBool. */
const isNo = (value: string): boolean => /^(?:0|f|F|FALSE|false|False)$/.test(value)

/**
 * Reads the words of konlet's ExecStart, or of the `docker run` that is in it. `-detached` and `-host-proc-path` are left
 * out: the first had no effect, the second was for its container.
 */
export const konletFlags = (words: ReadonlyArray<string>): KonletFlags => {
  const settings = new Map<string, string>()
  let hasToken = false
  for (const [index, word] of words.entries()) {
    const [, name, own] =
      /^--?(token|show-welcome|open-iptables|mounted-volumes-path-prefix)(?:=(.*))?$/s.exec(word) ?? []
    // A boolean's value is never a word of its own.
    const value = own ?? words[index + 1] ?? ""
    if (name === "token" && value !== "") hasToken = true
    if (name === "show-welcome" && own !== undefined && isNo(own)) settings.set("SLIPWAY_SHOW_WELCOME", "no")
    if (name === "open-iptables" && own !== undefined && isNo(own)) settings.set("SLIPWAY_OPEN_IPTABLES", "no")
    if (name === "mounted-volumes-path-prefix" && value.startsWith("/") && value !== defaultMountRoot) {
      settings.set("SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX", value)
    }
  }
  return { settings, hasToken }
}

/**
 * The words of a unit's ExecStart, from `systemctl show --property=ExecStart`. Words with spaces come apart: konlet's
 * flags have none. Source: systemd, src/shared/bus-print-properties.c.
 */
export const wordsOfExecStart = (shown: string): ReadonlyArray<string> => {
  const [, words = ""] = /argv\[\]=(.*?) ; ignore_errors=/s.exec(shown) ?? []
  return words.split(" ").filter((word) => word !== "")
}
