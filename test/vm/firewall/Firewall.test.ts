import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandError, ProgramFailed, ProgramMissing } from "../../../src/vm/host/CommandError.ts"
import { Firewall } from "../../../src/vm/firewall/Firewall.ts"
import { openScript } from "../../../src/vm/firewall/FirewallRules.ts"
import { type Answer, fakeCommands } from "../host/FakeCommands.ts"

const save4 = "iptables-save -t filter"
const save6 = "ip6tables-save -t filter"
const restore4 = "iptables-restore --noflush --wait 10"
const restore6 = "ip6tables-restore --noflush --wait 10"
const empty = { stdout: "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n" }
const missing = (program: string) => new CommandError({ reason: new ProgramMissing({ program, argumentCount: 2 }) })

const withFirewall = (script: Readonly<Record<string, Answer>>) => {
  const commands = fakeCommands(script)
  return { commands, layer: Firewall.layer.pipe(Layer.provide(commands.layer)) }
}

describe("Firewall", () => {
  it.effect("changes each family by one call, with its script on stdin", () => {
    const { commands, layer } = withFirewall({ [save4]: empty, [save6]: empty, [restore4]: {}, [restore6]: {} })
    return Effect.gen(function* () {
      const firewall = yield* Firewall
      yield* firewall.open
      const scripts = commands.ran.filter(({ program }) => program.endsWith("-restore"))
      assert.deepStrictEqual(Object.fromEntries(scripts.map(({ program, stdin }) => [program, stdin])), {
        "iptables-restore": openScript(empty.stdout, "ipv4"),
        "ip6tables-restore": openScript(empty.stdout, "ipv6")
      })
    }).pipe(Effect.provide(layer))
  })

  it.effect("closes nothing where nothing of ours is", () => {
    const { commands, layer } = withFirewall({ [save4]: empty, [save6]: empty })
    return Effect.gen(function* () {
      const firewall = yield* Firewall
      yield* firewall.close
      assert.deepStrictEqual(commands.lines().toSorted(), [save6, save4])
    }).pipe(Effect.provide(layer))
  })

  it.effect.each([
    missing("ip6tables-save"),
    {
      exitCode: 1,
      stderr: "ip6tables-save v1.8.9 (legacy): Cannot initialize: Address family not supported by protocol\n"
    },
    {
      exitCode: 3,
      stderr: "can't initialize ip6tables table `filter': Table does not exist (do you need to insmod?)\n"
    }
  ])("a host without a family is no error", (answer: Answer) => {
    const { commands, layer } = withFirewall({ [save4]: empty, [save6]: answer, [restore4]: {} })
    return Effect.gen(function* () {
      const firewall = yield* Firewall
      assert.deepStrictEqual(yield* firewall.observe, { ipv4: "Absent", ipv6: "Unavailable" })
      yield* firewall.open
      yield* firewall.close
      assert.strictEqual(commands.lines().filter((line) => line === restore4).length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("a firewall that may not be read is an error", () => {
    const stderr = "iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied\n"
    const { layer } = withFirewall({ [save4]: { exitCode: 4, stderr }, [save6]: empty })
    return Effect.gen(function* () {
      const firewall = yield* Firewall
      const error = yield* Effect.flip(firewall.observe)
      assert.strictEqual(error._tag, "FirewallFailed")
      assert.include(error.message, "Permission denied")
    }).pipe(Effect.provide(layer))
  })

  it.effect("so is one that cannot be changed, or whose program breaks", () => {
    const stderr = "iptables-restore v1.8.9 (nf_tables): line 2 failed\n"
    const refused = withFirewall({
      [save4]: empty,
      [save6]: missing("ip6tables-save"),
      [restore4]: { exitCode: 4, stderr }
    })
    const broken = withFirewall({
      [save4]: new CommandError({
        reason: new ProgramFailed({ program: "iptables-save", argumentCount: 2, detail: "EACCES" })
      }),
      [save6]: empty
    })
    return Effect.gen(function* () {
      const first = yield* Effect.flip(Effect.flatMap(Firewall, ({ open }) => open).pipe(Effect.provide(refused.layer)))
      assert.strictEqual(
        first.message,
        "open the firewall: iptables-restore v1.8.9 (nf_tables): line 2 failed (exit code 4)"
      )
      const second = yield* Effect.flip(
        Effect.flatMap(Firewall, ({ observe }) => observe).pipe(Effect.provide(broken.layer))
      )
      assert.strictEqual(second._tag, "CommandError")
    })
  })
})
