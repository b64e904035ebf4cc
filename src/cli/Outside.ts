import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { VmServices } from "../vm/VmServices.ts"
import type { CommandRunner } from "../vm/host/CommandRunner.ts"
import type { HostFiles } from "../vm/host/HostFiles.ts"
import type { HostSettings } from "../vm/Vm.ts"
import type { Failure } from "./output/Failure.ts"
import type { SignalListener } from "./runMain.ts"

/** What the commands are given from outside: by the executable the real thing, by tests another. */
export interface Outside<E extends Failure = never, R = never> {
  /** The VM's services. Built only when a command that needs them runs. */
  readonly layerVm: (host: HostSettings) => Layer.Layer<VmServices, E, R>
  /** The host's programs and files, for commands that need nothing else of the VM. */
  readonly layerHost: Layer.Layer<CommandRunner | HostFiles, E, R>
  /** What this program is executed with: absolute paths, `["/usr/local/bin/slipway"]`. */
  readonly program: ReadonlyArray<string>
  readonly isTerminal: boolean
  /** Standard error is journald's. */
  readonly isJournal: boolean
  /** Writes a line over the last one; undefined where standard error is no terminal. */
  readonly rewrite: ((line: string) => void) | undefined
  readonly write: (channel: "stdout" | "stderr", bytes: Uint8Array) => Effect.Effect<void>
  /** Whoever is in it is told of each signal that ends the program. */
  readonly signalListeners: Set<SignalListener>
  /** The exit code of a command that has not failed. */
  readonly exitWith: (code: number) => void
}
