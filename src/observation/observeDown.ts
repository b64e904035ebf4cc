import * as Effect from "effect/Effect"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { Firewall, type FirewallObservation } from "../vm/firewall/Firewall.ts"
import { EmptyDirFolder } from "../vm/host/EmptyDirFolder.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { Mounts } from "../vm/storage/Mounts.ts"
import { isActive, type Observation } from "./Observation.ts"
import { observeNetworks, readRestarting, readStopped, resolveMountRoot } from "./observe.ts"
import { inspectOurs } from "./observeContainers.ts"
import { tellBinds } from "./observeVolumes.ts"
import { filesFolder } from "./VolumeFiles.ts"

/** What is on the VM that is ours, whatever is declared. An `Observation` says it too. */
export interface DownObservation extends Pick<
  Observation,
  "containers" | "lost" | "restarting" | "stopped" | "mountRoot" | "mounts" | "networks" | "firewall"
> {
  readonly volumes: {
    readonly emptyDirs: { readonly found: ReadonlyArray<string> }
    readonly files: { readonly entries: ReadonlyArray<string> }
  }
}

/** Whether anything runs, or is to be started again by an agent once its back-off has passed. */
export const isToBeStopped = ({ containers, lost, restarting = [] }: DownObservation): boolean =>
  restarting.length > 0 || [...containers, ...lost].some(isActive)

const nothing: FirewallObservation = { ipv4: "Absent", ipv6: "Absent" }

/** Reads it. What is not to be removed is not looked for: then there are containers alone. */
export const observeDown = Effect.fn("observeDown")(function* (setting: string, remove: boolean) {
  const docker = yield* DockerClient
  const containers = docker.listContainers.pipe(
    attempt("LIST", "list containers"),
    // Which bare names konlet's containers have, a declaration alone would say.
    Effect.flatMap((all) => inspectOurs(all, [])),
    Effect.flatMap((ours) =>
      Effect.all(
        { restarting: readRestarting(ours.containers), stopped: readStopped(ours.containers) },
        { concurrency: 2 }
      ).pipe(Effect.map((records) => ({ ...ours, ...records })))
    )
  )
  if (!remove) {
    const observation: DownObservation = {
      ...(yield* containers),
      mountRoot: setting,
      mounts: [],
      networks: [],
      firewall: nothing,
      volumes: { emptyDirs: { found: [] }, files: { entries: [] } }
    }
    return observation
  }
  const [ours, networks, root, emptyDirs, firewall] = yield* Effect.all(
    [containers, observeNetworks, observeRoot(setting), observeEmptyDirs, observeFirewall],
    { concurrency: "unbounded" }
  )
  const { entries, ...mounted } = root
  const observation: DownObservation = {
    ...ours,
    ...mounted,
    networks,
    firewall,
    volumes: { emptyDirs: { found: emptyDirs }, files: { entries } }
  }
  return observation
})

const observeRoot = Effect.fnUntraced(function* (setting: string) {
  const mounts = yield* Mounts
  const files = yield* HostFiles
  const mountRoot = yield* resolveMountRoot(setting)
  const table = yield* mounts.table.pipe(attempt("LIST", "read the mount table"))
  const entries = yield* files.list(filesFolder(mountRoot)).pipe(withDeadline("FILE", "list the files of volumes"))
  return { mountRoot, mounts: yield* tellBinds(table, mountRoot), entries: entries.toSorted() }
})

const observeEmptyDirs = Effect.gen(function* () {
  const folder = yield* EmptyDirFolder
  const { seed } = yield* HostRandom
  return yield* folder.observe(seed).pipe(withDeadline("FILE", "list the directories of emptyDir volumes"))
})

/** A host that has no firewall to read has no rules of ours. */
const observeFirewall = Effect.gen(function* () {
  const firewall = yield* Firewall
  return yield* firewall.observe.pipe(
    attempt("INSPECT", "inspect the firewall"),
    Effect.orElseSucceed(() => nothing)
  )
})
