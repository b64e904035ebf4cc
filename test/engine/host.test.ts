import { spawnSync } from "node:child_process"
import { describe } from "@effect/vitest"
import { TestClock } from "effect/testing"
import { firewallContract } from "../vm/FirewallContract.ts"
import { hostContract } from "../vm/HostContract.ts"
import { hostTest } from "../vm/HostFixture.ts"
import { layerRealHost } from "./RealHost.ts"

const options = { run: TestClock.withLive }

/** What keeps this machine from being the host; undefined where nothing does. */
const missing = (): string | undefined => {
  if (process.env["SLIPWAY_ENGINE_TESTS"] === "0") return "SLIPWAY_ENGINE_TESTS is 0"
  if (process.getuid?.() !== 0) return "they need root"
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` }
  const needs: ReadonlyArray<readonly [string, ...ReadonlyArray<string>]> = [
    ["losetup", "--find"],
    ["unshare", "--net", "true"],
    ["partx", "--version"],
    ["sfdisk", "--version"],
    ["debugfs", "-V"],
    ["mkfs.ext4", "-V"],
    ["mkfs.xfs", "-V"],
    ["iptables", "--version"]
  ]
  const failing = needs.find(([program, ...args]) => spawnSync(program, args, { env }).status !== 0)
  return failing === undefined ? undefined : `they need ${failing.join(" ")}`
}

const reason = process.env["SLIPWAY_REQUIRE_ENGINE"] === "1" ? undefined : missing()
if (reason !== undefined) process.stderr.write(`host tests skipped: ${reason}\n`)

describe.skipIf(reason !== undefined)("this machine", () => {
  hostContract("as a host", layerRealHost("default"), options)
  describe("with iptables-nft", () => firewallContract(hostTest(layerRealHost("nft"), options)))
  describe("with iptables-legacy", () => firewallContract(hostTest(layerRealHost("legacy"), options)))
})
