import { writeFileSync } from "node:fs"
import { join } from "node:path"

/** How to run an engine that has everything of its own below one directory. */
export interface EngineService {
  readonly command: readonly [program: string, ...args: ReadonlyArray<string>]
  readonly env: Readonly<Record<string, string>>
  /** What a boot does once the engine answers, where the engine does not do so itself. */
  readonly started: () => void
  /** What is left to be done when its process has ended, so that everything is as after a shutdown. */
  readonly ended: () => void
}

/** dockerd, with no network to configure: containers share the host's. */
export const dockerService = (directory: string, socketPath: string, config: object): EngineService => {
  const configPath = join(directory, "daemon.json")
  writeFileSync(configPath, JSON.stringify(config))
  return {
    command: [
      "dockerd",
      `--config-file=${configPath}`,
      `--data-root=${join(directory, "data")}`,
      `--exec-root=${join(directory, "exec")}`,
      `--host=unix://${socketPath}`,
      `--pidfile=${join(directory, "pid")}`,
      "--bridge=none",
      "--iptables=false",
      "--insecure-registry=us-docker.pkg.dev"
    ],
    env: {},
    started: () => {},
    ended: () => {}
  }
}
