import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { EngineService } from "./dockerService.ts"
import { enginesFolder } from "./engines.ts"
import { unmountBelow } from "./unmountBelow.ts"

/** Podman's Docker API with everything that Podman has below one directory, and what the tests' machines bear. */
export const podmanService = (directory: string, socketPath: string): EngineService => {
  const bin = join(enginesFolder(), "podman/bin")
  const [home, temporary, run] = [join(directory, "home"), join(directory, "tmp"), join(directory, "run")]
  const file = (name: string, ...lines: ReadonlyArray<string>): string => {
    const path = join(directory, name)
    writeFileSync(path, `${lines.join("\n")}\n`)
    return path
  }
  mkdirSync(join(home, ".config/containers"), { recursive: true })
  file("home/.config/containers/policy.json", '{ "default": [{ "type": "insecureAcceptAnything" }] }')
  const env = {
    HOME: home,
    CONTAINERS_CONF: file(
      "containers.conf",
      "[network]",
      'network_backend = "netavark"',
      "[engine]",
      // No systemd, and so neither its cgroups nor its journal; crun refuses cgroups of both versions side by side.
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      'runtime = "runc"',
      `conmon_path = ["${bin}/conmon"]`,
      `helper_binaries_dir = ["${bin}"]`,
      `tmp_dir = "${temporary}"`,
      "[engine.runtimes]",
      `runc = ["${bin}/runc"]`
    ),
    CONTAINERS_STORAGE_CONF: file(
      "storage.conf",
      "[storage]",
      'driver = "overlay"',
      `graphroot = "${directory}/data"`,
      `runroot = "${run}"`
    ),
    // As Docker has it of itself: whatever is on loopback may speak plain http.
    CONTAINERS_REGISTRIES_CONF: file(
      "registries.conf",
      ...["127.0.0.1", "us-docker.pkg.dev"].map((location) => `[[registry]]\nlocation = "${location}"\ninsecure = true`)
    )
  }
  const podman = (...args: ReadonlyArray<string>) =>
    spawnSync("podman", args, { env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, ...env } })

  return {
    command: ["podman", "system", "service", "--time=0", `unix://${socketPath}`],
    env,
    // What podman-restart.service does at boot.
    started: () => void podman("start", "--all", "--filter", "restart-policy=always"),
    // Containers outlive the service, each with a conmon that would start it again. A machine that goes down leaves
    // nothing of either, and nothing in the folders that are a tmpfs.
    ended: () => {
      killConmons(directory)
      unmountBelow(directory)
      for (const folder of [run, temporary]) rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Ends the containers whose conmon works in the directory: first those that watch, then what they watch. */
const killConmons = (directory: string): void => {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      command: contentOf(`/proc/${name}/cmdline`),
      status: contentOf(`/proc/${name}/status`)
    }))
  const conmons = processes.filter(
    ({ command }) => command.split("\0", 1)[0]?.endsWith("/conmon") === true && command.includes(`${directory}/`)
  )
  const parents = new Set(conmons.map(({ pid }) => pid))
  const watched = processes.filter(({ status }) => parents.has(Number(/^PPid:\s*(\d+)/m.exec(status)?.[1])))
  for (const { pid } of [...conmons, ...watched]) {
    try {
      process.kill(pid, "SIGKILL")
    } catch {
      // It has ended.
    }
  }
}

/** Nothing of a process that has ended since it was listed. */
const contentOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
