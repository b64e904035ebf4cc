import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as PlatformError from "effect/PlatformError"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import * as TestConsole from "effect/testing/TestConsole"
import type { SignalListener } from "../../src/cli/runMain.ts"
import { runCli } from "../../src/cli/commands/slipway.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmServices } from "../../src/vm/VmServices.ts"
import type { VmDescription } from "../../src/simulation/VmDescription.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { Disks } from "../../src/vm/storage/Disks.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { Firewall } from "../../src/vm/firewall/Firewall.ts"
import { HostIdentity } from "../../src/vm/host/HostIdentity.ts"
import { Gpus } from "../../src/vm/host/Gpus.ts"
import { EmptyDirFolder } from "../../src/vm/host/EmptyDirFolder.ts"
import { TerminationMessages } from "../../src/vm/host/TerminationMessages.ts"
import { HostFiles } from "../../src/vm/host/HostFiles.ts"
import { HostRandom } from "../../src/vm/host/HostRandom.ts"
import { Processes } from "../../src/vm/host/Processes.ts"
import { ListeningPorts } from "../../src/vm/host/ListeningPorts.ts"
import { Lock } from "../../src/vm/host/Lock.ts"
import { MetadataProvider } from "../../src/vm/metadata/MetadataProvider.ts"
import { Mounts } from "../../src/vm/storage/Mounts.ts"
import { SecretManager } from "../../src/vm/secrets/SecretManager.ts"
import { Prober } from "../../src/vm/probes/Prober.ts"
import { SecurityProfiles } from "../../src/vm/host/SecurityProfiles.ts"
import { StateFolder } from "../../src/vm/host/StateFolder.ts"
import { StatusFile } from "../../src/vm/host/StatusFile.ts"
import type { HostSettings } from "../../src/vm/Vm.ts"
import { WelcomeScript } from "../../src/vm/host/WelcomeScript.ts"

/** What surrounds a run of the command line. What is left out is not there: using it fails loudly. */
export interface Surroundings {
  readonly files?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly isTerminal?: boolean
  readonly isJournal?: boolean
  /** In place of a simulated VM. */
  readonly layerVm?: (host: HostSettings) => Layer.Layer<VmServices>
  readonly program?: ReadonlyArray<string>
  readonly signalListeners?: Set<SignalListener>
  /** In place of none. */
  readonly layerHttp?: Layer.Layer<HttpClient.HttpClient>
  /** In place of none. */
  readonly layerHost?: Layer.Layer<CommandRunner | HostFiles>
}

export interface Run {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** Files that were written. */
  readonly files: Readonly<Record<string, string>>
  /** Lines that were written one over the other. */
  readonly rewritten: ReadonlyArray<string>
  /** What the VM's layers were built with; empty where they were not. */
  readonly hosts: ReadonlyArray<HostSettings>
}

/** Runs a command line on a VM. */
export const slipway = Effect.fnUntraced(function* (args: ReadonlyArray<string>, surroundings: Surroundings = {}) {
  const { files = {}, stdin, env = {}, isTerminal = false, isJournal = false } = surroundings
  const layerVm = surroundings.layerVm ?? (() => Layer.effectContext(Effect.die("this command needs no VM")))
  const layerHost = surroundings.layerHost ?? Layer.effectContext(Effect.die("this command runs no program"))
  const rewritten: Array<string> = []
  const hosts: Array<HostSettings> = []
  const made: Record<string, string> = {}
  const written = { stdout: "", stderr: "" }
  const system = Layer.mergeAll(
    FileSystem.layerNoop({
      writeFileString: (path, text) => Effect.sync(() => void (made[path] = text)),
      makeDirectory: () => Effect.void,
      remove: (path) => Effect.sync(() => void delete made[path]),
      stat: (path) =>
        files[path] === undefined
          ? Effect.fail(
              PlatformError.systemError({
                _tag: "NotFound",
                module: "FileSystem",
                method: "stat",
                pathOrDescriptor: path
              })
            )
          : Effect.succeed({ type: "File" } as FileSystem.File.Info),
      stream: (path) => {
        const text = files[path]
        return text === undefined
          ? Stream.fail(
              PlatformError.systemError({
                _tag: "NotFound",
                module: "FileSystem",
                method: "stream",
                pathOrDescriptor: path
              })
            )
          : Stream.make(new TextEncoder().encode(text))
      }
    }),
    Path.layer,
    Stdio.layerTest(stdin === undefined ? {} : { stdin: Stream.make(new TextEncoder().encode(stdin)) }),
    Layer.succeed(Terminal.Terminal, noTerminal),
    Layer.succeed(
      ChildProcessSpawner.ChildProcessSpawner,
      ChildProcessSpawner.make(() => Effect.die("no process is started here"))
    ),
    ConfigProvider.layer(ConfigProvider.fromEnvRecord(env, { preserveEmptyStrings: true })),
    // Of this run alone.
    Layer.fresh(TestConsole.layer)
  )
  return yield* Effect.gen(function* () {
    const exitCode = yield* runCli(args, {
      version: "1.2.3",
      platform: {
        layerVm: (host) => {
          hosts.push(host)
          return layerVm(host)
        },
        layerHost,
        layerHttp: surroundings.layerHttp ?? Layer.effectContext(Effect.die("this command asks nobody")),
        program: surroundings.program ?? ["/usr/local/bin/slipway"],
        isTerminal,
        isJournal,
        rewrite: isTerminal ? (line) => void rewritten.push(line) : undefined,
        write: (channel, bytes) => Effect.sync(() => void (written[channel] += new TextDecoder().decode(bytes))),
        signalListeners: surroundings.signalListeners ?? new Set()
      }
    })
    const run: Run = {
      exitCode,
      stdout: text(yield* TestConsole.logLines) + written.stdout,
      stderr: text(yield* TestConsole.errorLines) + written.stderr,
      files: made,
      rewritten,
      hosts
    }
    return run
  }).pipe(Effect.provide(system))
})

const notAsked = Effect.die("no terminal is asked here")
const noTerminal = Terminal.make({
  columns: notAsked,
  rows: notAsked,
  size: notAsked,
  readInput: notAsked,
  readLine: notAsked,
  display: () => notAsked
})

const text = (lines: ReadonlyArray<unknown>) => lines.map((line) => `${String(line)}\n`).join("")

/** Of what surrounds a test, the services of its VM alone: not its console. */
export const servicesOf = Context.pick(
  CommandRunner,
  Disks,
  DockerClient,
  EmptyDirFolder,
  TerminationMessages,
  Firewall,
  HostIdentity,
  HostFiles,
  HostRandom,
  Gpus,
  Processes,
  ListeningPorts,
  Lock,
  MetadataProvider,
  Mounts,
  SecretManager,
  Prober,
  SecurityProfiles,
  StateFolder,
  StatusFile,
  WelcomeScript
)

/** A VM on which several command lines run, one after the other: its services, and nothing else of what surrounds it. */
export const onVm = (description: VmDescription) =>
  Effect.context<VmServices | SimulatedVm>().pipe(
    Effect.map((context) =>
      Layer.succeedContext(Context.merge(servicesOf(context), Context.pick(SimulatedVm)(context)))
    ),
    Effect.provide(SimulatedVm.layer(description))
  )
