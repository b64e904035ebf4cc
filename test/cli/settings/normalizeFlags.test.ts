import { assert, describe, it } from "@effect/vitest"
import { normalizeFlags } from "../../../src/cli/settings/normalizeFlags.ts"

const becomes = (arg: string, expected: string) =>
  it(`${arg} becomes ${expected}`, () => assert.deepStrictEqual(normalizeFlags([arg]), [expected]))

describe("normalizeFlags", () => {
  becomes("-detached", "--detached")
  becomes("-detached=true", "--detached")
  becomes("-detached=false", "--no-detached")
  becomes("--show-welcome=false", "--no-show-welcome")
  becomes("-show-welcome=1", "--show-welcome")
  becomes("-detached=F", "--no-detached")
  becomes("-show-welcome=TRUE", "--show-welcome")

  becomes("-open-iptables", "--open-iptables")
  becomes("-open-iptables=true", "--open-iptables=all")
  becomes("-open-iptables=F", "--open-iptables=no")
  becomes("--open-iptables=TRUE", "--open-iptables=all")
  becomes("--open-iptables=declared", "--open-iptables=declared")
  becomes("--no-open-iptables", "--open-iptables=no")
  // Not a choice: left for the command line to refuse.
  becomes("--open-iptables=some", "--open-iptables=some")
  // Neither true nor false: left for the command line to refuse.
  becomes("-detached=maybe", "--detached=maybe")
  becomes("-detached=", "--detached=")

  becomes("-token", "--token")
  becomes("-token=abc", "--token=abc")
  becomes("-token=", "--token=")
  becomes("-token=a=b\nc", "--token=a=b\nc")
  becomes("-mounted-volumes-path-prefix=/mnt/x", "--mounted-volumes-path-prefix=/mnt/x")
  becomes("-host-proc-path=/host_proc", "--host-proc-path=/host_proc")

  it("leaves all else as it is", () => {
    const args = ["up", "-", "--", "-h", "--no-detached", "--declaration", "a.yaml", "--log-level=debug", "-x=true", ""]
    assert.deepStrictEqual(normalizeFlags(args), args)
  })

  it("takes the choice that follows --open-iptables, and no other word", () => {
    assert.deepStrictEqual(normalizeFlags(["up", "--open-iptables", "declared"]), ["up", "--open-iptables=declared"])
    assert.deepStrictEqual(normalizeFlags(["up", "--open-iptables", "--retry"]), ["up", "--open-iptables", "--retry"])
    assert.deepStrictEqual(normalizeFlags(["up", "--open-iptables", "web"]), ["up", "--open-iptables", "web"])
  })

  it("takes a whole line of a konlet unit", () => {
    assert.deepStrictEqual(
      normalizeFlags(["up", "-token", "t", "-show-welcome=true", "-open-iptables=false", "-detached=false"]),
      ["up", "--token", "t", "--show-welcome", "--open-iptables=no", "--no-detached"]
    )
  })
})
