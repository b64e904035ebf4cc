import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, symlinkSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { inject } from "vitest"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { layerHost } from "../../src/vm/host/Host.ts"
import { Mounts } from "../../src/vm/storage/Mounts.ts"
import { firewallContract } from "../vm/firewall/FirewallContract.ts"
import { hostContract } from "../vm/host/HostContract.ts"
import { hostTest } from "../vm/host/HostFixture.ts"
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
// Without the bench, the set-up of all engine tests has said why.
if (reason !== undefined && inject("bench") !== undefined) process.stderr.write(`host tests skipped: ${reason}\n`)

describe.skipIf(reason !== undefined)("this machine", () => {
  hostContract("as a host", layerRealHost("default"), options)
  hostContract("as a host whose files are not ours", layerRealHost("default", "commands"), options)
  describe("with iptables-nft", () => firewallContract(hostTest(layerRealHost("nft"), options)))
  describe("with iptables-legacy", () => firewallContract(hostTest(layerRealHost("legacy"), options)))

  it.live("has its commands run in another mount namespace, where that is the host's", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const script = `mount -t tmpfs tmpfs ${directory} && echo ready && exec tail -f /dev/null`
      const host = yield* Effect.acquireRelease(
        Effect.sync(() => spawn("unshare", ["--mount", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] })),
        (host) => Effect.sync(() => void host.kill("SIGKILL"))
      )
      yield* Effect.promise(() => once(host.stdout, "data"))
      // As the host's /proc is seen in a container, with the host's first process in it.
      const procPath = yield* files.makeTempDirectoryScoped()
      mkdirSync(`${procPath}/1`)
      symlinkSync(`/proc/${host.pid}/ns`, `${procPath}/1/ns`)

      const mountsOf = (hostProc?: string) =>
        Effect.flatMap(Mounts, ({ table }) => table).pipe(
          Effect.map((table) => table.filter(({ target }) => target === directory).map(({ type }) => type)),
          Effect.provide(Mounts.layer.pipe(Layer.provide(layerHost(hostProc))))
        )
      assert.deepStrictEqual(yield* mountsOf(), [])
      assert.deepStrictEqual(yield* mountsOf(procPath), ["tmpfs"])

      const runner = yield* Effect.provide(CommandRunner, layerHost(procPath))
      const error = yield* Effect.flip(runner.run({ program: "slipway-no-such-program", args: [] }))
      assert.strictEqual(error.reason._tag, "ProgramMissing")
      const { exitCode, stdout } = yield* runner.run({ program: "sh", args: ["-c", "cat; exit 7"], stdin: "in" })
      assert.deepStrictEqual([exitCode, stdout], [7, "in"])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
