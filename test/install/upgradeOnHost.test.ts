import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { homedir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { HostFiles } from "../../src/vm/host/HostFiles.ts"
import { slipway } from "../cli/CommandLine.ts"

const isSkipped = spawnSync("curl", ["--version"]).status !== 0 && process.env["SLIPWAY_REQUIRE_ENGINE"] !== "1"

/** An executable that ends with this code as the unit's program; 0 is taken for one that runs. */
const executable = (version: string, code = 0) => `#!/bin/sh
case "$1" in
  --version) echo "slipway v${version}" ;;
  agent) exit ${code} ;;
esac
`

/** Of systemd, as much as there is to see: the unit runs what is in the executable's place when it is restarted. */
const systemctl = (directory: string) => `#!/bin/sh
cd ${directory}
case "$*" in
  *LoadState*slipway.service) printf 'LoadState=loaded\\nUnitFileState=enabled\\nFragmentPath=\\n' ;;
  *LoadState*) printf 'LoadState=not-found\\nUnitFileState=\\nFragmentPath=\\n' ;;
  *ActiveState*) cat state ;;
  "restart --no-block slipway.service")
    echo restart >>restarts
    code=0
    ./slipway agent || code=$?
    active=active
    [ "$code" = 0 ] || active=failed
    printf 'ActiveState=%s\\nSubState=x\\nResult=exit-code\\nExecMainStatus=%s\\nInvocationID=%s\\n' "$active" "$code" "$(wc -l <restarts)" >state
    ;;
  *) exit 1 ;;
esac
`

/** The command line on this machine, with a directory of its own and a server on loopback. */
const upgraded = Effect.fnUntraced(function* (served: string, expected = served) {
  // What is in a directory for temporary files cannot be installed.
  const directory = mkdtempSync(join(homedir(), ".slipway-upgrade-"))
  yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(directory, { recursive: true, force: true })))
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o755 })
  mkdirSync(join(directory, "programs"))
  write("programs/systemctl", systemctl(directory))
  write("slipway", executable("1"))
  write("state", "ActiveState=active\nSubState=running\nResult=success\nExecMainStatus=0\nInvocationID=0\n")
  write("restarts", "")
  const server = createServer((request, response) => {
    if (request.url === "/slipway") response.end(served)
    else response.writeHead(404).end()
  })
  yield* Effect.addFinalizer(() => Effect.promise(() => new Promise<void>((done) => server.close(() => done()))))
  server.listen(0, "127.0.0.1")
  yield* Effect.promise(() => once(server, "listening"))
  const PATH = `${join(directory, "programs")}:${process.env["PATH"]}`
  const layerHost = Layer.provideMerge(HostFiles.layer, CommandRunner.layer).pipe(
    Layer.provide(NodeServices.layer),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { PATH } })))
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slipway`
  const sha256 = createHash("sha256").update(expected).digest("hex")
  const run = yield* slipway(["install", "--url", url, "--sha256", sha256], {
    layerHost,
    program: [join(directory, "slipway")]
  })
  const read = (name: string) => readFileSync(join(directory, name), "utf8")
  return {
    ...run,
    slipway: read("slipway"),
    mode: statSync(join(directory, "slipway")).mode & 0o777,
    files: readdirSync(directory).toSorted(),
    state: read("state"),
    restarts: read("restarts").split("\n").length - 1
  }
})

describe.skipIf(isSkipped)("a newer executable, fetched from a server", () => {
  it.live("runs in the old one's place, which stays beside it", () =>
    Effect.gen(function* () {
      const run = yield* upgraded(executable("2"))
      assert.strictEqual(run.exitCode, 0, run.stderr)
      assert.match(run.stdout, /^fetched http:\S+: slipway v2\n/)
      // Its installation has said nothing, and so there is no line of it.
      assert.notInclude(run.stdout, "\n\n")
      assert.strictEqual(run.slipway, executable("2"))
      assert.strictEqual(run.mode, 0o755)
      assert.deepStrictEqual(run.files, ["programs", "restarts", "slipway", "slipway.old", "state"])
      assert.strictEqual(run.restarts, 1)
    }).pipe(Effect.scoped)
  )

  it.live("is taken back when its first run fails, and the unit runs the old one", () =>
    Effect.gen(function* () {
      const run = yield* upgraded(executable("2", 78))
      assert.strictEqual(run.exitCode, 1)
      assert.match(run.stderr, /the newer executable failed: it ended with exit code 78[^]*restarted, and is up/)
      assert.strictEqual(run.slipway, executable("1"))
      assert.match(run.state, /^ActiveState=active\n/)
      assert.deepStrictEqual(run.files, ["programs", "restarts", "slipway", "state"])
      assert.strictEqual(run.restarts, 2)
    }).pipe(Effect.scoped)
  )

  it.live("is not touched where it is not what it should be, or no program of this machine", () =>
    Effect.gen(function* () {
      for (const [served, expected, why] of [
        ["evil", executable("2"), /has the SHA-256/],
        ["\u007fELF of another machine", "\u007fELF of another machine", /does not run here/]
      ] as const) {
        const run = yield* upgraded(served, expected)
        assert.strictEqual(run.exitCode, 78)
        assert.match(run.stderr, why)
        assert.strictEqual(run.slipway, executable("1"))
        assert.deepStrictEqual(run.files, ["programs", "restarts", "slipway", "state"])
        assert.strictEqual(run.restarts, 0)
      }
    }).pipe(Effect.scoped)
  )
})
