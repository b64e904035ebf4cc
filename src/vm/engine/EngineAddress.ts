import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isPrintable } from "../../text/printable.ts"

/** Where a Docker engine listens. */
export type EngineAddress =
  | { readonly _tag: "Socket"; readonly path: string }
  | { readonly _tag: "Tcp"; readonly host: string; readonly port: number }

/** The setting for the engine's address is invalid. */
export class EngineAddressInvalid extends Schema.TaggedError<EngineAddressInvalid>()("EngineAddressInvalid", {
  detail: Schema.String
}) {
  override get message() {
    return `DOCKER_HOST ${this.detail}`
  }
}

export const defaultEngineAddress: EngineAddress = { _tag: "Socket", path: "/var/run/docker.sock" }

/** Source: unix(7). */
const maximumPathBytes = 108

/** Source: RFC 1035. */
const maximumHostLength = 253

/**
 * `DOCKER_HOST` as the docker command reads it: `unix:///path`, `tcp://host:port`, also `http://host:port`. The failure
 * continues a sentence that begins with "DOCKER_HOST".
 */
export const parseEngineAddress = (text: string): Result.Result<EngineAddress, string> => {
  const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? []
  if (scheme === "unix" && rest !== undefined) {
    if (!rest.startsWith("/") || !isPrintable(rest)) {
      return Result.fail("must name an absolute path after unix://, as in unix:///var/run/docker.sock")
    }
    return new TextEncoder().encode(rest).length > maximumPathBytes
      ? Result.fail(`names a path that is longer than the ${maximumPathBytes} bytes of a socket's address`)
      : Result.succeed({ _tag: "Socket", path: rest })
  }
  if ((scheme === "tcp" || scheme === "http") && rest !== undefined) {
    const [, bracketed, plain, port] =
      /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s\p{C}:/?#@[\]]+))(?::(\d{1,5}))?\/?$/u.exec(rest) ?? []
    const host = bracketed ?? plain
    const number = port === undefined ? 2375 : Number(port)
    return host !== undefined && host.length <= maximumHostLength && number > 0 && number < 65536
      ? Result.succeed({ _tag: "Tcp", host, port: number })
      : Result.fail(`must name a host and a port after ${scheme}://, as in ${scheme}://127.0.0.1:2375`)
  }
  if (scheme === "ssh" || scheme === "https" || scheme === "fd" || scheme === "npipe") {
    return Result.fail(`uses ${scheme}://, which is not supported: use unix:// or tcp://`)
  }
  return Result.fail("must begin with unix:// or tcp://")
}

/** The address in `DOCKER_HOST`, or the default. */
export const configuredEngineAddress = Effect.gen(function* () {
  const text = yield* Config.String("DOCKER_HOST").pipe(Effect.orElseSucceed(() => ""))
  if (text === "") return defaultEngineAddress
  return yield* Effect.fromResult(
    Result.mapError(parseEngineAddress(text), (detail) => new EngineAddressInvalid({ detail }))
  )
})

/** The address as a value of `DOCKER_HOST`. */
export const formatEngineAddress = (address: EngineAddress): string =>
  address._tag === "Socket"
    ? `unix://${address.path}`
    : `tcp://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`
