import { assert, describe, it } from "@effect/vitest"
import { translateKonletFlags } from "../../../src/cli/settings/translateKonletFlags.ts"

const becomes = (arg: string, expected: string) =>
  it(`${arg} becomes ${expected}`, () => assert.deepStrictEqual(translateKonletFlags([arg]), [expected]))

describe("translateKonletFlags", () => {
  becomes("-detached", "--detached")
  becomes("-detached=true", "--detached")
  becomes("-detached=false", "--no-detached")
  becomes("--show-welcome=false", "--no-show-welcome")
  becomes("-show-welcome=1", "--show-welcome")
  becomes("-open-iptables=F", "--no-open-iptables")
  becomes("--open-iptables=TRUE", "--open-iptables")
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
    assert.deepStrictEqual(translateKonletFlags(args), args)
  })

  it("takes a whole line of a konlet unit", () => {
    assert.deepStrictEqual(
      translateKonletFlags(["up", "-token", "t", "-show-welcome=true", "-open-iptables=false", "-detached=false"]),
      ["up", "--token", "t", "--show-welcome", "--no-open-iptables", "--no-detached"]
    )
  })
})
