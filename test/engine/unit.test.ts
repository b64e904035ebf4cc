import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { inject } from "vitest"
import { unitName, unitText } from "../../src/install/unit.ts"

describe.skipIf(inject("bench") === undefined)("the systemd unit", () => {
  it("is one that systemd-analyze finds nothing wrong with", () => {
    const directory = mkdtempSync(join(tmpdir(), "slipway unit $100%-"))
    try {
      const program = join(directory, "bin", "slipway")
      mkdirSync(join(directory, "bin"))
      writeFileSync(program, "#!/bin/sh\n")
      chmodSync(program, 0o755)
      const file = join(directory, unitName)
      const verify = (text: string) => {
        writeFileSync(file, text)
        const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" })
        return {
          status,
          ours: stderr.split("\n").filter((line) => line.includes("slipway") && !line.includes("docker"))
        }
      }
      for (const takeover of [undefined, "masked", "disabled"] as const) {
        assert.deepStrictEqual(verify(unitText([program], takeover)).ours, [])
      }
      // The check can fail.
      assert.isNotEmpty(verify(unitText([`${program}-missing`])).ours)
      assert.isNotEmpty(verify(unitText([program]).replace("oneshot", "onceshot")).ours)
      assert.match(execFileSync("systemd-analyze", ["--version"], { encoding: "utf8" }), /^systemd \d+/)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
