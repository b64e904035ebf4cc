import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { CommandRunner } from "./CommandRunner.ts"
import { HostFiles } from "./HostFiles.ts"
import { hostNamespace, namespaceToEnter } from "./HostNamespace.ts"
import { Processes } from "./Processes.ts"

/**
 * The host's programs, files and processes: used directly, or in the host's mount namespace if that is not ours.
 * `procPath` is where the host's /proc is; by default `/host_proc` if that exists (konlet's unit mounts it there), else
 * `/proc`.
 */
export const layerHost = (procPath?: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const [isMounted, ours] = yield* Effect.all(
        [
          Effect.orElseSucceed(files.exists("/host_proc"), () => false),
          Effect.option(files.readLink("/proc/self/ns/mnt"))
        ],
        { concurrency: "unbounded" }
      )
      const hostProc = procPath ?? (isMounted ? "/host_proc" : "/proc")
      const namespace = namespaceToEnter({
        procPath: hostProc,
        ours,
        hosts: yield* Effect.option(files.readLink(hostNamespace(hostProc)))
      })
      const programs = Option.isNone(namespace)
        ? Layer.provideMerge(HostFiles.layer, CommandRunner.layer)
        : HostFiles.layerCommands.pipe(
            Layer.provideMerge(CommandRunner.layerHost(hostProc)),
            Layer.provide(CommandRunner.layer)
          )
      return Layer.merge(programs, Processes.layer(hostProc))
    })
  )
