import { assert, describe, it } from "@effect/vitest"
import { konletFlags, wordsOfExecStart } from "../../src/migration/konletFlags.ts"
import { konletRules } from "../../src/migration/konletRules.ts"
import { normalizeFlags } from "../../src/cli/settings/normalizeFlags.ts"

const flags = (...words: ReadonlyArray<string>) => {
  const { settings, hasToken } = konletFlags(words)
  return { settings: Object.fromEntries(settings), hasToken }
}

describe("konlet's flags", () => {
  it("are settings where they are not konlet's defaults, in either spelling", () => {
    for (const no of ["0", "f", "F", "FALSE", "false", "False"]) {
      assert.deepStrictEqual(flags(`-open-iptables=${no}`).settings, { SLIPWAY_OPEN_IPTABLES: "no" })
      assert.deepStrictEqual(flags(`--show-welcome=${no}`).settings, { SLIPWAY_SHOW_WELCOME: "no" })
      // Our own command line reads them in the same way.
      assert.deepStrictEqual(normalizeFlags([`-open-iptables=${no}`]), ["--open-iptables=no"])
    }
    assert.deepStrictEqual(flags("-open-iptables", "-show-welcome=true", "-detached=false").settings, {})
    // In Go a boolean's value is never a word of its own.
    assert.deepStrictEqual(flags("-open-iptables", "false").settings, {})
    for (const words of [["-mounted-volumes-path-prefix", "/data"], ["--mounted-volumes-path-prefix=/data"]]) {
      assert.deepStrictEqual(flags(...words).settings, { SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX: "/data" })
    }
    assert.deepStrictEqual(flags("-mounted-volumes-path-prefix=/mnt/disks/gce-containers-mounts").settings, {})
  })

  it("a token is known, and not kept", () => {
    assert.deepStrictEqual(flags("-token", "ya29.secret"), { settings: {}, hasToken: true })
    assert.deepStrictEqual(flags("-token=ya29.secret"), { settings: {}, hasToken: true })
    assert.isFalse(flags("-token=").hasToken)
    assert.isFalse(flags("-token", "").hasToken)
  })

  it("come from what systemd shows of ExecStart, also inside of docker run", () => {
    const shown =
      "ExecStart={ path=/usr/bin/docker ; argv[]=/usr/bin/docker run --rm --net=host gcr.io/gce-containers/konlet -open-iptables=false ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\n"
    assert.deepStrictEqual(konletFlags(wordsOfExecStart(shown)).settings, new Map([["SLIPWAY_OPEN_IPTABLES", "no"]]))
    assert.deepStrictEqual(wordsOfExecStart("ExecStart=\n"), [])
  })
})

describe("konlet's firewall rules", () => {
  it("are those that accept a whole protocol, and nobody else's", () => {
    const konlets = ["tcp", "udp", "icmp"].flatMap((protocol) =>
      ["INPUT", "FORWARD"].map((chain) => `-A ${chain} -p ${protocol} -j ACCEPT`)
    )
    const others = [
      ":INPUT DROP [0:0]",
      "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
      "-A INPUT -i lo -j ACCEPT",
      "-A OUTPUT -p tcp -j ACCEPT",
      "-A SLIPWAY -p tcp -j ACCEPT",
      "-A INPUT -j SLIPWAY"
    ]
    assert.strictEqual(konletRules(["*filter", ...others, ...konlets, ...konlets, "COMMIT"].join("\n")), 12)
    assert.strictEqual(konletRules(["*filter", ...others, "COMMIT"].join("\n")), 0)
    assert.strictEqual(konletRules("[5:300] -A INPUT -p tcp -j ACCEPT\n"), 1)
  })
})
