import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"

/** NVIDIA's GPUs of a host, and whether a container could be given them. */
export interface GpuObservation {
  /** How many GPUs the kernel's driver has. */
  readonly devices: number
  /**
   * Whether the host has the program that engines run to give a container its GPUs. An engine may not be configured for
   * it.
   */
  readonly hasHook: boolean
}

/** NVIDIA's GPUs of the host. */
export class Gpus extends Context.Service<
  Gpus,
  { readonly observe: Effect.Effect<GpuObservation, CommandError | HostFileFailed> }
>()("slipway/vm/Gpus") {
  static readonly layer = Layer.effect(
    Gpus,
    Effect.map(HostFiles, (files) => {
      const isThere = (path: string) => Effect.map(files.resolve(path), Option.isSome)
      const count = Effect.fnUntraced(function* () {
        for (let number = 0; number < maximumDevices; number++) {
          if (!(yield* isThere(`/dev/nvidia${number}`))) return number
        }
        return maximumDevices
      })
      const hasHook = Effect.map(Effect.forEach(hookPaths, isThere), (found) => found.includes(true))
      return Gpus.of({
        observe: Effect.map(Effect.all([count(), hasHook]), ([devices, hasHook]) => ({ devices, hasHook }))
      })
    })
  )
}

/** A machine has 16 at most. */
const maximumDevices = 32

/** The engine looks for it in its PATH. */
const hookPaths = ["/usr", "/usr/local"].map((prefix) => `${prefix}/bin/nvidia-container-runtime-hook`)
