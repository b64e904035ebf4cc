import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommandError } from "./CommandError.ts"
import type { HostFileFailed, HostFiles } from "./HostFiles.ts"

/** Where the firmware has the machine's identity: a VM made from another's disk has its own. */
export const firmwareIdentityPath = "/sys/class/dmi/id/product_uuid"

/** Tells this machine from others, whatever was booted on it. Without the firmware's identity the host's name must do. */
export const machineIdentity = (
  files: HostFiles["Service"],
  path: string = firmwareIdentityPath
): Effect.Effect<string, CommandError | HostFileFailed> =>
  files.read(path).pipe(
    Effect.flatMap(Option.match({ onNone: () => files.read("/proc/sys/kernel/hostname"), onSome: Effect.succeedSome })),
    Effect.map((found) => Option.getOrElse(found, () => "").trim())
  )
