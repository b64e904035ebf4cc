import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import { Firewall } from "../../../src/vm/firewall/Firewall.ts"
import type { HostTest } from "../host/HostFixture.ts"

export const firewallContract = (test: HostTest) => {
  /** A rule that is not ours, such as an operator or the engine has made. */
  const foreignRule = "-A FORWARD -s 192.0.2.1/32 -j DROP"
  const save = Effect.gen(function* () {
    const runner = yield* CommandRunner
    const { stdout } = yield* runner.run({ program: "iptables-save", args: ["-t", "filter"] })
    return stdout.split("\n").filter((line) => line.startsWith("-A "))
  })
  const restore = Effect.fnUntraced(function* (rules: ReadonlyArray<string>) {
    const runner = yield* CommandRunner
    const stdin = ["*filter", ...rules, "COMMIT", ""].join("\n")
    const args = ["--noflush", "--wait", "10"]
    assert.strictEqual((yield* runner.run({ program: "iptables-restore", args, stdin })).exitCode, 0)
  })

  test(
    "opens before what drops, the same after any number of runs, and closes without a trace",
    Effect.gen(function* () {
      const firewall = yield* Firewall
      yield* restore([foreignRule])
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Absent", ipv6: "Absent" })
      const before = yield* save
      yield* firewall.open
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Open", ipv6: "Open" })
      const once = yield* save
      assert.deepStrictEqual(
        once.filter((line) => line.startsWith("-A FORWARD")),
        ["-A FORWARD -j SLIPWAY", foreignRule]
      )
      assert.strictEqual(once.length, before.length + 5)
      yield* firewall.open
      assert.deepStrictEqual(yield* save, once)
      yield* firewall.close
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Absent", ipv6: "Absent" })
      assert.deepStrictEqual(yield* save, before)
      yield* firewall.close
      assert.deepStrictEqual(yield* save, before)
    })
  )

  test(
    "opens ports alone, changes which, and closes without a trace",
    Effect.gen(function* () {
      const firewall = yield* Firewall
      const both = <A>(state: A) => ({ ipv4: state, ipv6: state })
      const before = yield* save
      const web = { port: 80, protocol: "tcp" } as const
      const dns = { port: 53, protocol: "udp" } as const
      yield* firewall.openPorts([web, dns, web])
      assert.deepStrictEqual(yield* firewall.observe, both({ _tag: "OpenPorts", ports: [dns, web] } as const))
      const once = yield* save
      assert.strictEqual(once.length, before.length + 4)
      yield* firewall.openPorts([dns, web])
      assert.deepStrictEqual(yield* save, once)
      yield* firewall.openPorts([{ port: 65_535, protocol: "sctp" }])
      assert.deepStrictEqual(
        (yield* save).filter((line) => line.startsWith("-A SLIPWAY")),
        ["-A SLIPWAY -p sctp -m sctp --dport 65535 -j ACCEPT"]
      )
      yield* firewall.open
      assert.deepStrictEqual(yield* firewall.observe, both("Open" as const))
      yield* firewall.openPorts([web])
      yield* restore(["-A SLIPWAY -p tcp -m tcp --dport 8080 -s 192.0.2.1/32 -j ACCEPT"])
      assert.deepStrictEqual((yield* firewall.observe).ipv4, "Partial")
      yield* firewall.openPorts([])
      assert.deepStrictEqual(yield* firewall.observe, both("Absent" as const))
      assert.deepStrictEqual(yield* save, before)
    })
  )

  test(
    "rules of ours that were altered are seen, and made right",
    Effect.gen(function* () {
      const firewall = yield* Firewall
      yield* firewall.open
      const right = yield* save
      yield* restore(["-D INPUT -j SLIPWAY", "-A SLIPWAY -s 192.0.2.1/32 -j DROP"])
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Partial", ipv6: "Open" })
      yield* firewall.open
      assert.deepStrictEqual(yield* save, right)
      yield* firewall.close
    })
  )
}
