import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { HostFixture } from "../vm/host/HostContract.ts"
import { Vm } from "./Vm.ts"

/** The bundle, by the Node that runs the tests. */
const bundle = [process.execPath, fileURLToPath(new URL("../../dist/slipway.cjs", import.meta.url))] as const

/** What makes a run private to its test: the engine and metadata by environment, and places of its own. */
export const privateSettings = Effect.gen(function* () {
  const vm = yield* Vm
  const host = yield* HostFixture
  return {
    DOCKER_HOST: vm.engine.host,
    GCE_METADATA_HOST: vm.metadataHost,
    SLIPWAY_SECRET_MANAGER_URL: vm.secretManager.url,
    SLIPWAY_MOUNTED_VOLUMES_PATH_PREFIX: host.mountRoot,
    SLIPWAY_LOCK: host.lockPath,
    SLIPWAY_WELCOME_SCRIPT: host.scriptPath,
    SLIPWAY_STATE: host.statePath,
    // The firewall of the machine that runs the tests is not theirs.
    SLIPWAY_OPEN_IPTABLES: "false",
    SLIPWAY_CONFIRM: "500ms"
  }
})

/**
 * Runs the executable as a unit would: the engine and metadata by environment, all else private to the test. `onOutput` is
 * given what it has written to standard error so far, at first nothing, and how to send it a signal.
 */
export const slipway = Effect.fnUntraced(function* (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
  onOutput: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
  [program, ...before]: readonly [string, ...ReadonlyArray<string>] = bundle
) {
  const settings = yield* privateSettings
  return yield* Effect.promise(async () => {
    const child = spawn(program, [...before, ...args], {
      env: {
        PATH: process.env["PATH"],
        ...settings,
        ...env
      }
    })
    onOutput("", (signal) => child.kill(signal))
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (bytes) => (stdout += String(bytes)))
    child.stderr.on("data", (bytes) => {
      stderr += String(bytes)
      onOutput(stderr, (signal) => child.kill(signal))
    })
    const [exitCode] = await once(child, "close")
    return { exitCode: exitCode as number, stdout, stderr }
  })
})
