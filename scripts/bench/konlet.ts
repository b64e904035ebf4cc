import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { run, type Machine } from "./machine.ts"

/** konlet's program, built from its public source: `KONLET=FILE npm run bench` sets ours beside it. */
const binary = process.env["KONLET"]

/** Where konlet asks for metadata: by a name and at a port that are in its source. */
const metadataAddress = "127.80.80.80"

/** What the metadata server listens on. Only konlet needs more than a free port. */
export const metadataListener = binary === undefined ? undefined : { address: metadataAddress, port: 80 }

/**
 * konlet's source has the engine's socket and the metadata server's name in it. So that neither is changed on this machine,
 * everything runs once more in a mount namespace of its own.
 */
export const runApartForKonlet = (script: string): void => {
  if (binary === undefined || process.env["BENCH_APART"] !== undefined) return
  const { status } = spawnSync("unshare", ["--mount", "--propagation", "private", process.execPath, script], {
    stdio: "inherit",
    env: { ...process.env, BENCH_APART: "yes" }
  })
  process.exit(status ?? 1)
}

/** Its command line, with what our `env` says in flags; undefined where no binary is named. */
export const konletOn = (machine: Machine): ReadonlyArray<string> | undefined => {
  if (binary === undefined) return undefined
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-konlet-"))
  const hosts = join(directory, "hosts")
  writeFileSync(hosts, `127.0.0.1 localhost\n${metadataAddress} metadata.google.internal\n`)
  run("mount", "--bind", hosts, "/etc/hosts")
  rmSync(directory, { recursive: true })
  run("mount", "-t", "tmpfs", "tmpfs", "/run")
  symlinkSync(machine.engineSocket, "/run/docker.sock")
  return [
    binary,
    "-show-welcome=false",
    "-open-iptables=false",
    "-host-proc-path=",
    `-mounted-volumes-path-prefix=${machine.mountRoot}`
  ]
}
