import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { environmentPath, konletUnit } from "../install/unit.ts"
import { Systemd, SystemdFailed } from "../install/Systemd.ts"
import { isOurs, workloadLabel } from "../observation/Ownership.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { CommandRunner } from "../vm/host/CommandRunner.ts"
import { HostFiles } from "../vm/host/HostFiles.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { isBelow } from "../vm/storage/MountTable.ts"
import { Mounts } from "../vm/storage/Mounts.ts"
import { konletFlags, wordsOfExecStart } from "./konletFlags.ts"
import { konletRules } from "./konletRules.ts"
import type { KonletVm } from "./KonletVm.ts"

/** The settings that konlet's flags are for Slipway come first: they say where to look. */
export const observeUnits = Effect.gen(function* () {
  const systemd = yield* Systemd
  const runner = yield* CommandRunner
  const files = yield* HostFiles
  const installed = yield* systemd.observe
  const show = { program: "systemctl", args: ["show", "--property=ExecStart", "--", konletUnit] }
  const { stdout } = yield* runner.run(show).pipe(withDeadline("FILE", `look at ${konletUnit}`))
  const settings = yield* files
    .read(environmentPath)
    .pipe(Effect.mapError((error) => asSystemdFailed(`read ${environmentPath}`, error)))
  return {
    installed,
    flags: konletFlags(wordsOfExecStart(stdout)),
    settings: Option.getOrUndefined(settings)
  } satisfies Partial<KonletVm>
}).pipe(Effect.withSpan("observeUnits"))

const asSystemdFailed = <E extends { readonly _tag: string; readonly message: string }>(operation: string, error: E) =>
  new SystemdFailed({ operation, detail: error.message })

/** What konlet has left on the VM. `names` are those of the declared containers: its first versions used them bare. */
export const observeKonlet = Effect.fn("observeKonlet")(function* (
  units: Pick<KonletVm, "installed" | "flags" | "settings">,
  { names, mountRoot }: { readonly names: ReadonlyArray<string>; readonly mountRoot: string }
) {
  const docker = yield* DockerClient
  const mounts = yield* Mounts
  const runner = yield* CommandRunner
  const files = yield* HostFiles
  const metadata = yield* MetadataProvider
  const all = yield* docker.listContainers.pipe(attempt("LIST", "list containers"))
  const konlets = all.filter((container) => !(workloadLabel in container.labels) && isOurs(container, names))
  const containers = yield* Effect.forEach(konlets, ({ id, names: [name = id], status }) =>
    docker.inspectContainer(id).pipe(
      withDeadline("INSPECT", `inspect container ${name}`),
      Effect.orElseSucceed(() => Option.none()),
      Effect.map((found) => ({ name, status, image: Option.getOrUndefined(found)?.image }))
    )
  )
  const root = yield* mounts.resolve(mountRoot).pipe(withDeadline("MOUNT", "resolve the mount root"))
  const table = yield* mounts.table.pipe(withDeadline("MOUNT", "read the mount table"))
  // A host without iptables has no rules.
  const saved = yield* runner
    .run({ program: "iptables-save", args: ["-t", "filter"] })
    .pipe(
      withDeadline("FIREWALL", "read the firewall"),
      Effect.match({ onSuccess: ({ stdout }) => stdout, onFailure: () => "" })
    )
  const release = yield* files.read("/etc/os-release").pipe(Effect.orElseSucceed(() => Option.none<string>()))
  const [keys, instance] = yield* Effect.all([
    metadata.keys.pipe(
      withDeadline("METADATA", "list the keys of metadata"),
      Effect.orElseSucceed((): ReadonlyArray<string> => [])
    ),
    metadata.instanceName.pipe(
      withDeadline("METADATA", "read the instance's name"),
      Effect.orElseSucceed(() => Option.none<string>())
    )
  ])
  const vm: KonletVm = {
    ...units,
    containers,
    mounts: table
      .filter(({ target }) => isBelow(target, root))
      .map(({ source, target, type }) => ({ source, target, type })),
    rules: konletRules(saved),
    system: Option.exists(release, (text) => /^ID="?cos"?$/m.test(text)) ? "cos" : "other",
    instance: Option.getOrUndefined(instance),
    hasUserData: keys.includes("user-data")
  }
  return vm
})
