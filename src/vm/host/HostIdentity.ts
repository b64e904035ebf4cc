import { createSocket } from "node:dgram"
import { hostname, networkInterfaces } from "node:os"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"
import { machineIdentity } from "./machineIdentity.ts"

/** What the host knows of itself, without any metadata server. */
export class HostIdentity extends Context.Service<
  HostIdentity,
  {
    readonly name: Effect.Effect<string>
    /** The IPv4 address from which it speaks to other hosts, else another of its own; `none` if it has only a loopback. */
    readonly address: Effect.Effect<Option.Option<string>>
    /** Tells this machine from others, and one cloned from it. */
    readonly machine: Effect.Effect<string, CommandError | HostFileFailed>
  }
>()("slipway/vm/HostIdentity") {
  static readonly layer = Layer.effect(
    HostIdentity,
    Effect.map(HostFiles, (files) =>
      HostIdentity.of({
        name: Effect.sync(hostname),
        address: Effect.orElseSucceed(Effect.asSome(sourceAddress), () => Option.fromUndefinedOr(ownAddress())),
        machine: machineIdentity(files)
      })
    )
  )
}

/**
 * An address that nobody has (RFC 5737). Connecting a UDP socket sends nothing: the kernel only chooses a route, and with
 * it the address to send from.
 */
const nobody = "192.0.2.1"

const sourceAddress = Effect.callback<string, void>((resume) => {
  const socket = createSocket("udp4")
  const end = (outcome: Effect.Effect<string, void>) => socket.close(() => resume(outcome))
  socket.once("error", () => end(Effect.fail(undefined)))
  socket.connect(9, nobody, () => end(Effect.succeed(socket.address().address)))
  return Effect.sync(() => socket.removeAllListeners())
})

const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address
