import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import type { VmServices } from "../vm/VmServices.ts"
import type { CommandRunner } from "../vm/host/CommandRunner.ts"
import type { HostFiles } from "../vm/host/HostFiles.ts"
import type { HostSettings } from "../vm/Vm.ts"
import type { Failure } from "./output/Failure.ts"
import type { SignalListener } from "./runMain.ts"

/** What the commands run on: the real machine and process, given by the executable, or what a test puts in their place. */
export interface Platform<E extends Failure = never, R = never> {
  /** The VM's services. Built only when a command that needs them runs. */
  readonly layerVm: (host: HostSettings) => Layer.Layer<VmServices, E, R>
  /** The host's programs and files, for commands that need nothing else of the VM. */
  readonly layerHost: Layer.Layer<CommandRunner | HostFiles, E, R>
  /** Speaks to the collector of telemetry, if there is one. */
  readonly layerHttp: Layer.Layer<HttpClient.HttpClient>
  readonly version: string
  /** The words that execute this program, paths absolute: `["/usr/local/bin/slipway"]`. */
  readonly program: ReadonlyArray<string>
  readonly isTerminal: boolean
  /** Standard error is journald's. */
  readonly isJournal: boolean
  /** Replaces the last line; undefined where standard error is no terminal. */
  readonly rewrite: ((line: string) => void) | undefined
  readonly write: (channel: "stdout" | "stderr", bytes: Uint8Array) => Effect.Effect<void>
  /** Called for each signal that ends the program. */
  readonly signalListeners: Set<SignalListener>
  /** Called by the commands of which a VM runs one at each boot, beside its containers. */
  readonly memory?: { readonly save: () => void; readonly giveBack: () => void }
  /** Sets the exit code of a command that succeeds. */
  readonly exitWith: (code: number) => void
}
