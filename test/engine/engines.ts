import { homedir } from "node:os"
import { join } from "node:path"

/** An engine that the tests can run on. */
export interface EngineKind {
  /** What `SLIPWAY_ENGINE` says to have the tests run on it. */
  readonly name: string
  readonly title: string
  /** Which of the engines that `scripts/engines/prepare.sh` prepares has its programs; without it the system's own. */
  readonly prepared: string | undefined
  readonly serves: "docker" | "podman"
  /** dockerd's configuration file. */
  readonly config: object
  readonly env: Readonly<Record<string, string>>
}

const docker = { prepared: undefined, serves: "docker", config: {}, env: {} } as const

/** Engine 29's default; 26.1 takes it from its configuration file only. */
const containerdStore = { features: { "containerd-snapshotter": true } }

export const engines: ReadonlyArray<EngineKind> = [
  { ...docker, name: "system", title: "the system's Docker" },
  { ...docker, name: "debian-13", title: "Docker of Debian 13", prepared: "debian-13" },
  {
    ...docker,
    name: "debian-13-containerd",
    title: "Docker of Debian 13, containerd image store",
    prepared: "debian-13",
    config: containerdStore
  },
  { ...docker, name: "debian-sid", title: "Docker of Debian sid", prepared: "debian-sid" },
  {
    ...docker,
    name: "debian-sid-api-1.44",
    title: "Docker of Debian sid, minimum API 1.44",
    prepared: "debian-sid",
    // As Engine 29 has it.
    env: { DOCKER_MIN_API_VERSION: "1.44" }
  },
  {
    ...docker,
    name: "debian-sid-containerd",
    title: "Docker of Debian sid, containerd image store",
    prepared: "debian-sid",
    config: containerdStore
  },
  { ...docker, name: "podman", title: "Podman of Debian sid", prepared: "podman", serves: "podman" }
]

/** The engine that `SLIPWAY_ENGINE` names; the system's Docker where it is not set. */
export const engineUnderTest = (): EngineKind => {
  const name = process.env["SLIPWAY_ENGINE"] ?? "system"
  const kind = engines.find((kind) => kind.name === name)
  if (kind === undefined) {
    throw new Error(`SLIPWAY_ENGINE is "${name}"; there are ${engines.map(({ name }) => name).join(", ")}`)
  }
  return kind
}

/** Where `scripts/engines/prepare.sh` has put the newer engines. */
export const enginesFolder = (): string =>
  process.env["SLIPWAY_ENGINES"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "slipway/engines")

/** PATH with the engine's programs first, its docker client among them: an older one lacks the API that it wants. */
export const searchPath = ({ prepared }: EngineKind): string => {
  const system = `${process.env["PATH"]}:/usr/sbin:/sbin`
  return prepared === undefined ? system : `${join(enginesFolder(), prepared, "bin")}:${system}`
}
